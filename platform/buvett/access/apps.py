from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "buvett.access"
    label = "access"
