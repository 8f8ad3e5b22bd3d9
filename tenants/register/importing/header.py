"""Find the row of headers and the columns that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenants.register.codelists import Column, columns
from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.folding import fold_header, without_closing_parenthesis
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.table import Cell, Table, is_blank

_SEARCHED_ROWS = 60
# Fewer known names than this is a sentence that happens to hold one, not a header.
_FEWEST_NAMES = 5


@dataclass(frozen=True, kw_only=True)
class Header:
    """``positions``: canonical column name to index in the row; ``unknown``: indexes of other columns with a name."""

    row_number: int
    cells: tuple[Cell, ...]
    positions: Mapping[str, int]
    unknown: tuple[int, ...]


class HeaderNames:
    """What headers are called, the municipality's own names first."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._names = {fold_header(alias): c.name for c in columns() for alias in (c.name, *c.aliases)}
        self._names |= {fold_header(header): name for header, name in mapping.headers.items()}

    def name(self, cell: Cell) -> str | None:
        """Return the canonical name that the header stands for, or None."""
        if not isinstance(cell, str) or len(cell) > 100:
            return None
        return self._names.get(fold_header(cell)) or self._names.get(fold_header(without_closing_parenthesis(cell)))

    def count(self, cells: Sequence[Cell]) -> int:
        """Return how many different columns the row names."""
        return len({name for cell in cells if (name := self.name(cell))})


def find_header(table: Table, names: HeaderNames) -> Header | None:
    """Return the row near the top that names most columns, or None if none names enough.

    Raises RefusedFile if two of its columns mean the same.
    """
    best: tuple[int, tuple[int, tuple[Cell, ...]]] | None = None
    for row in table.rows[:_SEARCHED_ROWS]:
        count = names.count(row[1])
        if count >= _FEWEST_NAMES and (best is None or count > best[0]):
            best = (count, row)
    if best is None:
        return None
    number, cells = best[1]
    positions: dict[str, int] = {}
    unknown = []
    for index, cell in enumerate(cells):
        name = names.name(cell)
        if name is None:
            unknown += [] if is_blank(cell) else [index]
        elif name in positions:
            raise RefusedFile(RefusedCode.DUPLICATE_COLUMN, f"The file has two columns that both mean {name}.")
        else:
            positions[name] = index
    return Header(row_number=number, cells=cells, positions=positions, unknown=tuple(unknown))


def check_complete(header: Header) -> None:
    """Raise RefusedFile if a column without which no row can be read is missing."""
    if missing := _missing(header, [c for c in columns() if c.must_exist]):
        raise RefusedFile(
            RefusedCode.MISSING_FLAG_COLUMNS,
            f"The file lacks {missing}; without it nobody can see who must not be counted.",
        )
    if missing := _missing(header, [c for c in columns() if c.required]):
        raise RefusedFile(RefusedCode.MISSING_COLUMNS, f"The file lacks {missing}, which every row needs.")


def _missing(header: Header, needed: Sequence[Column]) -> str:
    names = [c.name for c in needed if c.name not in header.positions]
    return ("the column " if len(names) == 1 else "the columns ") + ", ".join(names) if names else ""
