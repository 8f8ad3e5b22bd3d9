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
_FEWEST_IN_HALF = 2


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

    Merged cells may spread a header over two rows ("Funksjonsområde" above BU, AKT …); both are read then.
    Raises RefusedFile if two columns mean the same.
    """
    rows = table.rows[:_SEARCHED_ROWS]
    counts = [names.count(cells) for _, cells in rows]
    if not counts or max(counts) < _FEWEST_NAMES:
        return None
    at = counts.index(max(counts))
    number, cells = rows[at]
    found = {index: name for index, cell in enumerate(cells) if (name := names.name(cell))}
    positions: dict[str, int] = {}
    for index, name in found.items():
        if name in positions:
            raise RefusedFile(RefusedCode.DUPLICATE_COLUMN, f"The file has two columns that both mean {name}.")
        positions[name] = index
    last = number
    for neighbour, neighbours in rows[max(0, at - 1) : at + 2]:
        more = _other_half(neighbours, positions, names, below=neighbour > number)
        if abs(neighbour - number) == 1 and more:
            positions |= more
            last = max(last, neighbour)
    unknown = [i for i, cell in enumerate(cells) if not is_blank(cell) and i not in positions.values()]
    return Header(row_number=last, cells=cells, positions=positions, unknown=tuple(unknown))


def _other_half(
    cells: Sequence[Cell], positions: Mapping[str, int], names: HeaderNames, *, below: bool
) -> dict[str, int]:
    """Return the columns that the row beside a header adds to it; none if it is a row of its own.

    Below a header stand people, so there every cell must name a column; above, it may hold titles of groups.
    """
    more: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if is_blank(cell):
            continue
        name = names.name(cell)
        new = name is not None and name not in positions and name not in more and index not in positions.values()
        if name is not None and new:
            more[name] = index
        elif below or name is not None:
            return {}
    return more if len(more) >= _FEWEST_IN_HALF else {}


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
