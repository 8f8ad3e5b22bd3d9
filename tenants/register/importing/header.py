"""Find the row of headings and the columns that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tenants.register.codelists import Column, columns
from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.folding import fold_header, without_closing_parenthesis
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.table import Cell, Table, is_blank

_SEARCHED_ROWS = 60
# Fewer known names than this is a sentence that happens to hold one, not a header.
_FEWEST_NAMES = 5
_FEWEST_IN_HALF = 2
LONGEST_HEADING = 100
_TOLD_HEADINGS, _TOLD_LETTERS = 12, 40
# No heading holds a number as long as those of people and dates written as one; what has no letter is a value.
_VALUE = re.compile(r"[0-9]{5}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}|[0-9]{4}-[0-9]{2}-")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, kw_only=True, repr=False)
class Outline:
    """A row of headings before anything is refused: index to heading, and to the canonical name where it is known."""

    row_number: int
    cells: tuple[Cell, ...]
    headings: Mapping[int, str]
    means: Mapping[int, str]


@dataclass(frozen=True, kw_only=True)
class Header:
    """``positions``: canonical column name to index in the row; ``unknown``: indexes of other columns with a name."""

    row_number: int
    cells: tuple[Cell, ...]
    positions: Mapping[str, int]
    unknown: tuple[int, ...]
    headings: Mapping[int, str] = field(default_factory=dict)


class HeaderNames:
    """What headings are called, the municipality's own names first."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._names: dict[str, str | None] = {
            fold_header(alias): c.name for c in columns() for alias in (c.name, *c.aliases)
        }
        self._names |= dict.fromkeys(map(fold_header, mapping.unread))
        self._names |= {fold_header(heading): name for heading, name in mapping.headers.items()}

    def name(self, cell: Cell) -> str | None:
        """Return the canonical name that the heading stands for, or None."""
        if not isinstance(cell, str) or len(cell) > LONGEST_HEADING:
            return None
        for text in (cell, without_closing_parenthesis(cell)):
            if (folded := fold_header(text)) in self._names:
                return self._names[folded]
        return None

    def count(self, cells: Sequence[Cell]) -> int:
        """Return how many different columns the row names."""
        return len({name for cell in cells if (name := self.name(cell))})


def find_header(table: Table, names: HeaderNames) -> Header | None:
    """Return the row near the top that names most columns, or None if none names enough.

    Raises RefusedFile if two columns mean the same.
    """
    found = outline_of(table, names)
    if found is None:
        return None
    positions: dict[str, int] = {}
    for index, name in found.means.items():
        if name in positions:
            raise RefusedFile(RefusedCode.DUPLICATE_COLUMN, f"The file has two columns that both mean {name}.")
        positions[name] = index
    unknown = [i for i, cell in enumerate(found.cells) if not is_blank(cell) and i not in found.means]
    return Header(
        row_number=found.row_number,
        cells=found.cells,
        positions=positions,
        unknown=tuple(unknown),
        headings=found.headings,
    )


def outline_of(table: Table, names: HeaderNames) -> Outline | None:
    """Return the row near the top that names most columns, or None if none names enough.

    Merged cells may spread a header over two rows ("Funksjonsområde" above BU, AKT …); both are read then.
    """
    rows = table.rows[:_SEARCHED_ROWS]
    counts = [names.count(cells) for _, cells in rows]
    if not counts or max(counts) < _FEWEST_NAMES:
        return None
    at = counts.index(max(counts))
    number, cells = rows[at]
    means = {index: name for index, cell in enumerate(cells) if (name := names.name(cell))}
    headings = _headings(cells)
    last = number
    for neighbour, neighbours in rows[max(0, at - 1) : at + 2]:
        more = _other_half(neighbours, means, names, below=neighbour > number)
        if abs(neighbour - number) == 1 and more:
            means |= more
            headings |= {index: str(neighbours[index]) for index in more}
            last = max(last, neighbour)
    return Outline(row_number=last, cells=cells, headings=headings, means=means)


def likely_outline(table: Table, names: HeaderNames) -> Outline | None:
    """Return the row that names enough columns, else the one that looks most like headings, else None.

    Of rows that look alike the first: headings stand above people. A row that holds an identity number, a date or
    anything but words is never taken for one, so that no value of a person is shown or remembered as a heading.
    """
    if found := outline_of(table, names):
        return found
    likely = [row for row in table.rows[:_SEARCHED_ROWS] if row != table.rows[-1] and _looks_like_headings(row[1])]
    if not likely:
        return None
    number, cells = max(likely, key=lambda row: (names.count(row[1]), len(_headings(row[1]))))
    means = {index: name for index, cell in enumerate(cells) if (name := names.name(cell))}
    return Outline(row_number=number, cells=cells, headings=_headings(cells), means=means)


def _headings(cells: Sequence[Cell]) -> dict[int, str]:
    return {index: " ".join(cell.split()) for index, cell in enumerate(cells) if isinstance(cell, str) and cell.strip()}


def _looks_like_headings(cells: Sequence[Cell]) -> bool:
    used = [cell for cell in cells if not is_blank(cell)]
    return len(used) >= _FEWEST_NAMES and all(
        isinstance(cell, str) and len(cell) <= LONGEST_HEADING and _LETTER.search(cell) and not _VALUE.search(cell)
        for cell in used
    )


def _other_half(cells: Sequence[Cell], means: Mapping[int, str], names: HeaderNames, *, below: bool) -> dict[int, str]:
    """Return the columns that the row beside a header adds to it; none if it is a row of its own.

    Below a header stand people, so there every cell must name a column; above, it may hold titles of groups.
    """
    known = set(means.values())
    more: dict[int, str] = {}
    for index, cell in enumerate(cells):
        if is_blank(cell):
            continue
        name = names.name(cell)
        new = name is not None and name not in known and name not in more.values() and index not in means
        if name is not None and new:
            more[index] = name
        elif below or name is not None:
            return {}
    return more if len(more) >= _FEWEST_IN_HALF else {}


def needed() -> tuple[Column, ...]:
    """Return the columns without which no file is read."""
    return tuple(column for column in columns() if column.required or column.must_exist)


def check_complete(header: Header) -> None:
    """Raise RefusedFile if a column that is needed is missing; it names all of those, and the columns nobody knows."""
    flags = [c.name for c in needed() if c.must_exist and c.name not in header.positions]
    rest = [c.name for c in needed() if c.required and c.name not in header.positions]
    if not flags and not rest:
        return
    others = [header.headings[index][:_TOLD_LETTERS] for index in header.unknown if index in header.headings]
    more = " …" if len(others) > _TOLD_HEADINGS else ""
    has = f" It has columns that are not known: {', '.join(others[:_TOLD_HEADINGS])}{more}." if others else ""
    if flags:
        also = f" It also lacks {_listed(rest)}." if rest else ""
        raise RefusedFile(
            RefusedCode.MISSING_FLAG_COLUMNS,
            f"The file lacks {_listed(flags)}; without it nobody can see who must not be counted.{also}{has}",
        )
    raise RefusedFile(RefusedCode.MISSING_COLUMNS, f"The file lacks {_listed(rest)}, which every row needs.{has}")


def _listed(names: Sequence[str]) -> str:
    return ("the column " if len(names) == 1 else "the columns ") + ", ".join(names)
