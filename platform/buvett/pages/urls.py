from django.urls import path

from buvett.pages import cases, counts, declarations, front, regions, status

urlpatterns = [
    path("", front.front, name="front"),
    path("sign-in/", front.sign_in, name="sign_in"),
    path("sign-in/demo/", front.sign_in_by_click, name="sign_in_by_click"),
    path("sign-out/", front.sign_out, name="sign_out"),
    path("role/", front.hat, name="hat"),
    path("language/<slug:language>/", front.language, name="language"),
    path("region/", regions.region_list, name="regions"),
    path("region/<slug:slug>/", regions.region, name="region"),
    path("cases/", cases.own_cases, name="own_cases"),
    path("municipality/<slug:code>/cases/", cases.case_list, name="cases"),
    path("municipality/<slug:code>/cases/<uuid:case>/", cases.case, name="case"),
    path("municipality/<slug:code>/declaration/", declarations.declaration, name="declaration"),
    path("municipality/<slug:code>/counts/", counts.counts, name="counts"),
    path("status/", status.status, name="status"),
]
