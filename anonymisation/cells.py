"""Published cells by whom they count: a cell that two tables publish is one cell, with one value.

>>> from anonymisation.programme import EXAMPLE
>>> programme = Programme.parse(EXAMPLE)
>>> cells = number(programme, programme.contributors)
>>> len(cells.people), cells.people[cells.places["situation"][-1]]
(12, ())
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from anonymisation.counts import Counts
from anonymisation.programme import Programme, Table
from anonymisation.release import Cell, Release, Why

Ints = NDArray[np.int64]
# Who is counted: for each dimension that narrows, the leaves that are in. Nothing narrowed: everyone.
People = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Cells:
    """The different cells of a programme, for those that delivered.

    `people` (c,) tells whom each counts; `places[table id]` (published cells of the table,) is the cell's number, or -1
    where nobody that delivered is in it.
    """

    programme: Programme
    contributors: tuple[str, ...]
    people: tuple[People, ...]
    places: Mapping[str, Ints]

    def sums(self, arrays: Mapping[str, NDArray[np.int64]]) -> Ints:
        """Return (c,) the cells' sums of leaf arrays, one for each table over its axes; they wrap at 2**64."""
        out = np.zeros(len(self.people), dtype=np.int64)
        for table in self.programme.tables:
            places = self.places[table.id]
            values = published(self.programme, table, arrays[table.id]).reshape(-1)
            out[places[places >= 0]] = values[places >= 0]
        return out

    def release(self, values: Ints, stated: Mapping[str, object], *, revision: int = 0) -> Release:
        """Return the release that shows `values` (c,); a cell that nobody delivered to is waiting."""
        cells = {}
        for table in self.programme.tables:
            row = []
            for key, at in zip(table.published(self.programme), self.places[table.id], strict=True):
                row.append(Cell(key, None, Why.WAITING) if at < 0 else Cell(key, int(values[at])))
            cells[table.id] = tuple(row)
        return Release(self.programme, self.contributors, cells, revision, stated=dict(stated))


def of(counts: Counts) -> Cells:
    """Return the cells of the programme of `counts`."""
    return number(counts.programme, counts.contributors)


def number(programme: Programme, contributors: Sequence[str]) -> Cells:
    """Number the cells of a programme, given who delivered."""
    present = tuple(programme.contributors.index(code) for code in contributors)
    found: dict[People, int] = {}
    places = {}
    for table in programme.tables:
        row = [people(programme, table, key, present) for key in table.published(programme)]
        places[table.id] = np.array([-1 if who is None else found.setdefault(who, len(found)) for who in row])
    return Cells(programme, tuple(contributors), tuple(found), places)


def people(programme: Programme, table: Table, key: Sequence[str], present: Sequence[int]) -> People | None:
    """Return whom a published cell counts, or None where nobody that delivered is in it."""
    narrowed = []
    for name, code in zip(table.dimensions, key, strict=True):
        dimension = programme.dimension(name)
        inside, whole = dimension.members[code], len(dimension.codes)
        if name == programme.contributor:
            inside, whole = tuple(leaf for leaf in inside if leaf in present), len(present)
            if not inside:
                return None
        # The total of a multi list is a place of its own: its people, not its codes.
        if code != dimension.total if dimension.multi else len(inside) < whole:
            narrowed.append((name, inside))
    return tuple(sorted(narrowed))


def published(programme: Programme, table: Table, array: NDArray[np.int64]) -> Ints:
    """Return a leaf array's sums over the table's published codes, an axis for each of its dimensions."""
    axes = table.axes(programme)
    if len(axes) > len(table.dimensions):
        array = array.sum(axis=-1)
    for axis, (name, levels) in enumerate(zip(table.dimensions, table.levels, strict=True)):
        dimension = programme.dimension(name)
        codes = chain.from_iterable(dimension.at_level(level) for level in levels)
        parts = [array.take(dimension.members[code], axis=axis).sum(axis=axis) for code in codes]
        array = np.stack(parts, axis=axis)
    return array
