from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "tenants.vault"
    label = "vault"
