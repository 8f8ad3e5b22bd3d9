"""What columns a file has, for a person to say which is which. Pure; nothing of the people in it comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tenants.register.codelists import columns
from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.folding import fold_header
from tenants.register.importing.header import HeaderNames, Outline, likely_outline
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.parse import tables_of
from tenants.register.importing.shapes import Shape, shape_of
from tenants.register.importing.suggesting import suggest
from tenants.register.importing.table import Cell, Table, is_blank

# A person can settle these by saying which column is which; nothing else that is wrong with a file.
_SETTLED_BY_NAMES = frozenset(
    {
        RefusedCode.NO_HEADER,
        RefusedCode.MISSING_COLUMNS,
        RefusedCode.MISSING_FLAG_COLUMNS,
        RefusedCode.DUPLICATE_COLUMN,
    }
)
_SHAPES = 3
_VALUES = 50


@dataclass(frozen=True, kw_only=True)
class FoundColumn:
    """A column with a heading. ``shapes``: of its first three values; ``means``: the canonical name, where it is known;
    ``suggested``: what it may be; ``alone``: no other column is called the same.
    """

    heading: str
    shapes: tuple[Shape, ...]
    means: str | None
    suggested: str | None
    alone: bool


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The columns of a file in order, and how many more have values but no heading."""

    columns: tuple[FoundColumn, ...]
    nameless: int


def survey(content: bytes, mapping: ColumnMapping) -> Survey:
    """Return the columns of the sheet that is most like a register. Raises RefusedFile, NO_HEADER where none is."""
    names = HeaderNames(mapping)
    found = [(outline, table) for table in tables_of(content, names) if (outline := likely_outline(table, names))]
    if not found:
        raise RefusedFile(RefusedCode.NO_HEADER, "No row of the file looks like headings.")
    outline, table = max(found, key=lambda pair: (len(pair[0].means), len(pair[0].headings)))
    headings = {index: text for index, text in sorted(outline.headings.items()) if fold_header(text)}
    values = _values(outline, table)
    known = set(outline.means.values())
    suggested = suggest(
        {index: text for index, text in headings.items() if index not in outline.means},
        values,
        [column for column in columns() if column.name not in known],
    )
    called = Counter(fold_header(text) for text in headings.values())
    return Survey(
        columns=tuple(
            FoundColumn(
                heading=text,
                shapes=tuple(shape for cell in values.get(index, ())[:_SHAPES] if (shape := shape_of(cell))),
                means=outline.means.get(index),
                suggested=suggested.get(index),
                alone=called[fold_header(text)] == 1,
            )
            for index, text in headings.items()
        ),
        nameless=sum(index not in headings for index in values),
    )


def can_be_named(content: bytes, mapping: ColumnMapping, refusal: RefusedFile) -> bool:
    """Return whether the file, which holds more than headings, could be read if someone said which column is which."""
    if refusal.code not in _SETTLED_BY_NAMES:
        return False
    try:
        return any(column.shapes for column in survey(content, mapping).columns)
    except RefusedFile:
        return False


def _values(outline: Outline, table: Table) -> dict[int, Sequence[Cell]]:
    """The first cells below the headings that are not blank, by column."""
    found: dict[int, list[Cell]] = {}
    for number, cells in table.rows:
        if number <= outline.row_number or cells == outline.cells:
            continue
        for index, cell in enumerate(cells):
            if not is_blank(cell) and len(held := found.setdefault(index, [])) < _VALUES:
                held.append(cell)
    return dict(found)
