from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from buvett.api import cases, plans, releases

urlpatterns = [
    path("releases", releases.ReleaseList.as_view(), name="api_releases"),
    path("releases/<uuid:release>", releases.ReleaseDetail.as_view(), name="api_release"),
    path("releases/<uuid:release>/tables/<slug:table>", releases.TableDetail.as_view(), name="api_table"),
    path("plans", plans.PlanList.as_view(), name="api_plans"),
    path("plans/<uuid:version>", plans.PlanDetail.as_view(), name="api_plan"),
    path("me/cases", cases.MyCases.as_view(), name="api_cases"),
    path(
        "openapi.json",
        SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="api_schema",
    ),
]
