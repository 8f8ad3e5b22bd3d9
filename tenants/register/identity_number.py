"""Norwegian identity numbers: fødselsnummer, D-number and their synthetic forms.

Eleven digits DDMMYYiiikk (folkeregisterforskrifta section 2-2-1). A D-number has 40 added to the day. A synthetic
number has 80 (Skatteetaten, Tenor), 65 (Norsk Helsenett) or 40 (NAV's tests and H-numbers) added to the month; both may
combine. From 2032 the first check digit may leave a rest of 0, 1, 2 or 3, and neither century nor gender can be derived
any more, so nothing here derives them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_WEIGHTS_1 = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_WEIGHTS_2 = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SHIFTS = (80, 65, 40)
_DECORATION = re.compile(r"[\s.\-\u2010-\u2015']")
_ELEVEN = re.compile(r"[0-9]{11}")


class Synthetic(Enum):
    """Who marked the number as synthetic, by what is added to its month."""

    SKATTEETATEN = 80
    HELSENETT = 65
    NAV = 40


class Fault(Enum):
    """Why a text is no acceptable identity number."""

    INVALID = "invalid"
    NOT_SYNTHETIC = "not_synthetic"
    SYNTHETIC = "synthetic"


class IdentityNumberError(ValueError):
    """Refused; ``fault`` says why. The message never repeats the number."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(_SENTENCES[fault])
        self.fault = fault


_SENTENCES = {
    Fault.INVALID: "the number is not a valid identity number",
    Fault.NOT_SYNTHETIC: "the number is valid but not synthetic, and only synthetic people are accepted here",
    Fault.SYNTHETIC: "the number is synthetic, and only real people are accepted here",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class IdentityNumber:
    """A valid number. Its ``repr`` is silent, so that no log or traceback shows it."""

    digits: str
    d_number: bool
    synthetic: Synthetic | None
    restored: bool
    only_since_2032: bool

    @property
    def year_of_century(self) -> int:
        """The last two digits of the year of birth, 0..99. The century is not in the number (2032 rule)."""
        return int(self.digits[4:6])

    def __repr__(self) -> str:
        return "IdentityNumber(…)"


def parse(text: str, *, synthetic_mode: bool) -> IdentityNumber:
    """Return the number in ``text``, which may hold blanks, dots and dashes, and may have lost one leading zero.

    ``synthetic_mode`` accepts synthetic numbers only; without it only real ones are accepted.
    Raises IdentityNumberError. A number that is invalid is never called "not synthetic".

    >>> parse("01818512321", synthetic_mode=True).synthetic
    <Synthetic.SKATTEETATEN: 80>
    >>> parse("1818512321", synthetic_mode=True).restored
    True
    """
    digits = _DECORATION.sub("", text)
    # A spreadsheet that takes the number for a number drops one zero, never two: there is no day 00.
    restored = len(digits) == 10
    digits = digits.zfill(11) if restored else digits
    if not _ELEVEN.fullmatch(digits):
        raise IdentityNumberError(Fault.INVALID)
    d_number, synthetic = _date_part(digits)
    only_since_2032 = _check_digits(digits)
    if synthetic_mode and synthetic is None:
        raise IdentityNumberError(Fault.NOT_SYNTHETIC)
    if not synthetic_mode and synthetic is not None:
        raise IdentityNumberError(Fault.SYNTHETIC)
    return IdentityNumber(
        digits=digits, d_number=d_number, synthetic=synthetic, restored=restored, only_since_2032=only_since_2032
    )


def _date_part(digits: str) -> tuple[bool, Synthetic | None]:
    """Return whether it is a D-number and how its month is shifted; raise if no calendar has that day."""
    day, month, year = int(digits[0:2]), int(digits[2:4]), int(digits[4:6])
    d_number = day > 40
    day -= 40 if d_number else 0
    shift = next((s for s in _SHIFTS if s < month <= s + 12), 0)
    month -= shift
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        raise IdentityNumberError(Fault.INVALID)
    # The century is unknown; xx00 stands for 2000, which had a 29 February, as well as for 1900, which had none.
    if month == 2 and day == 29 and year % 4:
        raise IdentityNumberError(Fault.INVALID)
    return d_number, Synthetic(shift) if shift else None


def _check_digits(digits: str) -> bool:
    """Check both digits; return whether the first is valid only by the rule of 2032."""
    numbers = [int(d) for d in digits]
    sum_1 = sum(w * n for w, n in zip(_WEIGHTS_1, numbers, strict=False))
    sum_2 = sum(w * n for w, n in zip(_WEIGHTS_2, numbers, strict=False))
    rests = [(11 + rest - sum_1 % 11) % 11 for rest in range(4)]
    # A rest that comes out as 10 can equal no digit, so it needs no exception of its own.
    if numbers[9] not in rests or numbers[10] != (11 - sum_2 % 11) % 11:
        raise IdentityNumberError(Fault.INVALID)
    return numbers[9] != rests[0]
