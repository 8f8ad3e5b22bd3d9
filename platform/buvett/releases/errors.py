"""ReleasesError
├── NoSuchRun            no run of that id, for this role
├── WrongState           the run's state does not allow it
├── AlreadyContributed   a second contribution to the same run, whatever it contains
├── Waits                a paper is missing or expired; says which municipality waits for what
├── NotCountable         a fact that the programme has no code for (names the list, never the fact)
├── NotOurs              a contribution that does not open, or is not what its municipality may send
├── NotToDecide          these numbers cannot be approved or returned (by this person, or any more); says why
├── PeriodUsed           the period has had its run, or its one run without a member
└── NoRelease            no such published release

No message holds a count, a code of a person or anything else that was sealed.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Obstacle(StrEnum):
    """What stands in the way of preparing or deciding."""

    OWN = "own"  # whoever prepared does not decide
    NOT_OPEN = "not_open"  # the run takes no contribution, or this one has left
    OLDER = "older"  # there are newer numbers, or these are decided on
    CHANGED = "changed"  # the register has changed since
    NO_REMARK = "no_remark"  # a return says why
    FACTS = "facts"  # the register holds facts that the programme has no code for
    FIXED = "fixed"  # the period's counts were fixed by an earlier run
    DATES = "dates"  # a standing approval ends after today and within a year


class ReleasesError(Exception):
    """Root of what releases refuse."""


class NoSuchRun(ReleasesError):
    """There is no run of that id."""


class WrongState(ReleasesError):
    """The run's state does not allow it."""


class AlreadyContributed(ReleasesError):
    """One contribution by municipality, programme version and period, whatever it contains."""


class Waits(ReleasesError):
    """Something is missing; ``missing`` says what, per municipality code. A public fact."""

    def __init__(self, missing: Mapping[str, Sequence[str]]) -> None:
        self.missing = {code: tuple(what) for code, what in sorted(missing.items())}
        super().__init__("waits for " + "; ".join(f"{code}: {', '.join(what)}" for code, what in self.missing.items()))


class NotCountable(ReleasesError):
    """A fact outside the programme's lists."""


class NotOurs(ReleasesError):
    """The contribution does not open, or holds something else than its municipality's agreed tables."""


class NotToDecide(ReleasesError):
    """The decision cannot be made; ``why`` is one of ``Obstacle``."""

    def __init__(self, why: "Obstacle") -> None:
        self.why = why
        super().__init__(f"nothing is decided: {why}")


class PeriodUsed(ReleasesError):
    """The period has had what it may have."""


class NoRelease(ReleasesError):
    """No such published release."""
