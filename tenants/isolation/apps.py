from django.apps import AppConfig


class IsolationConfig(AppConfig):
    name = "tenants.isolation"
    label = "isolation"
    default_auto_field = "django.db.models.UUIDField"
