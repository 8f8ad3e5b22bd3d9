"""What is drawn of a table: bars with lengths and words. A hidden bar's length tells nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from buvett.pages.regional.measures import Measure, Shown, shown
from buvett.pages.regional.tables import Row, Table

Line = tuple[str, Shown]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar. ``length`` is a part of the room, 0 to 1; a hidden cell's bar is hatched and always of length 1.

    ``marked``: the one that is spoken of.
    """

    label: str
    shown: Shown
    length: float
    marked: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One drawing: its bars, and the number for all of them together if there is one."""

    id: str
    title: str
    measure: Measure
    bars: tuple[Bar, ...]
    whole: Shown | None

    @property
    def largest(self) -> tuple[Bar, ...]:
        """The longest shown bars (several when they are equal); none when all is hidden or zero."""
        most = max((bar.shown.value or 0 for bar in self.bars), default=0)
        return tuple(bar for bar in self.bars if most and bar.shown.value == most)

    @property
    def hidden(self) -> int:
        return sum(bar.shown.hidden for bar in self.bars)

    @property
    def lacking(self) -> int:
        """How many bars have a number but no share or rate."""
        return sum(bar.shown.lacks_base for bar in self.bars)


def charts_of(table: Table, *, measure: Measure = Measure.COUNT, language: str = "nn") -> tuple[Chart, ...]:
    """One chart of a table of codes; of a table over municipalities one for each code, all on one scale."""

    def line(row: Row, position: int = 0) -> Line:
        return row.label, shown(row.cells[position], row, measure=measure, language=language)

    region = next((row for row in table.rows if row.is_total), None)
    if not table.by_municipality:
        bars = [line(row) for row in _finest([row for row in table.rows if not row.is_total])]
        whole = line(region)[1] if region else None
        return (_chart(f"{table.id}-0", table.title, bars, longest=_most(bars), whole=whole, measure=measure),)
    places = [row for row in table.rows if not row.is_total]
    panels = [
        (position, column.label, [line(row, position) for row in places], line(region, position)[1] if region else None)
        for position, column in enumerate(table.columns)
        if not column.is_total
    ]
    longest = max((_most(bars) for _, _, bars, _ in panels), default=Decimal(0))
    return tuple(
        _chart(f"{table.id}-{position}", label, bars, longest=longest, whole=whole, measure=measure)
        for position, label, bars, whole in panels
    )


def region_chart(table: Table, *, measure: Measure = Measure.COUNT, language: str = "nn") -> Chart | None:
    """Of a table over municipalities: the region's own row, one bar for each code. None without such a row."""
    region = next((row for row in table.rows if row.is_total), None)
    if not table.by_municipality or region is None:
        return None
    found = [
        (column, shown(cell, region, measure=measure, language=language))
        for column, cell in zip(table.columns, region.cells, strict=True)
    ]
    bars = [(column.label, cell) for column, cell in found if not column.is_total]
    whole = next((cell for column, cell in found if column.is_total), None)
    return _chart(f"{table.id}-r", region.label, bars, longest=_most(bars), whole=whole, measure=measure)


def counts_chart(key: str, title: str, bars: Sequence[Line], *, marked: int) -> Chart:
    """Of counts that stand in one line of a table; ``marked`` is the place of the one that is spoken of."""
    chart = _chart(key, title, bars, longest=_most(bars), whole=None, measure=Measure.COUNT)
    drawn = tuple(replace(bar, marked=place == marked) for place, bar in enumerate(chart.bars))
    return replace(chart, bars=drawn)


def _finest(rows: Sequence[Row]) -> list[Row]:
    """Without the groups whose codes follow under them: nobody is drawn twice."""
    return [
        row for row, after in zip(rows, [*rows[1:], None], strict=True) if after is None or after.depth <= row.depth
    ]


def _most(bars: Sequence[Line]) -> int | Decimal:
    return max((found.value or 0 for _, found in bars), default=0)


def _chart(
    key: str, title: str, bars: Sequence[Line], *, longest: int | Decimal, whole: Shown | None, measure: Measure
) -> Chart:
    def length(found: Shown) -> float:
        if found.hidden:
            return 1.0
        return round(float((found.value or 0) / longest), 4) if longest else 0.0

    drawn = tuple(Bar(label=label, shown=found, length=length(found)) for label, found in bars)
    return Chart(id=key, title=title, measure=measure, bars=drawn, whole=whole)
