from django.urls import include, path

urlpatterns = [
    path("", include("buvett.pages.urls")),
    path("api/v1/", include("buvett.api.urls")),
]
handler400 = "buvett.pages.errors.bad_request"
handler403 = "buvett.pages.errors.forbidden"
handler404 = "buvett.pages.errors.not_found"
handler500 = "buvett.pages.errors.server_error"
