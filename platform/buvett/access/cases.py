"""Looking at cases: membership, declaration, legal basis and grant, then the log, and only then an envelope.

The order of refusal tells nothing about a record: another municipality's case, one that is not granted and one that
never was give the same NotHere, before anything else is asked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.grants import cases_granted, has_grant
from buvett.access.memberships import Hat
from buvett.access.policies import check_can_in, check_can_work_with_cases
from buvett.accounts.models import User
from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.context import LIFETIME
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import current_scope, scope
from tenants.legal.models import Heimel
from tenants.register.history import Revision, history_of
from tenants.register.lines import name_of
from tenants.register.states import State, states_of
from tenants.register.writing import Known, facts_in
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener


@dataclass(frozen=True, kw_only=True, repr=False)
class OpenedCase:
    """A case as its case worker reads it: facts, states, what happened to it, and the legal bases it rests on."""

    id: UUID
    name: str
    identity: Mapping[str, Any]
    assessment: Mapping[str, Any]
    notes: Mapping[str, Any]
    states: frozenset[State]
    changed_month: date
    revision: int
    history: tuple[Revision, ...]
    bases: tuple[Heimel, ...]


@contextmanager
def case_room(
    user: User,
    hat: Hat | None,
    *,
    code: str,
    on: date,
    case: UUID | None = None,
    permission: Permission = Permission.SEE_CASES,
    lifetime: timedelta = LIFETIME,
) -> Iterator[Hat]:
    """The scope for case work in the municipality ``code``, entered only by a hat of that house with the right,
    a grant on ``case`` (if one is meant), a declaration and a legal basis: asked for in this order.

    Whoever renders does it inside: rows and queries end with the scope.
    """
    hat = check_can_in(hat, permission, code=code)
    with scope(hat.house, by=hat.user, purpose=Purpose.SAK, lifetime=lifetime):
        if case is not None and not has_grant(user, case):
            raise NotHere("no such case for this person")
        check_can_work_with_cases(hat, on=on)
        yield hat


def opened(user: User, case: UUID, *, on: date) -> OpenedCase:
    """One granted case, whole. Inside ``case_room``. Raises NotHere for any other."""
    row = cases_granted(user).filter(pk=case).select_related("person").first()
    if row is None:
        raise NotHere("no such case for this person")
    records = [row.pk, row.person_id]
    receipt = record_intent(
        Action.CASE_OPENED,
        compartments=[Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES],
        records=records,
    )
    salt_of = salts.of_many(records)
    if len(salt_of) < len(records):
        raise NotHere("shredded")
    opener, known = Opener(keyring(), receipt), Known(row.person, row)
    facts = facts_in(opener, known, salt_of)
    return OpenedCase(
        id=row.pk,
        name=name_of(facts.identity),
        identity=facts.identity,
        assessment=facts.assessment,
        notes=facts.notes,
        states=states_of(facts.assessment),
        changed_month=row.changed_month,
        revision=row.revision,
        history=history_of(known, facts, opener=opener, salt_of=salt_of),
        bases=live_bases(on=on),
    )


def live_bases(*, on: date) -> tuple[Heimel, ...]:
    """The legal bases that work with cases rests on, in the scope's municipality, on that day."""
    rows = Heimel.objects.filter(municipality_id=current_scope().municipality, purpose=Purpose.SAK, valid_from__lte=on)
    return tuple(row for row in rows.order_by("valid_from", "code") if row.valid_to is None or row.valid_to >= on)
