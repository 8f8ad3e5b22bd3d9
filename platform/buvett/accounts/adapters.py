"""What allauth asks of us: how one signs in, what a code is called, how secrets are kept. It sends no mail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import login
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from buvett.accounts import secrets
from buvett.accounts.addresses import address_of
from buvett.accounts.models import User

BACKEND = "buvett.accounts.backends.PasswordBackend"
NAME = "bu-vett"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Password, then second factor; nobody signs up, nobody is mailed, and pages say themselves what happened."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        login(request, user, backend=BACKEND)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("front")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> Any:
        raise PermissionError("whoever is shut out has been refused before")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No message: it would need a cookie of its own."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("there is no mail server: invitations are handed over")

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets sealed under the web process's key; names that a person recognises in an app."""

    def encrypt(self, text: str) -> str:
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": NAME}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        assert isinstance(user, User)  # noqa: S101 - the only model of people who sign in
        return {"id": user.pk.bytes, "display_name": user.name, "name": user.email}

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """No mail."""

    def generate_authenticator_name(self, user: AbstractBaseUser, type: str) -> str:  # noqa: A002 - allauth's name
        return gettext("Security key")
