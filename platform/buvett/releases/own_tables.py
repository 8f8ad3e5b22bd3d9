"""A municipality's own true counts in the agreed tables, with what may ever be shown of each. Pure.

The mark is about the threshold alone. Whether a number that may be shown is shown is decided by the publisher, for
all members together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np

from anonymisation.counts import Counts
from anonymisation.programme import Dimension, Programme, Table, Zeros


class Mark(StrEnum):
    """What becomes of one of the own numbers."""

    SMALL = "small"  # below the table's threshold: never shown for the municipality
    MAY_SHOW = "may_show"
    SUM_ONLY = "sum_only"  # the table shows it for no municipality alone


@dataclass(frozen=True, kw_only=True)
class OwnCell:
    """One number: the codes of the table's other dimensions, and how coarse they are ("total", "group", "code")."""

    key: tuple[str, ...]
    grain: str
    number: int
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class OwnTable:
    """One agreed table of one municipality. ``dimensions``: those besides the municipality's own."""

    id: str
    dimensions: tuple[Dimension, ...]
    threshold: int
    hides_zeros: bool
    sensitive: bool
    by_municipality: bool
    cells: tuple[OwnCell, ...]

    @property
    def small(self) -> int:
        return sum(cell.mark is Mark.SMALL for cell in self.cells)


def own_tables(text: bytes, programme: Programme, *, municipality: str) -> tuple[OwnTable, ...]:
    """The tables of a T.json that holds the counts of ``municipality`` (its code) alone, in the programme's order.

    Raises CountsError where the text is not that.
    """
    counts = Counts.parse(text, programme, contributors=[municipality])
    return tuple(_table(table, counts, municipality=municipality) for table in programme.tables)


def _table(table: Table, counts: Counts, *, municipality: str) -> OwnTable:
    programme = counts.programme
    axes = table.axes(programme)
    place = axes.index(str(programme.contributor))
    others = [programme.dimension(name) for at, name in enumerate(axes) if at != place]
    own = counts.tables[table.id].take(programme.contributors.index(municipality), axis=place)
    levels = dict(zip(table.dimensions, table.levels, strict=True))
    by_municipality = programme.contributor in levels and "code" in levels[programme.contributor]
    published = [frozenset(code for level in levels[other.name] for code in other.at_level(level)) for other in others]
    cells = []
    for key in product(*(_codes(other) for other in others)):
        places = [list(other.members[code]) for other, code in zip(others, key, strict=True)]
        number = int(own[np.ix_(*places)].sum())
        shown = by_municipality and all(code in codes for code, codes in zip(key, published, strict=True))
        cells.append(OwnCell(key=key, grain=_grain(others, key), number=number, mark=_mark(table, number, shown=shown)))
    return OwnTable(
        id=table.id,
        dimensions=tuple(others),
        threshold=table.threshold,
        hides_zeros=table.zeros is Zeros.HIDE,
        sensitive=table.sensitive,
        by_municipality=by_municipality,
        cells=tuple(cells),
    )


def _mark(table: Table, number: int, *, shown: bool) -> Mark:
    if not shown:
        return Mark.SUM_ONLY
    least = 0 if table.zeros is Zeros.HIDE else 1
    return Mark.SMALL if least <= number < table.threshold else Mark.MAY_SHOW


def _codes(dimension: Dimension) -> Iterator[str]:
    """The total, then each group of the coarsest level followed by its codes; codes of no group last."""
    yield dimension.total
    seen: set[str] = set()
    for group, leaves in dimension.levels[-1].groups if dimension.levels else ():
        yield group
        yield from leaves
        seen.update(leaves)
    yield from (code for code in dimension.codes if code not in seen)


def _grain(dimensions: list[Dimension], key: tuple[str, ...]) -> str:
    grains = [
        "total" if code == dimension.total else "code" if code in dimension.codes else "group"
        for dimension, code in zip(dimensions, key, strict=True)
    ]
    return next((grain for grain in ("code", "group") if grain in grains), "total")
