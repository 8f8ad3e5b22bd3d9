"""Released numbers as a plan shows them: words, period, source, and a chart of the line that they stand in."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import get_language, gettext

from buvett.locale import norwegian
from buvett.pages.regional.charts import Chart, counts_chart
from buvett.pages.regional.drawing import svg_of
from buvett.pages.regional.findings import finding
from buvett.pages.regional.labels import Labels, labels_for
from buvett.pages.regional.measures import Measure, in_words
from buvett.pages.regional.places import places_of
from buvett.pages.regional.tables import Cell, Why
from buvett.plans.numbers import Number
from buvett.releases import queries
from buvett.releases.queries import Dimension, ReleaseDetail, Table


@dataclass(frozen=True, kw_only=True)
class ShownNumber:
    """``value`` is None where the release hides it; ``why`` is "protected" or "waiting" then."""

    label: str
    value: int | None
    why: str | None
    period: str
    programme: str
    counted_on: date
    published_at: datetime
    sha256: str
    withdrawn: bool
    definition: str
    chart: Chart

    @property
    def finding(self) -> str:
        """What the chart shows, in words."""
        return finding(self.chart)

    @property
    def drawing(self) -> str:
        """The chart as SVG, to stand in a page."""
        return svg_of(self.chart, finding=self.finding)


class Reader:
    """Reads the releases that numbers stand in, each once; as the reader's role."""

    def __init__(self) -> None:
        self._releases: dict[UUID, ReleaseDetail] = {}
        self._names: dict[UUID, dict[str, str]] = {}
        self.language = get_language() or "nn"

    def release(self, identifier: UUID) -> ReleaseDetail:
        """The release. Raises NoRelease."""
        if identifier not in self._releases:
            found = queries.release(identifier)
            body = json.loads(found.body)
            who = body["dimensions"][body["contributor"]]
            places, _ = places_of(who["codes"], on=found.counted_on)
            self._releases[identifier] = found
            self._names[identifier] = {
                **{place.code: place.name for place in places},
                who["total"]: found.region_name,
            }
        return self._releases[identifier]

    def names(self, identifier: UUID, codes: Iterable[str]) -> list[str]:
        """The names of municipalities of a release, in their order."""
        self.release(identifier)
        return sorted((self._names[identifier].get(code, code) for code in codes), key=norwegian.sorting)

    def shown(self, number: Number, *, key: str = "number") -> ShownNumber:
        """The number with its words and its neighbours in the table. ``key`` names its drawing on the page."""
        release = self.release(number.release)
        table = release.table(number.table)
        return ShownNumber(
            label=self.label(release, table, number.key),
            value=number.value,
            why=number.why,
            period=release.period,
            programme=release.programme,
            counted_on=release.counted_on,
            published_at=release.published_at,
            sha256=release.sha256,
            withdrawn=release.is_withdrawn,
            definition=self._definition(release, table),
            chart=self._chart(release, table, number.key, name=f"{key}-chart"),
        )

    def title(self, release: ReleaseDetail, table: Table) -> str:
        """What the table counts by."""
        words = [self._labels(release, one).title for one in table.dimensions if not self._is_place(release, one)]
        return " × ".join(words) or table.id

    def heading(self, release: ReleaseDetail, table: Table) -> str:
        """What the table counts by, and where."""
        told = {"title": self.title(release, table)}
        places = [one for one in table.dimensions if self._is_place(release, one)]
        if any("code" in table.levels[one.name] for one in places):
            return gettext("%(title)s, by municipality") % told
        return gettext("%(title)s, the whole region") % told

    def label(self, release: ReleaseDetail, table: Table, key: Sequence[str]) -> str:
        """The cell in words: what it counts, and where."""
        words, places = [], [release.region_name]
        for dimension, code in zip(table.dimensions, key, strict=True):
            if self._is_place(release, dimension):
                places = self.names(release.id, [code])
            else:
                words.append(f"{self._labels(release, dimension).title}: {self._word(release, dimension, code)}")
        return "; ".join([*words, *places])

    def is_of_the_region(self, release: ReleaseDetail, table: Table, key: Sequence[str]) -> bool:
        """Whether the cell is about the region as a whole."""
        places = [(one, code) for one, code in zip(table.dimensions, key, strict=True) if self._is_place(release, one)]
        return all(code == one.total for one, code in places)

    def _chart(self, release: ReleaseDetail, table: Table, key: tuple[str, ...], *, name: str) -> Chart:
        """The codes of the key's own level, in the key's own place; the key's own bar is marked."""
        at = next((i for i, one in enumerate(table.dimensions) if not self._is_place(release, one)), 0)
        dimension = table.dimensions[at]
        bars, own = [], 0
        for code in _level_of(table, dimension, key[at]):
            there = (*key[:at], code, *key[at + 1 :])
            try:
                cell = table.cell(*there)
            except KeyError:
                continue
            word = self._word(release, dimension, code)
            if self._is_place(release, dimension):
                (word,) = self.names(release.id, [code])
            if there == key:
                own = len(bars)
            found = Cell(value=cell.value, why=Why(cell.why) if cell.why else None)
            bars.append((word, in_words(found, cell.value, measure=Measure.COUNT, language=self.language)))
        return counts_chart(name, self.title(release, table), bars, marked=own)

    def _word(self, release: ReleaseDetail, dimension: Dimension, code: str) -> str:
        return gettext("All") if code == dimension.total else self._labels(release, dimension)[code]

    def _labels(self, release: ReleaseDetail, dimension: Dimension) -> Labels:
        return labels_for(dimension.name, {"codes": dimension.codes}, language=self.language)

    def _definition(self, release: ReleaseDetail, table: Table) -> str:
        lists = [self._labels(release, one).code_list for one in table.dimensions if not self._is_place(release, one)]
        return ", ".join(one for one in lists if one)

    def _is_place(self, release: ReleaseDetail, dimension: Dimension) -> bool:
        return bool(set(dimension.codes) & {*release.contributors, *release.waiting})


def _level_of(table: Table, dimension: Dimension, code: str) -> tuple[str, ...]:
    """The published codes that stand beside this one: of its own level, or of the coarsest below a total."""
    levels = {"code": dimension.codes, **{name: tuple(groups) for name, groups in dimension.levels.items()}}
    published = [levels[name] for name in table.levels[dimension.name] if name in levels]
    for codes in published:
        if code in codes:
            return codes
    return published[-1] if published else (code,)
