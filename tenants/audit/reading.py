"""Reading entries, for control: the public part by the audit reader's connection, the personal part against a receipt.

That the log is read is itself an entry, committed before a personal part is opened.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, JSONField, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from tenants.audit.entries import TABLE, record_intent
from tenants.audit.enums import Action
from tenants.audit.models import Entry
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Which entries: of a time (``until`` not included), only looks or all, or those of the actions in ``only``.

    Those with an action of ``last`` come after the others: what is ordinary need not be looked at first.
    """

    since: datetime
    until: datetime
    looks_only: bool
    last: Collection[Action]
    only: Collection[Action] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry: what is public of it, and (once opened) who and about what."""

    id: UUID
    at: datetime
    action: str
    purpose: str
    intent: bool
    first: bool
    by: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, repr=False)
class Sealed:
    """A line whose personal part is sealed still."""

    line: Line
    personal: bytes


def count(municipality: UUID, *, by: str | UUID, sought: Sought) -> int:
    """How many entries there are."""
    with connected_as(Role.AUDIT_READER), scope(municipality, by=by, purpose=Purpose.KONTROLL):
        return int(_rows(municipality, sought).aggregate(n=Count("id"))["n"])


def lines(municipality: UUID, *, by: str | UUID, sought: Sought, at: int = 0, most: int) -> tuple[Sealed, ...]:
    """Up to ``most`` entries from the ``at``-th: those to be looked at first, then the others, the newest first."""
    with connected_as(Role.AUDIT_READER), scope(municipality, by=by, purpose=Purpose.KONTROLL):
        rows = _rows(municipality, sought).order_by(F("later"), "-recorded_at", "id")[at : at + most]
        return tuple(_sealed(row) for row in rows)


def opened(sealed: Sequence[Sealed], *, details: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines with who and about what. Inside a scope of the municipality; the look is told before.

    Raises AuditUnavailable when it cannot be told; then nothing is opened.
    """
    if not sealed:
        return ()
    names = [entry.line.id for entry in sealed]
    receipt = record_intent(Action.LOG_READ, compartments=[Compartment.AUDIT], records=names, details=details)
    opener = Opener(keyring(), receipt)
    salt_of = salts.of_many(names)
    found = []
    for entry in sealed:
        personal: Mapping[str, Any] = {}
        if entry.line.id in salt_of:  # without its salt the personal part is shredded
            personal = opener.open(Compartment.AUDIT, TABLE, entry.line.id, salt_of[entry.line.id], entry.personal)
        found.append(replace(entry.line, by=str(personal.get("by", "")), about=personal.get("about", {})))
    return tuple(found)


def _rows(municipality: UUID, sought: Sought) -> QuerySet[Entry]:
    public = Cast("entry", JSONField())
    rows = Entry.objects.filter(
        municipality_id=municipality, recorded_at__gte=sought.since, recorded_at__lt=sought.until
    ).annotate(action=KeyTextTransform("action", public), intent=KeyTextTransform("intent", public))
    if sought.looks_only:
        rows = rows.filter(Q(intent="true") | Q(action=Action.ACCESS_REFUSED.value))
    if sought.only:
        rows = rows.filter(action__in=[action.value for action in sought.only])
    last = [action.value for action in sought.last]
    later = Case(When(action__in=last, then=Value(1)), default=Value(0), output_field=IntegerField())
    return rows.annotate(later=later)


def _sealed(row: Entry) -> Sealed:
    public = json.loads(row.entry)
    line = Line(
        id=row.pk,
        at=row.recorded_at,
        action=str(public["action"]),
        purpose=str(public["purpose"]),
        intent=bool(public["intent"]),
        first=row.later == 0,  # type: ignore[attr-defined]
    )
    return Sealed(line=line, personal=bytes(row.personal))
