from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser

from buvett.accounts.models import User
from buvett.accounts.policies import can_sign_in


class PasswordBackend(ModelBackend):
    """E-mail and password. Asked again for every request's session, so a person who is shut out is out at once."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        return isinstance(user, User) and can_sign_in(user)
