from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "buvett.api"
    label = "api"
