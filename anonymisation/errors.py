"""What can go wrong, as a tree.

    AnonymisationError
    ├── InputError            bad input: one line per problem, exit 2 of the command line
    │   ├── ProgrammeError    the programme (TOML)
    │   ├── CountsError       counts (CSV or JSON)
    │   ├── CostsError        what hiding single cells costs (CSV, or from Python)
    │   ├── ReleaseError      a release (JSON)
    │   ├── HistoryError      earlier releases that do not fit
    │   └── MissingExtra      a method whose optional library is not installed
    └── NoSafeRelease         no safe release exists or none was proven: exit 3

A message names file, row, column, table or dimension, and the rule; never a count or a person's code.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_PROBLEMS = 20


class AnonymisationError(Exception):
    """Root of everything this package raises on purpose."""


class InputError(AnonymisationError):
    """Input is refused; `problems` holds one line for each thing that is wrong."""

    def __init__(self, problems: Sequence[str] | str) -> None:
        lines = [problems] if isinstance(problems, str) else list(problems)
        if len(lines) > MOST_PROBLEMS:
            lines = [*lines[:MOST_PROBLEMS], f"and {len(lines) - MOST_PROBLEMS} more problems"]
        self.problems: tuple[str, ...] = tuple(lines)
        super().__init__("; ".join(lines))


class ProgrammeError(InputError):
    """The programme breaks a rule of its format."""


class CountsError(InputError):
    """The counts do not fit the programme, or disagree with themselves."""


class CostsError(InputError):
    """The costs name cells that are not published, or are no whole numbers, or the method hides nothing."""


class ReleaseError(InputError):
    """The release is not one: truncated, of another format, or at odds with its own programme."""


class HistoryError(InputError):
    """An earlier release is of other people, cannot be linked, or holds impossible numbers."""


class MissingExtra(InputError):
    """The method asks for a library that is an optional extra of this package; the message names the extra."""


class NoSafeRelease(AnonymisationError):
    """No safe release exists or none was proven within the limits; names tables, never cells."""
