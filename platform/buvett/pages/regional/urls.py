from django.urls import path

from buvett.pages.regional import downloads, regions

urlpatterns = [
    path("region/", regions.region_list, name="regions"),
    path("region/<slug:slug>/", regions.region, name="region"),
    path("region/<slug:slug>/need/<slug:subject>/", regions.subject, name="subject"),
    path("region/<slug:slug>/completeness/", regions.completeness, name="completeness"),
    path("region/<slug:slug>/releases/", regions.release_list, name="releases"),
    path("region/<slug:slug>/releases/<uuid:release>/<slug:table>.csv", downloads.as_csv, name="table_csv"),
    path("region/<slug:slug>/releases/<uuid:release>/<slug:table>.json", downloads.as_json_stat, name="table_json"),
    path("region/<slug:slug>/releases/<uuid:release>/<slug:table>.xlsx", downloads.as_xlsx, name="table_xlsx"),
]
