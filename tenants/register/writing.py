"""Write cases: new ones, and new revisions of known ones with what was before. All inside a scope's transaction.

Whoever reads a file and whoever fills in a form write here, so that envelopes, lines, indexes and history agree.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID, uuid4

from django.db import connections

from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register import changes
from tenants.register.changes import Origin
from tenants.register.errors import TooMuchText
from tenants.register.lines import line_of
from tenants.register.looking_up import Indexes
from tenants.register.models import Case, Change, EarlierEnvelope, Person
from tenants.register.months import month_of
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.errors import PayloadRefused
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

PERSON_TABLE = "register_person"
CASE_TABLE = "register_case"
Payload = Mapping[str, Any]


class HasFacts(Protocol):
    """Three sets of facts, one per envelope."""

    @property
    def identity(self) -> Payload: ...
    @property
    def assessment(self) -> Payload: ...
    @property
    def notes(self) -> Payload: ...


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CaseFacts:
    """Everything that a case says about its person."""

    identity: Payload
    assessment: Payload
    notes: Payload


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A case and its person as they lie in the tables."""

    person: Person
    case: Case


@dataclass(frozen=True, slots=True, repr=False)
class Revised:
    """A known case with its facts before and after."""

    known: Known
    before: CaseFacts
    after: CaseFacts

    @property
    def differing(self) -> tuple[Compartment, ...]:
        """The compartments whose facts differ."""
        pairs = (
            (Compartment.IDENTITY, self.before.identity, self.after.identity),
            (Compartment.ASSESSMENT, self.before.assessment, self.after.assessment),
            (Compartment.NOTES, self.before.notes, self.after.notes),
        )
        return tuple(compartment for compartment, before, after in pairs if before != after)


def create(rows: Sequence[HasFacts], *, origin: Origin, on: date) -> list[UUID]:
    """Store new people with their cases; gives the cases' ids in order. Work: five sealings each."""
    municipality = current_scope().municipality
    sealer, indexes = _Sealing(municipality), Indexes()
    ids = [(uuid4(), uuid4()) for _ in rows]
    salt_of = salts.create_many(identifier for pair in ids for identifier in pair)
    people, cases, told = [], [], []
    for row, (person_id, case_id) in zip(rows, ids, strict=True):
        salt = salt_of[case_id]
        people.append(
            Person(
                municipality_id=municipality,
                id=person_id,
                number_index=indexes.number(row.identity),
                name_index=indexes.name(row.identity, row.assessment),
                identity=sealer(Compartment.IDENTITY, PERSON_TABLE, person_id, salt_of[person_id], row.identity),
                created_month=month_of(on),
            )
        )
        cases.append(
            Case(
                municipality_id=municipality,
                id=case_id,
                person_id=person_id,
                assessment=sealer(Compartment.ASSESSMENT, CASE_TABLE, case_id, salt, row.assessment),
                notes=sealer(Compartment.NOTES, CASE_TABLE, case_id, salt, row.notes),
                line=sealer(Compartment.IDENTITY, CASE_TABLE, case_id, salt, line_of(row.identity, row.assessment)),
                changed_month=month_of(on),
            )
        )
        told.append(changes.sealed(sealer.plain, salt, case=case_id, revision=1, origin=origin, on=on))
    Person.objects.bulk_create(people)
    Case.objects.bulk_create(cases)
    Change.objects.bulk_create(told)
    return [case_id for _, case_id in ids]


def opened(
    known: Sequence[Known], *, action: Action, details: Mapping[str, Any] | None = None
) -> Iterator[tuple[Known, CaseFacts]]:
    """Each known case with its facts; the intent is committed before the first is opened."""
    if not known:
        return
    records = [identifier for each in known for identifier in (each.person.id, each.case.id)]
    receipt = record_intent(
        action,
        compartments=[Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES],
        records=records,
        details=details,
    )
    opener, salt_of = Opener(keyring(), receipt), salts.of_many(records)
    for each in known:
        yield each, facts_in(opener, each, salt_of)


def facts_in(opener: Opener, known: Known, salt_of: Mapping[UUID, bytes]) -> CaseFacts:
    """The facts in a case's three envelopes."""
    person, case = known.person, known.case
    salt = salt_of[case.id]
    return CaseFacts(
        identity=opener.open(Compartment.IDENTITY, PERSON_TABLE, person.id, salt_of[person.id], bytes(person.identity)),
        assessment=opener.open(Compartment.ASSESSMENT, CASE_TABLE, case.id, salt, bytes(case.assessment)),
        notes=opener.open(Compartment.NOTES, CASE_TABLE, case.id, salt, bytes(case.notes)),
    )


def revise(revised: Sequence[Revised], *, origin: Origin, on: date) -> int:
    """Store the new revision of each case that differs, and what was before; gives how many did."""
    found = [each for each in revised if each.differing]
    municipality = current_scope().municipality
    sealer, indexes = _Sealing(municipality), Indexes()
    salt_of = salts.of_many(i for each in found for i in (each.known.person.id, each.known.case.id))
    earlier: list[EarlierEnvelope] = []
    told: list[Change] = []
    people: list[tuple[Any, ...]] = []
    cases: list[tuple[Any, ...]] = []
    for each in found:
        person, case, after = each.known.person, each.known.case, each.after
        before = {
            Compartment.IDENTITY: bytes(person.identity),
            Compartment.ASSESSMENT: bytes(case.assessment),
            Compartment.NOTES: bytes(case.notes),
        }
        earlier += [
            EarlierEnvelope(
                municipality_id=municipality,
                case=case,
                compartment=compartment.label,
                revision=case.revision,
                envelope=before[compartment],
                replaced_month=month_of(on),
            )
            for compartment in each.differing
        ]
        salt = salt_of[case.id]
        told.append(changes.sealed(sealer.plain, salt, case=case.id, revision=case.revision + 1, origin=origin, on=on))
        sealed = dict(before)
        # What did not change is not written: a rotation may have moved it to a newer key meanwhile.
        identity = None
        if Compartment.IDENTITY in each.differing:
            identity = sealer(Compartment.IDENTITY, PERSON_TABLE, person.id, salt_of[person.id], after.identity)
        for compartment, facts in ((Compartment.ASSESSMENT, after.assessment), (Compartment.NOTES, after.notes)):
            if compartment in each.differing:
                sealed[compartment] = sealer(compartment, CASE_TABLE, case.id, salt, facts)
        people.append(
            (
                identity,
                indexes.number(after.identity),
                indexes.name(after.identity, after.assessment),
                municipality,
                person.id,
            )
        )
        line = sealer(Compartment.IDENTITY, CASE_TABLE, case.id, salt, line_of(after.identity, after.assessment))
        cases.append(
            (
                sealed[Compartment.ASSESSMENT],
                sealed[Compartment.NOTES],
                line,
                case.revision + 1,
                month_of(on),
                municipality,
                case.id,
            )
        )
    EarlierEnvelope.objects.bulk_create(earlier)
    Change.objects.bulk_create(told)
    with connections[current_scope().role.value].cursor() as cursor:
        cursor.executemany(
            "UPDATE register_person SET identity = COALESCE(%s, identity), number_index = %s, name_index = %s"
            " WHERE municipality_id = %s AND id = %s",
            people,
        )
        cursor.executemany(
            "UPDATE register_case SET assessment = %s, notes = %s, line = %s, revision = %s, changed_month = %s"
            " WHERE municipality_id = %s AND id = %s",
            cases,
        )
    return len(cases)


class _Sealing:
    """Seals; what does not fit is refused in a way that a form can tell."""

    def __init__(self, municipality: UUID) -> None:
        self.plain = Sealer(keyring(), municipality)
        self._seal: Callable[[Compartment, str, UUID, bytes, Payload], bytes] = self.plain.seal

    def __call__(self, compartment: Compartment, table: str, record: UUID, salt: bytes, facts: Payload) -> bytes:
        try:
            return self._seal(compartment, table, record, salt, dict(facts))
        except PayloadRefused:
            raise TooMuchText(f"the facts do not fit the envelope: {compartment.label}") from None
