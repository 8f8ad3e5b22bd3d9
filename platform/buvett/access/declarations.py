"""A person signs the teieplikterklæring of the municipality whose hat is on; the log tells it."""

from dataclasses import dataclass
from datetime import date, timedelta

from buvett.access.memberships import Hat
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import declarations
from tenants.legal.models import Declaration

RENEW = timedelta(days=30)  # before the last day, so that nobody is shut out on the day itself


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a person stands in the hat's municipality. ``until``: last day of what is valid, None when nothing is."""

    until: date | None
    may_sign: bool
    history: tuple[Declaration, ...]


def standing(hat: Hat, *, on: date) -> Standing:
    """What the person has signed here, the newest first, and whether it is time to sign (again)."""
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        until = declarations.valid_until([hat.user], on=on).get(hat.user)
        return Standing(
            until=until,
            may_sign=until is None or until <= on + RENEW,
            history=declarations.history(hat.user),
        )


def sign(hat: Hat, *, language: str, on: date) -> None:
    """Sign the current version, for oneself alone; the entry is in the same transaction."""
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        signed = declarations.sign(hat.user, language=language, on=on)
        record_change(
            Action.DECLARATION_SIGNED,
            details={
                "version": signed.text_version,
                "text_sha256": signed.text_sha256,
                "expires": str(signed.expires_on),
            },
        )
