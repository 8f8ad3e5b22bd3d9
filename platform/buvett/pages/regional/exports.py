"""A released table as a file: CSV, JSON-stat 2.0, XLSX. What is hidden on the page is hidden here, with its reason."""

import csv
import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from buvett.pages.regional.labels import Labels
from buvett.releases.queries import Cell, ReleaseDetail, Table


@dataclass(frozen=True, kw_only=True)
class Export:
    """A table with the words for its codes: dimension → labels. ``source``: a sentence that stays with the numbers."""

    release: ReleaseDetail
    table: Table
    labels: Mapping[str, Labels]
    source: str

    @property
    def file_name(self) -> str:
        """Without its ending."""
        return f"{self.release.programme}-{self.release.period}-r{self.release.revision}-{self.table.id}"

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(self.labels[dimension.name].title or dimension.name for dimension in self.table.dimensions)

    def words(self, key: Sequence[str]) -> list[str]:
        """The labels of a cell's codes."""
        names = [dimension.name for dimension in self.table.dimensions]
        return [self.labels[name][code] for name, code in zip(names, key, strict=True)]


def lines_of(export: Export) -> list[list[str | int | None]]:
    """A heading and a line for each published cell: code and label per dimension, persons, status, why."""
    heading: list[str | int | None] = []
    for dimension, title in zip(export.table.dimensions, export.titles, strict=True):
        heading += [dimension.name, title]
    found = [[*heading, "persons", "status", "why"]]
    for cell in export.table.cells:
        line: list[str | int | None] = []
        for code, word in zip(cell.key, export.words(cell.key), strict=True):
            line += [code, word]
        found.append([*line, cell.value, cell.status, cell.why])
    return found


def csv_of(export: Export) -> str:
    """RFC 4180, comma, UTF-8. The last columns repeat on each line what the numbers rest on."""
    release = export.release
    rests_on = [release.period, release.programme, release.revision, release.sha256, export.source]
    heading, *lines = lines_of(export)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([*heading, "period", "programme", "revision", "release_sha256", "source"])
    writer.writerows([*line, *rests_on] for line in lines)
    return file.getvalue()


def json_stat_of(export: Export) -> dict[str, Any]:
    """JSON-stat 2.0, class dataset: the cube of the published codes and the period. A hidden value is null with a
    status (``protected`` or ``waiting``); a cell that the table does not publish is null without one."""
    release, table = export.release, export.table
    codes = {dimension.name: table.codes(dimension.name) for dimension in table.dimensions}
    cells: dict[tuple[str, ...], Cell] = {cell.key: cell for cell in table.cells}
    ordered = [cells.get(key) for key in itertools.product(*codes.values())]
    told = {
        name: {
            "label": title,
            "category": {
                "index": list(codes[name]),
                "label": {code: export.labels[name][code] for code in codes[name]},
            },
        }
        for name, title in zip(codes, export.titles, strict=True)
    }
    return {
        "version": "2.0",
        "class": "dataset",
        "label": ", ".join(export.titles),
        "source": export.source,
        "updated": release.published_at.isoformat(),
        "id": [*codes, "period"],
        "size": [*(len(found) for found in codes.values()), 1],
        "role": {"time": ["period"]},
        "dimension": {
            **told,
            "period": {"category": {"index": [release.period], "label": {release.period: release.period}}},
        },
        "value": [cell.value if cell else None for cell in ordered],
        "status": {str(at): cell.why for at, cell in enumerate(ordered) if cell and cell.why},
        "extension": {
            "programme": release.programme,
            "revision": release.revision,
            "release": str(release.id),
            "sha256": release.sha256,
            "policy": release.policy,
            "contributors": list(release.contributors),
            "waiting": list(release.waiting),
        },
    }


def xlsx_of(export: Export) -> bytes:
    """Two sheets: the table, and what it rests on."""
    release = export.release
    from openpyxl import Workbook  # noqa: PLC0415 - half a second of loading, for this format only

    book = Workbook(write_only=True)
    sheet = book.create_sheet(export.table.id[:31])
    for line in lines_of(export):
        sheet.append(line)
    about = book.create_sheet("source")
    for name, value in (
        ("source", export.source),
        ("period", release.period),
        ("programme", release.programme),
        ("revision", release.revision),
        ("published_at", release.published_at.isoformat()),
        ("release_sha256", release.sha256),
        ("definition", "; ".join(label.code_list for label in export.labels.values() if label.code_list)),
    ):
        about.append([name, value])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
