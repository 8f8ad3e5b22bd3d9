"""Protecting the same counts in many ways, each held against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from anonymisation import cells as numbered
from anonymisation.comparison.designs import Design, designs, options_told, with_method
from anonymisation.comparison.telling import NOTE
from anonymisation.counts import Counts
from anonymisation.errors import CountsError, InputError, NoSafeRelease
from anonymisation.programme import Method, Programme
from anonymisation.protection import protect
from anonymisation.reading import canonical
from anonymisation.release import Release, Why

FORMAT = "anonymise/comparison/1"
NEAR_SHARE, NEAR_COUNT = 0.1, 1


@dataclass(frozen=True)
class Row:
    """What one method would make of one design.

    `cells` are published, `above_0` of them are not 0 in truth; `shown` of those are shown with a number and `near` of
    those within 1 or a tenth of the truth. `mean_error` and `largest_error` are over the cells that are shown.
    Where nothing would be released, `refused` says why and the figures are None.
    """

    design: str
    method: str
    options: str
    cells: int
    above_0: int
    shown: int | None = None
    near: int | None = None
    mean_error: float | None = None
    largest_error: int | None = None
    refused: str = ""

    @property
    def share(self) -> float:
        """Share of the cells above 0 that a reader learns nearly: what the picture shows."""
        return 0.0 if not self.near or not self.above_0 else self.near / self.above_0


@dataclass(frozen=True)
class Comparison:
    """All rows for one programme: for the owner of the microdata only, as `NOTE` says."""

    programme: str
    period: str
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain values for JSON."""
        return {
            "format": FORMAT,
            "note": NOTE,
            "programme": self.programme,
            "period": self.period,
            "rows": [asdict(row) for row in self.rows],
        }

    def to_bytes(self) -> bytes:
        """Return the comparison as canonical JSON."""
        return canonical(self.to_json())


def compare(
    programme: Programme,
    counts: Counts,
    *,
    methods: Sequence[Method] = tuple(Method),
    others: Sequence[Counts] = (),
    key: bytes = b"",
) -> Comparison:
    """Return what each method would show of each design of a programme, and what it would cost.

    `others` are counts of other periods in the same tables; with them, pooled years are a design of their own: the sum,
    in which a person of two years counts twice. Nothing here is safe to publish. Raises `InputError` for counts that do
    not fit.
    """
    _check_fit(programme, (counts, *others))
    rows = [_row(design, design.counts(counts), method, key) for design in designs(programme) for method in methods]
    if others:
        design = Design(f"{len(others) + 1} years pooled", programme)
        pooled = _sum(programme, (counts, *others))
        rows += [_row(design, pooled, method, key) for method in methods]
    return Comparison(programme.id, programme.period, tuple(rows))


def _check_fit(programme: Programme, counts: Sequence[Counts]) -> None:
    for one in counts:
        told = one.programme
        if (told.dimensions, told.tables, told.contributor) != (
            programme.dimensions,
            programme.tables,
            programme.contributor,
        ):
            raise CountsError("compare: the counts are of another programme")
        if one.contributors != counts[0].contributors:
            raise CountsError("compare: other contributors delivered in another period")


def _sum(programme: Programme, counts: Sequence[Counts]) -> Counts:
    tables = {t.id: np.sum([one.tables[t.id] for one in counts], axis=0) for t in programme.tables}
    return Counts.from_tables(programme, tables, contributors=counts[0].contributors)


def _row(design: Design, counts: Counts, method: Method, key: bytes) -> Row:
    programme = with_method(design.programme, method)
    keys = counts.keys if method is Method.CELLKEY else None
    given = Counts.from_tables(programme, counts.tables, contributors=counts.contributors, keys=keys)
    cells = numbered.of(given)
    truth = cells.sums(given.tables)
    options = options_told(programme.policy)
    row = Row(design.name, str(method), options, len(truth), int((truth > 0).sum()))
    try:
        release = protect(programme, given, key=key).release
    except (NoSafeRelease, InputError) as refused:
        return Row(row.design, row.method, row.options, row.cells, row.above_0, refused=str(refused))
    return _measured(row, cells, truth, release)


def _measured(row: Row, cells: numbered.Cells, truth: numbered.Ints, release: Release) -> Row:
    """Hold a release against the truth, each cell once though two tables show it."""
    value = np.zeros_like(truth)
    shown = np.zeros(len(truth), dtype=bool)
    for table in release.programme.tables:
        for at, cell in zip(cells.places[table.id].tolist(), release.cells[table.id], strict=True):
            if cell.why is not Why.WAITING and cell.value is not None:
                value[at], shown[at] = cell.value, True
    off = np.abs(value - truth)
    near = shown & (off <= np.maximum(NEAR_COUNT, NEAR_SHARE * truth))
    return Row(
        row.design,
        row.method,
        row.options,
        row.cells,
        row.above_0,
        shown=int((shown & (truth > 0)).sum()),
        near=int((near & (truth > 0)).sum()),
        mean_error=round(float(off[shown].mean()), 3) if shown.any() else 0.0,
        largest_error=int(off[shown].max(initial=0)),
    )
