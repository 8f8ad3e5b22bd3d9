"""The same table as numbers, shares, or per 1,000 inhabitants: from shown cells, on a base that is large enough."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext

from buvett.locale import norwegian
from buvett.pages.regional.tables import Cell, Row, Table, Why, rate_of, share_of


class Measure(StrEnum):
    """What a table shows; the value stands in the address (``?show=share``)."""

    COUNT = "count"
    SHARE = "share"
    RATE = "rate"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One cell as a reader meets it. Without a ``value`` the ``text`` is a word or a dash."""

    cell: Cell
    value: int | Decimal | None
    text: str

    @property
    def hidden(self) -> bool:
        return self.cell.why is not None

    @property
    def lacks_base(self) -> bool:
        """Whether the number is known but is no share or rate: its base is hidden or below 30."""
        return self.value is None and self.cell.why is None


def shown(cell: Cell, row: Row, *, measure: Measure, language: str) -> Shown:
    """A cell of a row by that measure."""
    return in_words(cell, measured(cell, row, measure=measure), measure=measure, language=language)


def in_words(cell: Cell, value: int | Decimal | None, *, measure: Measure, language: str) -> Shown:
    """A cell and what it measures, with its text in that language."""
    if cell.why is Why.WAITING:
        text = gettext("awaited")
    elif cell.why is not None:
        text = gettext("hidden")
    elif value is None:
        text = "–"
    elif measure is Measure.SHARE:
        text = norwegian.percent(value, language=language)
    else:
        text = norwegian.number(value, language=language)
    return Shown(cell=cell, value=value, text=text)


def measured(cell: Cell, row: Row, *, measure: Measure) -> int | Decimal | None:
    """The number, the per cent of all, or the rate per 1,000 inhabitants; None where there is none to give."""
    if measure is Measure.SHARE:
        return share_of(cell, row.whole)
    if measure is Measure.RATE:
        return rate_of(cell, row.base)
    return cell.value


def lines(table: Table, *, measure: Measure, language: str) -> tuple[tuple[Row, tuple[Shown, ...]], ...]:
    """Each row with its cells by that measure."""
    return tuple(
        (row, tuple(shown(cell, row, measure=measure, language=language) for cell in row.cells)) for row in table.rows
    )


def measures_of(table: Table) -> tuple[Measure, ...]:
    """What the table can show: a share or a rate only where at least one cell has one."""

    def has(measure: Measure) -> bool:
        return any(measured(cell, row, measure=measure) is not None for row in table.rows for cell in row.cells)

    return (Measure.COUNT, *(measure for measure in (Measure.SHARE, Measure.RATE) if has(measure)))
