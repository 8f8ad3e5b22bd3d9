"""From a cell to a value: text, date, year, number. Formulas give what the program stored with them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from tenants.register.importing.table import Cell, Formula, Value

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?")
_DOTTED = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})(?: [0-9:.]+)?")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_WHOLE = re.compile(r"([0-9]{1,9})(?:[.,]0+)?")
_YEAR = re.compile(r"([0-9]{4})(?:[.,]0+)?")
# Day 1 of the calendar that Excel counts from 1900; it believes in 29 February 1900, hence the odd day.
_EXCEL_DAY_0 = date(1899, 12, 30)
_DAYS_1904 = 1462
# 1927 to 2119: a serial outside is no date of a registration, and a bare year must not be taken for one.
_SERIALS = range(10_000, 80_000)
_EARLIEST_YEAR = 1900


def stored(cell: Cell) -> Value:
    """Return what the cell shows: for a formula the stored value, else the cell."""
    return cell.value if isinstance(cell, Formula) else cell


def as_text(cell: Cell) -> str:
    """Return the text of the cell without outer blanks; whole numbers without a decimal part."""
    value = stored(cell)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value).strip()


def as_date(cell: Cell, *, epoch_1904: bool) -> date | None:
    """Return the date in any of the accepted forms, or None.

    Accepted: real dates, serial numbers, 2026-01-31, 31.1.2026, and 31/1/2026 where it can be nothing but day/month.
    """
    value = stored(cell)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value if value.year >= _EARLIEST_YEAR else None
    if isinstance(value, bool | time | timedelta) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_serial(value, epoch_1904=epoch_1904)
    return _from_text(value.strip(), epoch_1904=epoch_1904)


def _from_serial(number: float, *, epoch_1904: bool) -> date | None:
    if not (number == number and abs(number) < 10**9 and int(number) in _SERIALS):
        return None
    return _EXCEL_DAY_0 + timedelta(days=int(number) + (_DAYS_1904 if epoch_1904 else 0))


def _from_text(text: str, *, epoch_1904: bool) -> date | None:
    if match := _ISO.fullmatch(text):
        return _calendar_day(int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTTED.fullmatch(text):
        return _calendar_day(int(match[3]), int(match[2]), int(match[1]))
    if match := _SLASHED.fullmatch(text):
        day, month = int(match[1]), int(match[2])
        # 3/4/2026 may be meant as 4 March; refusing it is better than a wrong date.
        return _calendar_day(int(match[3]), month, day) if day > 12 or day == month else None
    if re.fullmatch(r"[0-9]{5}(?:[.,][0-9]+)?", text):
        return _from_serial(int(text[:5]), epoch_1904=epoch_1904)
    return None


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= _EARLIEST_YEAR else None
    except ValueError:
        return None


def as_year(cell: Cell, *, epoch_1904: bool) -> int | None:
    """Return the year in the cell: four digits, or the year of a date. None for anything else."""
    text = as_text(cell)
    if match := _YEAR.fullmatch(text):
        return int(match[1])
    # A serial number is a date where a date is meant, but not where a year is.
    if text.isdigit() or isinstance(stored(cell), int | float):
        return None
    found = as_date(cell, epoch_1904=epoch_1904)
    return found.year if found else None


def as_whole_number(cell: Cell) -> int | None:
    """Return the number if it is whole and not negative, else None."""
    if isinstance(stored(cell), bool):
        return None
    match = _WHOLE.fullmatch(as_text(cell))
    return int(match[1]) if match else None


def is_formula(cell: Cell, starts: str) -> bool:
    """Return whether a program would calculate the cell: a formula, or a text that begins with one of ``starts``."""
    return isinstance(cell, Formula) or (isinstance(cell, str) and cell.startswith(tuple(starts)))
