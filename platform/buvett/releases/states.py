"""The states of a run, as a table: who may move it from where to where, by which verb.

The database holds the same table (a trigger refuses any other move); a test compares the two.
"""

from dataclasses import dataclass
from enum import StrEnum

from buvett.releases.errors import WrongState


class State(StrEnum):
    """Where a run stands."""

    OPEN = "open"  # contributions are taken
    LOCKED = "locked"  # the set of contributors is fixed; nothing has been shown to anyone
    PUBLISHED = "published"
    REFUSED = "refused"  # too detailed, or a member took its numbers back: this period has no release
    WITHDRAWN = "withdrawn"  # was published; taken back

    @property
    def has_key(self) -> bool:
        """Whether the run's private key may still exist."""
        return self in (State.OPEN, State.LOCKED)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One transition. ``verb`` is the function that makes it."""

    before: State
    after: State
    verb: str
    when: str


MOVES = (
    Move(
        before=State.OPEN,
        after=State.LOCKED,
        verb="lock",
        when="cut-off, or everyone has contributed; no paper missing",
    ),
    Move(before=State.LOCKED, after=State.PUBLISHED, verb="publish", when="safe against every attacker"),
    Move(before=State.LOCKED, after=State.REFUSED, verb="publish", when="too detailed: not safe, or not proven"),
    Move(before=State.LOCKED, after=State.REFUSED, verb="withdraw", when="a contributor takes its numbers back"),
    Move(
        before=State.PUBLISHED,
        after=State.WITHDRAWN,
        verb="withdraw",
        when="a contributor takes its numbers back, or the project leader the release, with a reason",
    ),
)
START = State.OPEN
ENDS = frozenset({State.REFUSED, State.WITHDRAWN})


def check_may_move(before: State, after: State, *, verb: str) -> None:
    """Raise WrongState unless the table has that move."""
    if not any((m.before, m.after, m.verb) == (before, after, verb) for m in MOVES):
        raise WrongState(f"{verb}: a run that is {before} does not become {after}")
