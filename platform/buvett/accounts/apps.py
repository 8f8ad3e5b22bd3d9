from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "buvett.accounts"
    label = "accounts"
