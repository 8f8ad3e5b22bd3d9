from django.urls import path

from buvett.pages.holders import cases, people

OWN = "municipality/<slug:code>/access"

urlpatterns = [
    path(f"{OWN}/", people.overview, name="access"),
    path(f"{OWN}/nobody/", people.with_nobody, name="access_nobody"),
    path(f"{OWN}/<uuid:user>/", people.one_person, name="access_person"),
    path(f"{OWN}/case/<uuid:case>/", cases.one_case, name="access_case"),
]
