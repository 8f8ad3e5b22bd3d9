"""What a reader hands on: rows of plain cells with the row numbers a person sees, whatever the format was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.limits import LAST_ROW_NUMBER, MAX_CELL_CHARACTERS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS

Value = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, kw_only=True, repr=False)
class Formula:
    """A cell that is a formula: its text as a person sees it, and the value that the program stored with it."""

    text: str
    value: Value


Cell = Value | Formula


@dataclass(frozen=True, kw_only=True, repr=False)
class Table:
    """One sheet: its rows that are not blank as (row number from 1, cells). ``epoch_1904``: serials count from 1904."""

    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    epoch_1904: bool = False


class TableBuilder:
    """Collect rows within the limits; raises RefusedFile past them."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, tuple[Cell, ...]]] = []
        self._cells = 0

    def add(self, number: int, cells: tuple[Cell, ...] | list[Cell]) -> None:
        """Add a row; one that is blank is left out, trailing blanks are cut."""
        if number > LAST_ROW_NUMBER:
            raise too_large()
        used = min(len(cells), MAX_COLUMNS)
        while used and is_blank(cells[used - 1]):
            used -= 1
        if not used:
            return
        kept = tuple(cells[:used])
        self._cells += used
        if len(self._rows) >= MAX_ROWS or self._cells > MAX_CELLS:
            raise too_large()
        if any(isinstance(c, str) and len(c) > MAX_CELL_CHARACTERS for c in kept):
            raise RefusedFile(RefusedCode.TOO_LARGE, f"Row {number} has a cell longer than any spreadsheet allows.")
        self._rows.append((number, kept))

    def build(self, *, epoch_1904: bool = False) -> Table:
        """Return the table."""
        return Table(rows=tuple(self._rows), epoch_1904=epoch_1904)


def too_large() -> RefusedFile:
    """Return the refusal of a sheet with too many rows or cells."""
    return RefusedFile(RefusedCode.TOO_LARGE, f"The sheet is larger than a register can be ({MAX_ROWS} rows).")


def is_blank(cell: Cell) -> bool:
    """Return whether a person would call the cell empty."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
