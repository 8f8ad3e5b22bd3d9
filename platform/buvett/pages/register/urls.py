from django.urls import path

from buvett.pages.register import cases

urlpatterns = [
    path("cases/", cases.own_cases, name="own_cases"),
    path("municipality/<slug:code>/cases/", cases.case_list, name="cases"),
    path("municipality/<slug:code>/cases/<uuid:case>/", cases.case, name="case"),
]
