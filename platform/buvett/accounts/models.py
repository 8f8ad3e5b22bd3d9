from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail is the name one signs in with."""

    def create_user(self, *, email: str, name: str, password: str | None = None, demo: bool = False) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), name=name, demo=demo)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works with bu-vett (never one who is registered)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    demo = models.BooleanField(default=False)  # a demo person: production lets none of them in
    session_round = models.PositiveIntegerField(default=0)  # one more ends every session of the person at once

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [
            # Nobody is above the roles: Django's superuser would be.
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="nobody_is_superuser"),
        ]

    def get_session_auth_hash(self) -> str:
        """What a session must match: it changes with the password and with each signing out everywhere."""
        value = f"{self.session_round}:{self.password}"
        return salted_hmac("buvett.accounts.session", value, algorithm="sha256").hexdigest()


class FailedSignIn(models.Model):
    """One failed try, counted for a name and for an address; both only as keyed hashes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="failed_sign_in_by_key")]


class Invitation(models.Model):
    """A link that lets one person set a password once, until a moment. The link itself is not kept, only its hash."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    # Who was shown the link; None: the operator's console, or before this was kept.
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
