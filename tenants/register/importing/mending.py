"""A refused row, kept as text to be mended, and read again as if it stood in the file so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tenants.register.codelists import Kind, columns
from tenants.register.importing.cells import as_text
from tenants.register.importing.header import Header
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.result import ParsedRow, RefusedRow, Remark
from tenants.register.importing.rows import RowReader
from tenants.register.importing.table import Cell, Formula

_TEXTS = frozenset({Kind.TEXT, Kind.PHONE})


@dataclass(frozen=True, kw_only=True, repr=False)
class Reread:
    """What a row gives when it is read again: facts, or None with the issues."""

    parsed: ParsedRow | None
    issues: tuple[Remark, ...]
    notes: tuple[Remark, ...]


def refused_row(row: int, cells: Sequence[Cell], header: Header) -> RefusedRow:
    """The row's cells as text, of the columns that the file has."""
    kinds = {column.name: column.kind for column in columns()}
    found = {}
    for name, position in header.positions.items():
        cell = cells[position] if position < len(cells) else None
        formula = isinstance(cell, Formula) and kinds[name] in _TEXTS
        found[name] = cell.text if isinstance(cell, Formula) and formula else as_text(cell)
    return RefusedRow(row=row, cells=found)


def read_again(
    refused: RefusedRow,
    *,
    counted_on: date,
    synthetic_mode: bool,
    epoch_1904: bool,
    seen: Collection[str],
    mapping: ColumnMapping = ColumnMapping(),  # noqa: B008 - frozen and empty
) -> Reread:
    """Read one row, whose cells someone may have mended. ``seen``: numbers that the file's accepted rows hold."""
    names = list(refused.cells)
    header = Header(row_number=1, cells=tuple(names), positions={name: at for at, name in enumerate(names)}, unknown=())
    reader = RowReader(
        header=header,
        mapping=mapping,
        counted_on=counted_on,
        synthetic_mode=synthetic_mode,
        epoch_1904=epoch_1904,
        seen=seen,
    )
    parsed = reader.read(refused.row, tuple(refused.cells[name] for name in names))
    return Reread(parsed=parsed, issues=tuple(reader.issues), notes=tuple(reader.notes))


def mended(refused: RefusedRow, cells: Mapping[str, str]) -> RefusedRow:
    """The row with other texts in some of its own columns; others are not taken."""
    own = {name: cells[name].strip() for name in refused.cells if name in cells}
    return RefusedRow(row=refused.row, cells={**refused.cells, **own})
