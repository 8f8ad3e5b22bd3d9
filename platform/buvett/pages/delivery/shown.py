"""The own numbers as a person reads them: labels, and a mark with sign, word and colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from buvett.pages.regional.labels import labels_for
from buvett.releases.own_tables import Mark, OwnCell, OwnTable


@dataclass(frozen=True, kw_only=True)
class ShownMark:
    letter: str
    word: str | Promise
    kind: str


MARKS: Mapping[Mark, ShownMark] = {
    Mark.SMALL: ShownMark(letter="×", word=_("too small: never shown"), kind="danger"),
    Mark.MAY_SHOW: ShownMark(letter="✓", word=_("may be shown"), kind="success"),
    Mark.SUM_ONLY: ShownMark(letter="Σ", word=_("only in the region's sum"), kind="neutral"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    label: str
    grain: str
    number: int
    mark: ShownMark


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    id: str
    title: str
    threshold: int
    hides_zeros: bool
    by_municipality: bool
    lines: tuple[Line, ...]
    small: int


def shown_tables(tables: Sequence[OwnTable], *, language: str) -> tuple[ShownTable, ...]:
    """The tables with words in that language, in their order."""
    return tuple(_table(table, language=language) for table in tables)


def _table(table: OwnTable, *, language: str) -> ShownTable:
    labels = [labels_for(one.name, one.to_json(), language=language) for one in table.dimensions]
    totals = [one.total for one in table.dimensions]

    def label(cell: OwnCell) -> str:
        words = [
            gettext("All") if code == total else words[code]
            for code, total, words in zip(cell.key, totals, labels, strict=True)
        ]
        return ", ".join(words)

    return ShownTable(
        id=table.id,
        title=" × ".join(one.title for one in labels) or table.id,
        threshold=table.threshold,
        hides_zeros=table.hides_zeros,
        by_municipality=table.by_municipality,
        lines=tuple(
            Line(label=label(cell), grain=cell.grain, number=cell.number, mark=MARKS[cell.mark]) for cell in table.cells
        ),
        small=table.small,
    )
