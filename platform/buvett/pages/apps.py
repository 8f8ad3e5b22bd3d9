from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "buvett.pages"
    label = "pages"
