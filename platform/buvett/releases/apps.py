from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "buvett.releases"
    label = "releases"
