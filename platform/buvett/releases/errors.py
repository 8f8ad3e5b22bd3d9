"""ReleasesError
├── NoSuchRun            no run of that id, for this role
├── WrongState           the run's state does not allow it
├── AlreadyContributed   a second contribution to the same run, whatever it contains
├── Waits                a paper is missing or expired; says which municipality waits for what
├── NotCountable         a fact that the programme has no code for (names the list, never the fact)
├── NotOurs              a contribution that does not open, or is not what its municipality may send
├── PeriodUsed           the period has had its run, or its one run without a member
└── NoRelease            no such published release

No message holds a count, a code of a person or anything else that was sealed.
"""

from collections.abc import Mapping, Sequence


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


class PeriodUsed(ReleasesError):
    """The period has had what it may have."""


class NoRelease(ReleasesError):
    """No such published release."""
