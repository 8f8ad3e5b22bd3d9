"""What happened to a case: each revision with who made it, when, how and why, and the facts before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tenants.register.changes import TABLE as CHANGE_TABLE
from tenants.register.models import Change, EarlierEnvelope
from tenants.register.writing import CASE_TABLE, PERSON_TABLE, CaseFacts, Known
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen
from tenants.vault.sealing import Opener


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FactChange:
    """One fact that a revision changed. ``fact`` is dotted: ``identity.phone``, ``assessment.areas.BU``."""

    fact: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Revision:
    """One revision, its facts, and what it changed from the one before it; the first changed nothing."""

    number: int
    by: str
    at: datetime
    how: str
    why: str
    changed: tuple[FactChange, ...]
    facts: CaseFacts


def history_of(known: Known, now: CaseFacts, *, opener: Opener, salt_of: Mapping[UUID, bytes]) -> tuple[Revision, ...]:
    """The case's revisions, newest first. ``opener`` has an intent for the case and the person. Two queries."""
    case = known.case
    told = [_told(row, opener, salt_of[case.id]) for row in Change.objects.filter(case=case).order_by("-revision")]
    earlier: dict[int, dict[Compartment, Mapping[str, Any]]] = {}
    for row in EarlierEnvelope.objects.filter(case=case):
        compartment = next(each for each in Compartment if each.label == row.compartment)
        earlier.setdefault(row.revision, {})[compartment] = open_earlier(row, known, opener=opener, salt_of=salt_of)
    found, after = [], now
    for each in told:
        before = _replaced(after, earlier.get(each["revision"] - 1, {}))
        found.append(
            Revision(
                number=each["revision"],
                by=each["by"],
                at=datetime.fromisoformat(each["at"]),
                how=each["how"],
                why=each["why"],
                changed=differences(before, after) if each["revision"] > 1 else (),
                facts=after,
            )
        )
        after = before
    return tuple(found)


def open_earlier(
    row: EarlierEnvelope, known: Known, *, opener: Opener, salt_of: Mapping[UUID, bytes]
) -> Mapping[str, Any]:
    """The facts in an earlier envelope."""
    if row.compartment == Compartment.IDENTITY.label:
        person = known.person.id
        return opener.open(Compartment.IDENTITY, PERSON_TABLE, person, salt_of[person], bytes(row.envelope))
    compartment = next(each for each in Compartment if each.label == row.compartment)
    return opener.open(compartment, CASE_TABLE, known.case.id, salt_of[known.case.id], bytes(row.envelope))


def differences(before: CaseFacts, after: CaseFacts) -> tuple[FactChange, ...]:
    """The facts that differ, in a fixed order. A fact without an answer is the word for why."""
    one, other = _flat(before), _flat(after)
    names: Sequence[str] = [*one, *(name for name in other if name not in one)]
    return tuple(
        FactChange(fact=name, before=one.get(name), after=other.get(name))
        for name in names
        if one.get(name) != other.get(name)
    )


def _told(row: Change, opener: Opener, salt: bytes) -> dict[str, Any]:
    payload = opener.open(Compartment.NOTES, CHANGE_TABLE, row.case_id, salt, bytes(row.envelope))
    if payload["revision"] != row.revision:
        raise CannotOpen  # one revision's envelope was put in another's place
    return payload


def _replaced(facts: CaseFacts, earlier: Mapping[Compartment, Mapping[str, Any]]) -> CaseFacts:
    return CaseFacts(
        identity=earlier.get(Compartment.IDENTITY, facts.identity),
        assessment=earlier.get(Compartment.ASSESSMENT, facts.assessment),
        notes=earlier.get(Compartment.NOTES, facts.notes),
    )


def _flat(facts: CaseFacts) -> dict[str, Any]:
    found: dict[str, Any] = {f"identity.{name}": value for name, value in facts.identity.items()}
    answers = facts.assessment["unanswered"]
    for name, value in facts.assessment.items():
        if name == "areas":
            found |= {f"assessment.areas.{area}": answers.get(f"areas.{area}", level) for area, level in value.items()}
        elif name != "unanswered":
            found[f"assessment.{name}"] = answers.get(name, value)
    return found | {f"notes.{name}": value for name, value in facts.notes.items()}
