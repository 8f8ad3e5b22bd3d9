"""Put accepted rows into the register: new people, changed facts with their history, unchanged ones left alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.changes import How, Origin
from tenants.register.codelists import Answer
from tenants.register.importing import ParsedRow
from tenants.register.looking_up import NUMBER_FIELD
from tenants.register.models import Case, Person
from tenants.register.staging import Progress
from tenants.register.states import is_changeable, states_of
from tenants.register.writing import CaseFacts, Known, Revised, create, opened, revise
from tenants.vault.blind_index import BlindIndex
from tenants.vault.process import keyring

AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """What happened to the rows: how many of each, the cases that are new, and those that have a new revision.

    ``kept``: positions of rows about people whose case is closed or blocked; a file does not change those.
    """

    created: int
    updated: int
    unchanged: int
    new_cases: tuple[UUID, ...] = ()
    revised: tuple[tuple[UUID, int], ...] = ()
    kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Foreseen:
    """What will happen to one row: ``known`` is None for a new person; ``revised`` is None where nothing changes."""

    row: ParsedRow
    known: Known | None = None
    revised: Revised | None = None
    kept: bool = False


def store(
    rows: Sequence[ParsedRow], *, on: date, run: UUID | None = None, progress: Progress = lambda done: None
) -> Stored:
    """Match each row by the blind index of its identity number; create, update or leave alone. One transaction.

    Opens what is already known only after the intent is committed. Rows hold each number once.
    Work: about five sealings a new row; fewer and three openings for one that is known.
    """
    origin = Origin(how=How.IMPORTED, run=run)
    new_cases: list[UUID] = []
    revised_cases: list[tuple[UUID, int]] = []
    kept: list[int] = []
    for start in range(0, len(rows), AT_A_TIME):
        foreseen = list(foresee(rows[start : start + AT_A_TIME], lock=True))
        new_cases += create([each.row for each in foreseen if each.known is None], origin=origin, on=on)
        revised = [each.revised for each in foreseen if each.revised is not None]
        revise(revised, origin=origin, on=on)
        revised_cases += [(each.known.case.id, each.known.case.revision + 1) for each in revised]
        kept += [each.row.row for each in foreseen if each.kept]
        progress(min(start + AT_A_TIME, len(rows)))
    unchanged = len(rows) - len(new_cases) - len(revised_cases)
    told = {"created": len(new_cases), "updated": len(revised_cases), "unchanged": unchanged}
    record_change(Action.REGISTER_IMPORTED, details=told)
    return Stored(**told, new_cases=tuple(new_cases), revised=tuple(revised_cases), kept=tuple(kept))


def compare(rows: Sequence[ParsedRow]) -> Stored:
    """What ``store`` would do, without doing it."""
    found = [each for start in range(0, len(rows), AT_A_TIME) for each in foresee(rows[start : start + AT_A_TIME])]
    created = sum(each.known is None for each in found)
    updated = sum(each.revised is not None for each in found)
    return Stored(
        created, updated, len(found) - created - updated, kept=tuple(each.row.row for each in found if each.kept)
    )


def foresee(rows: Sequence[ParsedRow], *, lock: bool = False) -> Iterator[Foreseen]:
    """What will happen to each row, in order. With ``lock`` nobody else changes the known cases meanwhile."""
    index = BlindIndex(keyring(), current_scope().municipality, NUMBER_FIELD)
    numbers = [index.of(row.identity["identity_number"]) for row in rows]
    known = _known(numbers, lock=lock)
    before = {each.case.id: facts for each, facts in opened(list(known.values()), action=Action.REGISTER_IMPORTED)}
    for row, number in zip(rows, numbers, strict=True):
        found = known.get(number)
        if found is None:
            yield Foreseen(row=row)
            continue
        facts = before[found.case.id]
        if not is_changeable(states_of(facts.assessment)):
            yield Foreseen(row=row, known=found, kept=True)
            continue
        revised = Revised(found, facts, updated(facts, row))
        yield Foreseen(row=row, known=found, revised=revised if revised.differing else None)


def updated(before: CaseFacts, read: ParsedRow) -> CaseFacts:
    """The facts after a file was read; texts that it does not hold stay."""
    return CaseFacts(
        identity=_texts(before.identity, read.identity),
        assessment=updated_facts(before.assessment, read.assessment),
        notes=_texts(before.notes, read.notes),
    )


def updated_facts(before: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any]:
    """The assessment after a file was read: what the file did not ask about stays as it was.

    A block, an objection and an address protection are lifted in the case itself, by a leader; never by a file.
    """
    after = {**before, **read, "areas": dict(read["areas"]), "unanswered": dict(read["unanswered"])}
    for mark in ("blocked", "objected", "address_protected"):
        if mark in after:
            after[mark] = before.get(mark, False) or read.get(mark, False)
    for fact in ("closed_on", "reopened_on"):
        if fact in before:
            after[fact] = before[fact]
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


def _texts(before: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any]:
    return {**before, **{name: value for name, value in read.items() if value is not None}}


def _known(numbers: Sequence[bytes], *, lock: bool) -> dict[bytes, Known]:
    municipality = current_scope().municipality
    people = Person.objects.filter(municipality_id=municipality, number_index__in=numbers)
    cases = Case.objects.filter(municipality_id=municipality, person_id__in=people.values("id")).order_by("id")
    # Cases first: whoever waited for one reads the person as it is now.
    found = list(cases.select_for_update() if lock else cases)
    by_id = {person.id: person for person in people}
    return {
        bytes(person.number_index or b""): Known(person, case)
        for case in found
        if (person := by_id.get(case.person_id)) is not None
    }
