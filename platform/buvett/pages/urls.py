from django.urls import include, path

urlpatterns = [
    path("", include("buvett.pages.accounts.urls")),
    path("", include("buvett.pages.register.urls")),
    path("", include("buvett.pages.holders.urls")),
    path("", include("buvett.pages.delivery.urls")),
    path("", include("buvett.pages.regional.urls")),
    path("", include("buvett.pages.plans.urls")),
    path("", include("buvett.pages.control.urls")),
    path("", include("buvett.pages.operations.urls")),
    path("", include("buvett.pages.help.urls")),
]
