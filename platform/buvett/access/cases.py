"""Looking at cases: membership, declaration, legal basis and grant, then the log, and only then an envelope.

The order of refusal tells nothing about a record: another municipality's case, one that is not granted and one that
never was give the same NotHere, before anything else is asked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.grants import cases_granted, has_grant
from buvett.access.memberships import Hat
from buvett.access.policies import check_can_in, check_can_work_with_cases
from buvett.accounts.models import User
from buvett.locale import norwegian
from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal.models import Heimel
from tenants.register.models import Case
from tenants.register.storing import CASE_TABLE, PERSON_TABLE
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener


@dataclass(frozen=True, kw_only=True, repr=False)
class ListedCase:
    """A line of the case list: a name to find the case by, and nothing that was found about the person."""

    id: UUID
    name: str
    changed_month: date


@dataclass(frozen=True, kw_only=True, repr=False)
class OpenedCase:
    """A case as its case worker reads it."""

    id: UUID
    name: str
    identity: Mapping[str, Any]
    assessment: Mapping[str, Any]
    notes: Mapping[str, Any]
    changed_month: date
    revision: int
    bases: tuple[Heimel, ...]


@contextmanager
def case_room(user: User, hat: Hat | None, *, code: str, on: date, case: UUID | None = None) -> Iterator[Hat]:
    """The scope for case work in the municipality ``code``, entered only by a hat of that house with the right,
    a grant on ``case`` (if one is meant), a declaration and a legal basis: asked for in this order.

    Whoever renders does it inside: rows and queries end with the scope.
    """
    hat = check_can_in(hat, Permission.SEE_CASES, code=code)
    with scope(hat.house, by=hat.user, purpose=Purpose.SAK):
        if case is not None and not has_grant(user, case):
            raise NotHere("no such case for this person")
        check_can_work_with_cases(hat, on=on)
        yield hat


def listed(user: User) -> tuple[ListedCase, ...]:
    """The person's granted cases, by name. Inside ``case_room``; the intent is committed before a name is opened."""
    rows = cases_granted(user).select_related("person")
    cases = list(rows.only("municipality", "changed_month", "person__municipality", "person__identity"))
    if not cases:
        return ()
    receipt = record_intent(
        Action.CASES_LISTED, compartments=[Compartment.IDENTITY], records=[case.person_id for case in cases]
    )
    opener = Opener(keyring(), receipt)
    salt_of = salts.of_many(case.person_id for case in cases)
    found = [
        ListedCase(
            id=case.pk,
            name=_name(_identity(opener, case, salt_of[case.person_id])),
            changed_month=case.changed_month,
        )
        for case in cases
        if case.person_id in salt_of  # without its salt a person is shredded
    ]
    return tuple(sorted(found, key=lambda case: (norwegian.sorting(case.name), case.id)))


def opened(user: User, case: UUID, *, on: date) -> OpenedCase:
    """One granted case, whole. Inside ``case_room``. Raises NotHere for any other."""
    row = cases_granted(user).filter(pk=case).select_related("person").first()
    if row is None:
        raise NotHere("no such case for this person")
    receipt = record_intent(
        Action.CASE_OPENED,
        compartments=[Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES],
        records=[row.pk, row.person_id],
    )
    opener = Opener(keyring(), receipt)
    salt_of = salts.of_many([row.pk, row.person_id])
    if row.pk not in salt_of or row.person_id not in salt_of:
        raise NotHere("shredded")
    identity = _identity(opener, row, salt_of[row.person_id])
    salt = salt_of[row.pk]
    return OpenedCase(
        id=row.pk,
        name=_name(identity),
        identity=identity,
        assessment=opener.open(Compartment.ASSESSMENT, CASE_TABLE, row.pk, salt, bytes(row.assessment)),
        notes=opener.open(Compartment.NOTES, CASE_TABLE, row.pk, salt, bytes(row.notes)),
        changed_month=row.changed_month,
        revision=row.revision,
        bases=tuple(_live_bases(row.municipality_id, on=on)),
    )


def _live_bases(municipality: UUID, *, on: date) -> list[Heimel]:
    rows = Heimel.objects.filter(municipality_id=municipality, purpose=Purpose.SAK, valid_from__lte=on)
    return [row for row in rows.order_by("valid_from", "code") if row.valid_to is None or row.valid_to >= on]


def _identity(opener: Opener, case: Case, salt: bytes) -> Mapping[str, Any]:
    person = case.person
    return opener.open(Compartment.IDENTITY, PERSON_TABLE, person.pk, salt, bytes(person.identity))


def _name(identity: Mapping[str, Any]) -> str:
    names = [str(identity.get(part) or "") for part in ("given_name", "family_name")]
    return " ".join(name for name in names if name)
