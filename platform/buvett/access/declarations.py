"""A person signs the teieplikterklæring of the municipality whose hat is on; the log tells it."""

from datetime import date

from buvett.access.memberships import Hat
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import declarations


def has_signed(hat: Hat, *, on: date) -> bool:
    """Whether a declaration of the current version is valid on that day."""
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        return declarations.has_valid(hat.user, on=on)


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
