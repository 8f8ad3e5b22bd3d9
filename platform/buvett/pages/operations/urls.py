from django.urls import path

from buvett.pages.operations import status

urlpatterns = [
    path("status/", status.status, name="status"),
    path("operations/", status.operations, name="operations"),
]
