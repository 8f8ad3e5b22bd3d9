"""From a release's JSON to tables that a person reads. A hidden cell keeps its reason, never a number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from buvett.locale import norwegian
from buvett.pages.regional.labels import Labels, labels_for

SMALLEST_BASE = 30  # a rate or a share needs a base of at least this many
EXACT_SHARE_FROM = 100  # below, shares are rounded to five percentage points


class Why(StrEnum):
    """Why a cell shows no number."""

    PROTECTED = "protected"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One published cell. Without a ``value`` there is a ``why``; ``awaited`` names who has not delivered."""

    value: int | None
    why: Why | None = None
    awaited: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table: a municipality, a code, or a total over them."""

    code: str
    label: str
    is_total: bool
    depth: int
    cells: tuple[Cell, ...]
    whole: Cell | None = None  # what a share of this row rests on: all codes together
    base: int | None = None  # inhabitants, what a rate of this row rests on
    share: int | None = None  # per cent of the table's total
    rate: Decimal | None = None  # per 1,000 inhabitants


@dataclass(frozen=True, kw_only=True)
class Column:
    code: str
    label: str
    is_total: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of a release. ``by_municipality``: rows are municipalities, columns codes; else rows are codes."""

    id: str
    title: str
    by_municipality: bool
    sensitive: bool
    several: bool  # a person may count under several codes
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    lists: tuple[str, ...]  # the code lists that define the codes, with their versions
    definition: str  # where these lists are from

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for row in self.rows for cell in row.cells)

    @property
    def hidden(self) -> int:
        return sum(cell.why is not None for cell in self.cells)

    @property
    def protected(self) -> bool:
        return any(cell.why is Why.PROTECTED for cell in self.cells)

    @property
    def awaited(self) -> tuple[str, ...]:
        return tuple(sorted({name for cell in self.cells for name in cell.awaited}))


@dataclass(frozen=True, kw_only=True)
class Place:
    """A municipality as a reader meets it: its name and, if known, its inhabitants."""

    code: str
    name: str
    inhabitants: int | None


def tables_of(
    release: Mapping[str, Any], *, places: Sequence[Place], region: str, total: str, language: str
) -> tuple[Table, ...]:
    """All tables of a release (format ``anonymise/release/1``), in its order.

    region: the region's name; total: the word for all codes together.
    """
    reader = _Reader(release, places=places, region=region, total=total, language=language)
    return tuple(reader.table(table) for table in release["tables"])


class _Reader:
    def __init__(
        self, release: Mapping[str, Any], *, places: Sequence[Place], region: str, total: str, language: str
    ) -> None:
        self.dimensions: Mapping[str, Any] = release["dimensions"]
        self.contributor: str = release.get("contributor", "")
        self.total = total
        self.language = language
        who = self.dimensions.get(self.contributor, {"codes": [], "total": ""})
        self.places = {place.code: place for place in places}
        self.members: list[str] = list(who["codes"])
        self.delivered = frozenset(release["contributors"])
        self.region = Labels(
            title="", code_list="", of={**{p.code: p.name for p in places}, who["total"]: region}, definition=""
        )

    def table(self, table: Mapping[str, Any]) -> Table:
        names: list[str] = table["dimensions"]
        cells = {tuple(cell["key"]): cell for cell in table["cells"]}
        if self._is_region_only(names, cells):
            where = names.index(self.contributor)
            names = [name for name in names if name != self.contributor]
            cells = {key[:where] + key[where + 1 :]: cell for key, cell in cells.items()}
        labels = {name: self._labels(name) for name in names}
        others = [name for name in names if name != self.contributor]
        by_municipality = len(names) == 2 and len(others) == 1
        several = any(self.dimensions[name].get("multi", False) for name in names)
        if by_municipality:
            columns, rows = self._crossed(names, others[0], cells, labels)
        else:
            columns, rows = (), self._listed(names, cells, labels, several=several)
        return Table(
            id=table["id"],
            title=" × ".join(labels[name].title for name in others) or table["id"],
            by_municipality=by_municipality,
            sensitive=table.get("sensitive", False),
            several=several,
            columns=columns,
            rows=rows,
            lists=tuple(labels[name].code_list for name in others if labels[name].code_list),
            definition="; ".join(labels[name].definition for name in others if labels[name].definition),
        )

    def _is_region_only(self, names: list[str], cells: Mapping[tuple[str, ...], Mapping[str, Any]]) -> bool:
        """Whether the table crosses municipalities but publishes the region's total alone."""
        if self.contributor not in names or len(names) < 2:
            return False
        where = names.index(self.contributor)
        return {key[where] for key in cells} <= {self.dimensions[self.contributor]["total"]}

    def _labels(self, name: str) -> Labels:
        if name == self.contributor:
            return self.region
        return labels_for(name, self.dimensions[name], language=self.language)

    def _crossed(
        self,
        names: list[str],
        other: str,
        cells: Mapping[tuple[str, ...], Mapping[str, Any]],
        labels: Mapping[str, Labels],
    ) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
        where = names.index(self.contributor)
        places = self._ordered(self.contributor, {key[where] for key in cells})
        codes = self._ordered(other, {key[1 - where] for key in cells})
        columns = tuple(
            Column(code=code, label=self.total if depth == 0 else labels[other][code], is_total=depth == 0)
            for code, depth in codes
        )
        rows = []
        for place, depth in sorted(places, key=lambda found: found[1] == 0):  # the region last
            line = tuple(
                self._cell(cells.get((place, column.code) if where == 0 else (column.code, place)), place)
                for column in columns
            )
            whole = next((cell for cell, column in zip(line, columns, strict=True) if column.is_total), None)
            rows.append(
                Row(
                    code=place,
                    label=self.region[place],
                    is_total=depth == 0,
                    depth=0,
                    cells=line,
                    whole=whole,
                    base=self._inhabitants([place] if depth else None),
                    rate=rate_of(whole, self._inhabitants([place] if depth else None)),
                )
            )
        return columns, tuple(rows)

    def _listed(
        self,
        names: list[str],
        cells: Mapping[tuple[str, ...], Mapping[str, Any]],
        labels: Mapping[str, Labels],
        *,
        several: bool,
    ) -> tuple[Row, ...]:
        base = self._inhabitants(None)
        order = {name: self._ordered(name, {key[i] for key in cells}) for i, name in enumerate(names)}
        rank = {name: {code: (i, depth) for i, (code, depth) in enumerate(found)} for name, found in order.items()}
        keys = sorted(cells, key=lambda key: [rank[name][code] for name, code in zip(names, key, strict=True)])
        totals = [key for key in keys if all(rank[n][c][1] == 0 for n, c in zip(names, key, strict=True))]
        whole = self._cell(cells[totals[0]], None) if totals else None
        rows = []
        for key in keys:
            cell = self._cell(cells[key], None)
            depth = max(rank[name][code][1] for name, code in zip(names, key, strict=True))
            words = [
                self.total if rank[name][code][1] == 0 and name != self.contributor else labels[name][code]
                for name, code in zip(names, key, strict=True)
            ]
            rows.append(
                Row(
                    code="/".join(key),
                    label=words[0] if len(names) == 1 else ", ".join(words),
                    is_total=key in totals,
                    depth=depth,
                    cells=(cell,),
                    whole=whole,
                    base=base,
                    share=None if key in totals else share_of(cell, whole),
                    rate=rate_of(cell, base),
                )
            )
        return tuple(rows)

    def _cell(self, cell: Mapping[str, Any] | None, place: str | None) -> Cell:
        if cell is not None and cell["status"] == "shown":
            return Cell(value=cell["value"])
        why = Why.PROTECTED if cell is None else Why(cell.get("why", Why.PROTECTED))
        if why is Why.PROTECTED:
            return Cell(value=None, why=why)
        missing = [code for code in self.members if code not in self.delivered]
        named = [place] if place in missing else missing
        return Cell(value=None, why=why, awaited=tuple(self.region[code] for code in named if code))

    def _ordered(self, name: str, used: Iterable[str]) -> list[tuple[str, int]]:
        """The used codes with their depth: the total (0), then each group (1) with its codes (2) under it."""
        dimension = self.dimensions[name]
        used = set(used)
        order: list[tuple[str, int]] = [(dimension["total"], 0)]
        groups: Mapping[str, Sequence[str]] = {}
        for level in reversed(list(dimension.get("levels", {}).values())):  # coarsest last in the file
            groups = level
            break
        in_group = {code: group for group, codes in groups.items() for code in codes}
        seen: set[str] = set()
        for code in dimension["codes"]:
            group = in_group.get(code)
            if group is not None and group not in seen and group != code:
                seen.add(group)
                order.append((group, 1))
            order.append((code, 2 if group is not None and group in used and group != code else 1))
        for level in dimension.get("levels", {}).values():  # levels between, if any
            order += [(group, 1) for group in level if group not in seen and group not in dimension["codes"]]
        found = [(code, depth) for code, depth in order if code in used]
        if name == self.contributor:
            found.sort(key=lambda entry: (entry[1], norwegian.sorting(self.region[entry[0]])))
        return found

    def _inhabitants(self, codes: Iterable[str] | None) -> int | None:
        """Inhabitants of the named municipalities, or of all that have delivered; None if one is not known."""
        wanted = list(codes) if codes is not None else sorted(self.delivered)
        numbers = [self.places[code].inhabitants if code in self.places else None for code in wanted]
        known = [number for number in numbers if number is not None]
        return sum(known) if known and len(known) == len(numbers) else None


def rate_of(cell: Cell | None, inhabitants: int | None) -> Decimal | None:
    """Per 1,000 inhabitants with one decimal, from a shown cell and a base of at least 30.

    >>> rate_of(Cell(value=23), 2925)
    Decimal('7.9')
    >>> rate_of(Cell(value=None, why=Why.PROTECTED), 2925) is None
    True
    """
    if cell is None or cell.value is None or inhabitants is None or inhabitants < SMALLEST_BASE:
        return None
    return (Decimal(1000) * cell.value / inhabitants).quantize(Decimal("0.1"), ROUND_HALF_UP)


def share_of(cell: Cell, whole: Cell | None) -> int | None:
    """Per cent of a shown total of at least 30; below 100 rounded to five percentage points.

    >>> share_of(Cell(value=10), Cell(value=81)), share_of(Cell(value=33), Cell(value=200))
    (10, 17)
    """
    if whole is None or whole.value is None or cell.value is None or whole.value < SMALLEST_BASE:
        return None
    percent = Decimal(100) * cell.value / whole.value
    step = Decimal(5) if whole.value < EXACT_SHARE_FROM else Decimal(1)
    return int((percent / step).quantize(Decimal(1), ROUND_HALF_UP) * step)
