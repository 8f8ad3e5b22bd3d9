from django.urls import path

from buvett.pages.delivery import counts

urlpatterns = [path("municipality/<slug:code>/counts/", counts.counts, name="counts")]
