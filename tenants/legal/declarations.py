"""The teieplikterklæring: read, signed, dated, per person and municipality."""

import hashlib
from collections.abc import Collection
from datetime import date, timedelta
from importlib.resources import files
from uuid import UUID

from tenants.isolation.scopes import current_scope
from tenants.legal.models import Declaration

VERSION = "2026-1"
VALID_FOR = timedelta(days=365)


def text(language: str) -> str:
    """The text of the current version in ``nn`` or ``nb``."""
    return files("tenants.legal").joinpath(f"data/teieplikt-{VERSION}.{language}.txt").read_text(encoding="utf-8")


def sign(user: UUID, *, language: str, on: date) -> Declaration:
    """Sign the current version for the municipality of the scope; it lasts a year."""
    declaration, _ = Declaration.objects.get_or_create(
        municipality_id=current_scope().municipality,
        user=user,
        text_version=VERSION,
        signed_on=on,
        defaults={
            "text_sha256": hashlib.sha256(text(language).encode()).hexdigest(),
            "language": language,
            "expires_on": on + VALID_FOR,
        },
    )
    if declaration.revoked_on is not None:  # ended and given a role again on the same day
        declaration.revoked_on = None
        declaration.save(update_fields=["revoked_on"])
    return declaration


def has_valid(user: UUID, *, on: date) -> bool:
    """Whether the person has signed the current version here and it is neither revoked nor run out on that day."""
    return Declaration.objects.filter(
        municipality_id=current_scope().municipality,
        user=user,
        text_version=VERSION,
        signed_on__lte=on,
        expires_on__gte=on,
        revoked_on=None,
    ).exists()


def revoke(user: UUID, *, on: date) -> None:
    """End the person's live declarations here, because the person has no role here any more. They are kept."""
    Declaration.objects.filter(
        municipality_id=current_scope().municipality, user=user, expires_on__gte=on, revoked_on=None
    ).update(revoked_on=on)


def history(user: UUID) -> tuple[Declaration, ...]:
    """All that the person has signed here, newest first."""
    rows = Declaration.objects.filter(municipality_id=current_scope().municipality, user=user)
    return tuple(rows.order_by("-signed_on", "-text_version"))


def valid_until(users: Collection[UUID], *, on: date) -> dict[UUID, date]:
    """The last day of each person's live declaration of the current version here; whoever has none is left out."""
    rows = Declaration.objects.filter(
        municipality_id=current_scope().municipality,
        user__in=users,
        text_version=VERSION,
        signed_on__lte=on,
        expires_on__gte=on,
        revoked_on=None,
    )
    return dict(rows.order_by("expires_on").values_list("user", "expires_on"))


def all_of_house() -> tuple[Declaration, ...]:
    """Every declaration of the scope's municipality, the newest first."""
    rows = Declaration.objects.filter(municipality_id=current_scope().municipality)
    return tuple(rows.order_by("-signed_on", "-text_version"))
