from django.apps import AppConfig


class LegalConfig(AppConfig):
    name = "tenants.legal"
    label = "legal"
