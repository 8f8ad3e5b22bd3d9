"""The second factor of one person, by allauth's rows: codes of an app, security keys, recovery codes.

A code of an app counts once: its step is remembered with the factor (RFC 6238, section 5.2). All of it is called
inside a transaction that locks the factor's row, so two tries at the same time are one after the other.
"""

import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from buvett.accounts.errors import CodeRefused, LastFactor
from buvett.accounts.models import User
from tenants.isolation.roles import current_role

TYPES = Authenticator.Type
REAL = (TYPES.TOTP, TYPES.WEBAUTHN)  # recovery codes alone are no second factor
LAST_STEP = "last_step"


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One second factor as its owner sees it. ``kind``: totp or webauthn."""

    id: int
    kind: str
    name: str
    added_at: Any
    used_at: Any

    @property
    def slug(self) -> str:
        """Its number as text, for the ids of a page."""
        return str(self.id)


def has_any(user: User) -> bool:
    """Whether the person has a second factor. One query."""
    return Authenticator.objects.filter(user=user.pk, type__in=REAL).exists()


def has_key(user: User) -> bool:
    """Whether the person has a security key."""
    return Authenticator.objects.filter(user=user.pk, type=TYPES.WEBAUTHN).exists()


def factors(user: User) -> tuple[Factor, ...]:
    """The person's second factors, oldest first."""
    rows = Authenticator.objects.filter(user=user.pk, type__in=REAL).order_by("created_at", "id")
    return tuple(
        Factor(
            id=row.pk,
            kind=row.type,
            name=row.data.get("name", ""),
            added_at=row.created_at,
            used_at=row.last_used_at,
        )
        for row in rows
    )


def new_secret() -> str:
    """A TOTP secret of 160 bits as base32."""
    return str(totp.generate_totp_secret())


def check_new_secret(secret: str, code: str) -> int:
    """The step whose code this is. Raises CodeRefused when it is none of now."""
    step = _step_of(secret, code)
    if step is None:
        raise CodeRefused("the code does not fit the secret")
    return step


def add_totp(user: User, *, secret: str, step: int) -> None:
    """Make the app the person's, in place of an earlier one. The code that proved it (``step``) is spent."""
    Authenticator.objects.filter(user=user.pk, type=TYPES.TOTP).delete()
    made = totp.TOTP.activate(user, secret).instance
    made.data[LAST_STEP] = step
    made.save(update_fields=["data"])


def begin_key(user: User) -> dict[str, Any]:
    """What the browser needs to make a key. Its challenge is kept in the session."""
    return dict(webauthn.begin_registration(user, False))


def check_new_key(credential: object) -> None:
    """Raise CodeRefused when the browser's answer is not one to our challenge."""
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        raise CodeRefused("the key's answer does not fit") from None


def add_key(user: User, *, name: str, credential: dict[str, Any]) -> None:
    """Make a checked key the person's."""
    webauthn.WebAuthn.add(user, name, credential)


def begin_with_key(user: User) -> dict[str, Any]:
    """What the browser needs to answer with one of the person's keys. The challenge is kept in the session."""
    return dict(webauthn.begin_authentication(user))


def use_key(user: User, credential: object) -> str:
    """Take a key's answer. Raises CodeRefused."""
    try:
        webauthn.parse_authentication_response(credential)
        used = webauthn.complete_authentication(user, credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        raise CodeRefused("the key's answer does not fit") from None
    used.record_usage()
    return str(TYPES.WEBAUTHN.value)


def use_code(user: User, code: str) -> str:
    """Take a code of the app or a recovery code, which is spent by it; which of them it was. Raises CodeRefused."""
    typed = "".join(code.split())
    with transaction.atomic(using=current_role().value):
        rows = Authenticator.objects.select_for_update().filter(user=user.pk).exclude(type=TYPES.WEBAUTHN)
        for row in rows.order_by("-type"):  # totp first
            if _spend(row, typed):
                row.record_usage()
                return str(row.type)
    raise CodeRefused("no factor of this person gives that code now")


def make_recovery_codes(user: User) -> None:
    """New recovery codes; earlier ones are worth nothing."""
    Authenticator.objects.filter(user=user.pk, type=TYPES.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)


def recovery_codes(user: User) -> tuple[str, ...]:
    """The recovery codes that are not spent."""
    row = Authenticator.objects.filter(user=user.pk, type=TYPES.RECOVERY_CODES).first()
    return tuple(row.wrap().get_unused_codes()) if row else ()


def check_can_remove(user: User, factor: int) -> Authenticator:
    """The person's factor with that number. Raises LastFactor for the only one, CodeRefused for none of theirs."""
    return _removable(user, factor, Authenticator.objects.all())


def remove(user: User, factor: int) -> None:
    """Take one of several factors away. Locked, so that two at the same time do not take both. Raises as the check."""
    _removable(user, factor, Authenticator.objects.select_for_update()).delete()


def _removable(user: User, factor: int, among: QuerySet[Authenticator]) -> Authenticator:
    rows = {row.pk: row for row in among.filter(user=user.pk, type__in=REAL).order_by("pk")}
    if factor not in rows:
        raise CodeRefused("no such factor of this person")
    if len(rows) == 1:
        raise LastFactor("the only second factor stays until there is another")
    return rows[factor]


def remove_all(user: User) -> None:
    """Take every factor and recovery code away (a reset by two people)."""
    Authenticator.objects.filter(user=user.pk).delete()


def _spend(row: Authenticator, code: str) -> bool:
    if row.type == TYPES.RECOVERY_CODES:
        return bool(row.wrap().validate_code(code))
    step = _step_of(totp.decrypt(row.data["secret"]), code)
    if step is None or step <= row.data.get(LAST_STEP, -1):
        return False
    row.data[LAST_STEP] = step
    row.save(update_fields=["data"])
    return True


def _step_of(secret: str, code: str) -> int | None:
    """The 30-second step, one before or after now allowed, that gives the code."""
    now = int(time.time()) // 30
    for step in (now, now - 1, now + 1):
        if totp.compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, step))):
            return step
    return None


def address_of(user: User, secret: str) -> str:
    """The otpauth address that an app reads from a QR code."""
    return str(get_adapter().build_totp_url(user, secret))
