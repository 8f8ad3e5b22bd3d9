from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "buvett.agreements"
    label = "agreements"
