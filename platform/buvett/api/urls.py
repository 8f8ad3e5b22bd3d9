from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from buvett.api import cases, releases

urlpatterns = [
    path("releases", releases.ReleaseList.as_view(), name="api_releases"),
    path("releases/<uuid:release>", releases.ReleaseDetail.as_view(), name="api_release"),
    path("releases/<uuid:release>/tables/<slug:table>", releases.TableDetail.as_view(), name="api_table"),
    path("me/cases", cases.MyCases.as_view(), name="api_cases"),
    path(
        "openapi.json",
        SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="api_schema",
    ),
]
