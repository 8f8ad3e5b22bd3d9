from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "tenants.register"
    label = "register"
