"""Put accepted rows into the register: new people, changed facts with their history, unchanged ones left alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from tenants.audit.entries import record_change, record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.codelists import Answer
from tenants.register.importing import ParsedRow
from tenants.register.models import Case, EarlierEnvelope, Person
from tenants.register.months import month_of
from tenants.register.staging import Progress
from tenants.vault import salts
from tenants.vault.blind_index import BlindIndex
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

PERSON_TABLE = "register_person"
CASE_TABLE = "register_case"
NUMBER_FIELD = "identity-number"
AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """What happened to the rows, and the cases that are new."""

    created: int
    updated: int
    unchanged: int
    new_cases: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    person: Person
    case: Case


def store(rows: Sequence[ParsedRow], *, on: date, progress: Progress = lambda done: None) -> Stored:
    """Match each row by the blind index of its identity number; create, update or leave alone. One transaction.

    Opens what is already known only after the intent is committed. Rows hold each number once.
    Work: about three sealings a new row; a fourth of that and three openings for one that is known.
    """
    created: list[UUID] = []
    updated = unchanged = 0
    index = BlindIndex(keyring(), current_scope().municipality, NUMBER_FIELD)
    for start in range(0, len(rows), AT_A_TIME):
        part = rows[start : start + AT_A_TIME]
        indexed = [(row, index.of(row.identity["identity_number"])) for row in part]
        known = _known([number for _, number in indexed])
        created += _create([(row, number) for row, number in indexed if number not in known], on=on)
        pairs = [(row, known[number]) for row, number in indexed if number in known]
        changed = _update(pairs, on=on)
        updated += changed
        unchanged += len(pairs) - changed
        progress(start + len(part))
    record_change(
        Action.REGISTER_IMPORTED, details={"created": len(created), "updated": updated, "unchanged": unchanged}
    )
    return Stored(len(created), updated, unchanged, tuple(created))


def compare(rows: Sequence[ParsedRow]) -> Stored:
    """What ``store`` would do, without doing it."""
    index = BlindIndex(keyring(), current_scope().municipality, NUMBER_FIELD)
    created = updated = unchanged = 0
    for start in range(0, len(rows), AT_A_TIME):
        part = rows[start : start + AT_A_TIME]
        indexed = [(row, index.of(row.identity["identity_number"])) for row in part]
        known = _known([number for _, number in indexed])
        pairs = [(row, known[number]) for row, number in indexed if number in known]
        changed = sum(1 for _, _, differing in _differences(pairs) if differing)
        created += len(part) - len(pairs)
        updated += changed
        unchanged += len(pairs) - changed
    return Stored(created, updated, unchanged, ())


def updated_facts(before: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any]:
    """The assessment after a file was read: what the file did not ask about stays as it was.

    ``blocked`` is set in the case itself and has no column: a file never lifts it.
    """
    after = dict(read) | {"areas": dict(read["areas"]), "unanswered": dict(read["unanswered"])}
    after["blocked"] = before["blocked"]
    for name, answer in read["unanswered"].items():
        if answer != Answer.NOT_ASKED.value:
            continue
        group, _, key = name.partition(".")
        if key:
            if key in before[group]:
                after[group][key] = before[group][key]
        else:
            after[name] = before[name]
        if name in before["unanswered"]:
            after["unanswered"][name] = before["unanswered"][name]
        else:
            del after["unanswered"][name]
    return after


def _known(numbers: Sequence[bytes]) -> dict[bytes, _Known]:
    municipality = current_scope().municipality
    people = Person.objects.filter(municipality_id=municipality, number_index__in=numbers)
    by_id = {person.id: person for person in people}
    cases = Case.objects.filter(municipality_id=municipality, person_id__in=list(by_id))
    return {
        bytes(person.number_index or b""): _Known(person, case) for case in cases if (person := by_id[case.person_id])
    }


def _create(rows: Sequence[tuple[ParsedRow, bytes]], *, on: date) -> list[UUID]:
    municipality = current_scope().municipality
    sealer = Sealer(keyring(), municipality)
    ids = [(uuid4(), uuid4()) for _ in rows]
    salt_of = salts.create_many(identifier for pair in ids for identifier in pair)
    people, cases = [], []
    for (row, number), (person_id, case_id) in zip(rows, ids, strict=True):
        person_salt, case_salt = salt_of[person_id], salt_of[case_id]
        people.append(
            Person(
                municipality_id=municipality,
                id=person_id,
                number_index=number,
                identity=sealer.seal(Compartment.IDENTITY, PERSON_TABLE, person_id, person_salt, row.identity),
                created_month=month_of(on),
            )
        )
        cases.append(
            Case(
                municipality_id=municipality,
                id=case_id,
                person_id=person_id,
                assessment=sealer.seal(Compartment.ASSESSMENT, CASE_TABLE, case_id, case_salt, row.assessment),
                notes=sealer.seal(Compartment.NOTES, CASE_TABLE, case_id, case_salt, row.notes),
                changed_month=month_of(on),
            )
        )
    Person.objects.bulk_create(people)
    Case.objects.bulk_create(cases)
    return [case_id for _, case_id in ids]


def _differences(
    pairs: Sequence[tuple[ParsedRow, _Known]],
) -> Iterator[tuple[ParsedRow, _Known, dict[Compartment, Mapping[str, Any]]]]:
    """For each known row, the payloads that differ from what is sealed."""
    if not pairs:
        return
    records = [identifier for _, known in pairs for identifier in (known.person.id, known.case.id)]
    receipt = record_intent(
        Action.REGISTER_IMPORTED,
        compartments=[Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES],
        records=records,
    )
    opener = Opener(keyring(), receipt)
    salt_of = salts.of_many(records)
    for row, known in pairs:
        person, case = known.person, known.case
        sealed = (
            (Compartment.IDENTITY, PERSON_TABLE, person.id, person.identity, row.identity),
            (Compartment.ASSESSMENT, CASE_TABLE, case.id, case.assessment, row.assessment),
            (Compartment.NOTES, CASE_TABLE, case.id, case.notes, row.notes),
        )
        differing: dict[Compartment, Mapping[str, Any]] = {}
        for compartment, table, identifier, envelope, facts in sealed:
            before = opener.open(compartment, table, identifier, salt_of[identifier], bytes(envelope))
            after = updated_facts(before, facts) if compartment is Compartment.ASSESSMENT else facts
            if after != before:
                differing[compartment] = after
        yield row, known, differing


def _update(pairs: Sequence[tuple[ParsedRow, _Known]], *, on: date) -> int:
    municipality = current_scope().municipality
    sealer = Sealer(keyring(), municipality)
    salt_of = salts.of_many(i for _, known in pairs for i in (known.person.id, known.case.id))
    earlier: list[EarlierEnvelope] = []
    people: list[tuple[bytes, UUID, UUID]] = []
    cases: list[tuple[bytes, bytes, int, date, UUID, UUID]] = []
    for _, known, differing in _differences(pairs):
        if not differing:
            continue
        person, case = known.person, known.case
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
            for compartment in differing
        ]
        if Compartment.IDENTITY in differing:
            payload = differing[Compartment.IDENTITY]
            salt = salt_of[person.id]
            envelope = sealer.seal(Compartment.IDENTITY, PERSON_TABLE, person.id, salt, payload)
            people.append((envelope, municipality, person.id))
        after = {
            compartment: sealer.seal(compartment, CASE_TABLE, case.id, salt_of[case.id], differing[compartment])
            for compartment in (Compartment.ASSESSMENT, Compartment.NOTES)
            if compartment in differing
        }
        cases.append(
            (
                after.get(Compartment.ASSESSMENT, before[Compartment.ASSESSMENT]),
                after.get(Compartment.NOTES, before[Compartment.NOTES]),
                case.revision + 1,
                month_of(on),
                municipality,
                case.id,
            )
        )
    EarlierEnvelope.objects.bulk_create(earlier)
    with connections[current_scope().role.value].cursor() as cursor:
        cursor.executemany("UPDATE register_person SET identity = %s WHERE municipality_id = %s AND id = %s", people)
        cursor.executemany(
            "UPDATE register_case SET assessment = %s, notes = %s, revision = %s, changed_month = %s"
            " WHERE municipality_id = %s AND id = %s",
            cases,
        )
    return len(cases)
