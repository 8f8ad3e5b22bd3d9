"""Bar charts as numbers: the template draws them as SVG without style, script or colour that carries meaning."""

from collections.abc import Sequence
from dataclasses import dataclass

from buvett.pages.regional.tables import Cell, Row, Table

WIDTH = 320  # in the drawing's own units: it fits a phone without shrinking its letters
LINE = 40  # a label and, under it, its bar
BAR = 16
NUMBER = 54  # room to the right of the longest bar


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar. A hidden cell's bar is hatched and always of the same full length: its length tells nothing."""

    label: str
    cell: Cell
    text_y: int
    bar_y: int
    length: int

    @property
    def number_x(self) -> int:
        return self.length + 6

    @property
    def number_y(self) -> int:
        return self.bar_y + BAR - 3


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One drawing: its bars and what it shows, in words."""

    id: str
    title: str
    bars: tuple[Bar, ...]
    whole: Cell | None

    @property
    def height(self) -> int:
        return LINE * len(self.bars) + 4

    @property
    def largest(self) -> tuple[Bar, ...]:
        """The longest shown bars (several when they are equal); none when all is hidden or zero."""
        most = max((bar.cell.value or 0 for bar in self.bars), default=0)
        return tuple(bar for bar in self.bars if most and bar.cell.value == most)

    @property
    def hidden(self) -> int:
        return sum(bar.cell.why is not None for bar in self.bars)


def charts_of(table: Table) -> tuple[Chart, ...]:
    """One chart of a table of codes; of a table over municipalities one for each code, all on one scale."""
    if not table.by_municipality:
        rows = [row for row in table.rows if not row.is_total]
        whole = next((row.cells[0] for row in table.rows if row.is_total), None)
        bars = [(row.label, row.cells[0]) for row in _finest(rows)]
        return (_chart(f"{table.id}-0", table.title, bars, longest=_most(bars), whole=whole),)
    panels = []
    places = [row for row in table.rows if not row.is_total]
    region = next((row for row in table.rows if row.is_total), None)
    for position, column in enumerate(table.columns):
        if not column.is_total:
            bars = [(row.label, row.cells[position]) for row in places]
            panels.append((column.label, bars, region.cells[position] if region else None, position))
    longest = max((_most(bars) for _, bars, _, _ in panels), default=0)
    return tuple(
        _chart(f"{table.id}-{position}", label, bars, longest=longest, whole=whole)
        for label, bars, whole, position in panels
    )


def _finest(rows: Sequence[Row]) -> list[Row]:
    """Without the groups whose codes follow under them: nobody is drawn twice."""
    return [
        row for row, after in zip(rows, [*rows[1:], None], strict=True) if after is None or after.depth <= row.depth
    ]


def _most(bars: Sequence[tuple[str, Cell]]) -> int:
    return max((cell.value or 0 for _, cell in bars), default=0)


def _chart(key: str, title: str, bars: Sequence[tuple[str, Cell]], *, longest: int, whole: Cell | None) -> Chart:
    room = WIDTH - NUMBER
    drawn = []
    for position, (label, cell) in enumerate(bars):
        length = room if cell.value is None else round(room * cell.value / longest) if longest else 0
        drawn.append(
            Bar(label=label, cell=cell, text_y=LINE * position + 14, bar_y=LINE * position + 20, length=length)
        )
    return Chart(id=key, title=title, bars=tuple(drawn), whole=whole)
