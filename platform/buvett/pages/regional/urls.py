from django.urls import path

from buvett.pages.regional import regions

urlpatterns = [
    path("region/", regions.region_list, name="regions"),
    path("region/<slug:slug>/", regions.region, name="region"),
]
