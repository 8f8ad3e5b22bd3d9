"""PlansError
├── NoPlan               no such plan, chapter or measure; no such sent version
├── Changed              somebody else has changed the draft since it was read
├── NotWritten           what was written cannot stand so: field → why
├── NoNumber             no such cell in a published release
└── NotToAnswer          this version takes no answer from this municipality (any more)
"""

from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    """Why a field cannot stand as it is."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    NO_DATE = "no_date"
    NO_CHOICE = "no_choice"


class PlansError(Exception):
    """Root of what plans refuse."""


class NoPlan(PlansError):
    """There is no such thing."""


class Changed(PlansError):
    """The draft is newer than what was read."""


class NotWritten(PlansError):
    """``faults`` says why, field by field."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        self.faults = dict(faults)
        super().__init__("not written: " + ", ".join(f"{field}: {fault}" for field, fault in self.faults.items()))


class NoNumber(PlansError):
    """There is no such published number."""


class NotToAnswer(PlansError):
    """The version is answered by this municipality, replaced by a newer one, or does not ask it."""
