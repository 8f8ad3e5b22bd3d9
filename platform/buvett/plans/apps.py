from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "buvett.plans"
    label = "plans"
