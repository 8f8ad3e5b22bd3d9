"""The states of a plan's version, as a table. A version's rows never change: its state follows from what was added.

draft ──send──► sent ──answer──► answered
                 └──send (a newer one)──► replaced
"""

from dataclasses import dataclass
from enum import StrEnum

from buvett.plans.errors import NotToAnswer


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"  # being written; the intermunicipal group alone sees it
    SENT = "sent"  # frozen, numbered, hashed; waits for answers
    ANSWERED = "answered"  # everyone who was asked has answered
    REPLACED = "replaced"  # a newer version was sent before everyone had answered


@dataclass(frozen=True, kw_only=True)
class Move:
    """One transition. ``verb`` is the function that makes it."""

    before: State
    after: State
    verb: str
    when: str


MOVES = (
    Move(before=State.DRAFT, after=State.SENT, verb="send", when="the project leader sends it"),
    Move(before=State.SENT, after=State.ANSWERED, verb="answer", when="the last municipality that is asked answers"),
    Move(before=State.SENT, after=State.REPLACED, verb="send", when="a newer version is sent"),
)
START = State.DRAFT
ENDS = frozenset({State.ANSWERED, State.REPLACED})


def state_of(*, asked: frozenset[str], answered: frozenset[str], is_newest: bool) -> State:
    """The state of a sent version: who was asked and has answered, by municipality code."""
    if asked <= answered:
        return State.ANSWERED
    return State.SENT if is_newest else State.REPLACED


def check_may_move(before: State, after: State, *, verb: str) -> None:
    """Raise NotToAnswer unless the table has that move."""
    if not any((move.before, move.after, move.verb) == (before, after, verb) for move in MOVES):
        raise NotToAnswer(f"{verb}: a version that is {before} does not become {after}")
