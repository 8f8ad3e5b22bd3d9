"""One-time links: made for a person, used once, worth nothing after a while. Only a hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from buvett.accounts import second_factor
from buvett.accounts.errors import InvitationRefused
from buvett.accounts.models import Invitation, User

FIRST = timedelta(days=7)
AFTER_RESET = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, repr=False)
class Link:
    """A new link's secret part, shown once to whoever hands it over."""

    token: str
    expires_at: datetime


def make(user: User, *, by: UUID | None, now: datetime, lasts: timedelta) -> Link:
    """A new link for the person; earlier ones that were not used end.

    ``by``: whoever is shown the link, and could use it as well as the person; None: the operator's console.
    """
    Invitation.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(user=user, made_by_id=by, token_sha256=hashed(token), made_at=now, expires_at=now + lasts)
    return Link(token=token, expires_at=now + lasts)


def hashed(token: str) -> str:
    """SHA-256 in hex: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def waiting(token_sha256: str, *, now: datetime) -> Invitation:
    """The invitation that can be used now. Raises InvitationRefused, the same whatever is wrong."""
    found = (
        Invitation.objects.select_related("user")
        .filter(token_sha256=token_sha256, used_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if found is None:
        raise InvitationRefused("no invitation can be used with this link")
    return found


def use(token_sha256: str, *, password: str, now: datetime) -> User:
    """Set the person's password and spend the link. Inside a transaction: whoever comes second finds it spent.

    Raises InvitationRefused, or ValidationError for a password that is too weak.
    """
    found = waiting(token_sha256, now=now)
    validate_password(password, user=found.user)
    spent = Invitation.objects.filter(pk=found.pk, used_at=None).update(used_at=now)
    if not spent:
        raise InvitationRefused("no invitation can be used with this link")
    set_password(found.user, password)
    return found.user


def set_password(user: User, password: str) -> None:
    """A new password; every session of the person ends by it."""
    user.set_password(password)
    user.save(update_fields=["password"])


def shut_out(user: User) -> None:
    """Take password and second factors away and end every session: only a new link lets the person in."""
    second_factor.remove_all(user)
    user.set_unusable_password()
    user.session_round += 1
    user.save(update_fields=["password", "session_round"])


def is_weak(password: str, *, user: User) -> bool:
    """Whether the password is refused as too short or too common."""
    try:
        validate_password(password, user=user)
    except ValidationError:
        return True
    return False
