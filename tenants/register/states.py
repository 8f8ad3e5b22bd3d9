"""The states of a case as a table: what each does to lists, counting and changes, and which moves lead in and out.

The state is a fact about a person: it lies in the assessment envelope, as ``closed_on``, ``reopened_on``, ``blocked``
(sperra, GDPR art. 18), ``objected`` (motsegn, art. 21) and ``address_protected`` (folkeregisterlova § 10-4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

Assessment = Mapping[str, Any]


class State(StrEnum):
    """One of the first three, and any of the others beside it."""

    OPEN = "open"
    REOPENED = "reopened"
    CLOSED = "closed"
    BLOCKED = "blocked"
    OBJECTED = "objected"
    PROTECTED = "protected"


class Listing(StrEnum):
    """How a case shows in the list of whoever has it."""

    PLAIN = "plain"
    MASKED = "masked"  # without a name, and not found by name
    ON_REQUEST = "on_request"  # only when this state is asked for


class Counting(StrEnum):
    """Whether a case is counted."""

    YES = "yes"
    NO = "no"
    YEAR_OF_CLOSING = "year_of_closing"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a state does. Of several states the strictest counts. ``changeable``: facts may be changed by hand."""

    counting: Counting
    listing: Listing
    changeable: bool


class Verb(StrEnum):
    """What can be done to a state."""

    CLOSE = "close"
    REOPEN = "reopen"
    BLOCK = "block"
    UNBLOCK = "unblock"
    OBJECT = "object"
    WITHDRAW_OBJECTION = "withdraw_objection"
    PROTECT = "protect"
    UNPROTECT = "unprotect"


class Who(StrEnum):
    """Who makes a move: what makes a case safer, any case worker; what makes it less so, the leader."""

    CASE_WORKER = "case_worker"
    LEADER = "leader"


@dataclass(frozen=True, kw_only=True)
class Move:
    """A verb, the states that it needs and that stand in its way, what it leads to, and who makes it."""

    verb: Verb
    needs: frozenset[State]  # at least one of them
    unless: frozenset[State]
    leads_to: State
    who: Who


EFFECTS: Mapping[State, Effect] = {
    State.OPEN: Effect(counting=Counting.YES, listing=Listing.PLAIN, changeable=True),
    State.REOPENED: Effect(counting=Counting.YES, listing=Listing.PLAIN, changeable=True),
    State.CLOSED: Effect(counting=Counting.YEAR_OF_CLOSING, listing=Listing.ON_REQUEST, changeable=False),
    State.BLOCKED: Effect(counting=Counting.NO, listing=Listing.ON_REQUEST, changeable=False),
    State.OBJECTED: Effect(counting=Counting.NO, listing=Listing.PLAIN, changeable=True),
    State.PROTECTED: Effect(counting=Counting.NO, listing=Listing.MASKED, changeable=True),
}

_ANY = frozenset({State.OPEN, State.REOPENED, State.CLOSED})
_BLOCKED = frozenset({State.BLOCKED})


def _move(verb: Verb, needs: frozenset[State], unless: frozenset[State], to: State, who: Who) -> Move:
    return Move(verb=verb, needs=needs, unless=unless, leads_to=to, who=who)


MOVES: tuple[Move, ...] = (
    _move(Verb.CLOSE, _ANY - {State.CLOSED}, _BLOCKED, State.CLOSED, Who.CASE_WORKER),
    _move(Verb.REOPEN, frozenset({State.CLOSED}), _BLOCKED, State.REOPENED, Who.CASE_WORKER),
    _move(Verb.BLOCK, _ANY, _BLOCKED, State.BLOCKED, Who.CASE_WORKER),
    _move(Verb.UNBLOCK, _BLOCKED, frozenset(), State.OPEN, Who.LEADER),
    _move(Verb.OBJECT, _ANY, frozenset({State.OBJECTED}), State.OBJECTED, Who.CASE_WORKER),
    _move(Verb.WITHDRAW_OBJECTION, frozenset({State.OBJECTED}), _BLOCKED, State.OPEN, Who.LEADER),
    _move(Verb.PROTECT, _ANY, frozenset({State.PROTECTED}), State.PROTECTED, Who.CASE_WORKER),
    _move(Verb.UNPROTECT, frozenset({State.PROTECTED}), _BLOCKED, State.OPEN, Who.LEADER),
)
BY_VERB: Mapping[Verb, Move] = {move.verb: move for move in MOVES}


def states_of(assessment: Assessment) -> frozenset[State]:
    """The states of a case; exactly one of open, reopened and closed is among them."""
    found = {State.REOPENED if assessment.get("reopened_on") else State.OPEN}
    if assessment.get("closed_on"):
        found = {State.CLOSED}
    marks = {"blocked": State.BLOCKED, "objected": State.OBJECTED, "address_protected": State.PROTECTED}
    return frozenset(found | {state for fact, state in marks.items() if assessment[fact]})


def allows(states: frozenset[State], verb: Verb) -> bool:
    """Whether the states let the move be made."""
    move = BY_VERB[verb]
    return bool(states & move.needs) and not states & move.unless


def moved(assessment: Assessment, verb: Verb, *, on: date) -> dict[str, Any]:
    """The assessment after the move."""
    day = on.isoformat()
    set_by_verb: dict[Verb, dict[str, Any]] = {
        Verb.CLOSE: {"closed_on": day, "reopened_on": None},
        Verb.REOPEN: {"closed_on": None, "reopened_on": day},
        Verb.BLOCK: {"blocked": True},
        Verb.UNBLOCK: {"blocked": False},
        Verb.OBJECT: {"objected": True},
        Verb.WITHDRAW_OBJECTION: {"objected": False},
        Verb.PROTECT: {"address_protected": True},
        Verb.UNPROTECT: {"address_protected": False},
    }
    return {**assessment, **set_by_verb[verb]}


def is_changeable(states: frozenset[State]) -> bool:
    """Whether facts may be changed by hand."""
    return all(EFFECTS[state].changeable for state in states)


def listing_of(states: frozenset[State]) -> Listing:
    """How the case shows; masked and on request at once is on request, and masked then too."""
    found = {EFFECTS[state].listing for state in states}
    return next(listing for listing in (Listing.ON_REQUEST, Listing.MASKED, Listing.PLAIN) if listing in found)


def is_masked(states: frozenset[State]) -> bool:
    """Whether the name is left out of lists, whatever the list was asked for."""
    return any(EFFECTS[state].listing is Listing.MASKED for state in states)


def counts_in(assessment: Assessment, *, year: int) -> bool:
    """Whether the states let the case be counted for that year (decision 80)."""
    found = {EFFECTS[state].counting for state in states_of(assessment)}
    if Counting.NO in found:
        return False
    return Counting.YEAR_OF_CLOSING not in found or date.fromisoformat(assessment["closed_on"]).year >= year
