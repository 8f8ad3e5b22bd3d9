"""Released tables as files: what is hidden stays hidden, and the numbers keep what they rest on."""

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from buvett.pages.regional.exports import Export, csv_of, json_stat_of, lines_of, xlsx_of
from buvett.pages.regional.labels import Labels
from buvett.releases.queries import Cell, Dimension, ReleaseDetail, Table

PLACE = Dimension(name="municipality", total="VT", codes=("4022", "4032"), levels={}, multi=False)
SUPPORT = Dimension(name="support", total="ALL", codes=("0", "1"), levels={}, multi=False)
CELLS = (
    Cell(key=("4022", "0"), value=7, status="shown", why=None),
    Cell(key=("4022", "1"), value=None, status="hidden", why="protected"),
    Cell(key=("4032", "0"), value=None, status="hidden", why="waiting"),
    Cell(key=("VT", "ALL"), value=60, status="shown", why=None),
)


@pytest.fixture
def export() -> Export:
    table = Table(
        id="support",
        dimensions=(PLACE, SUPPORT),
        levels={"municipality": ("code", "total"), "support": ("code", "total")},
        sensitive=False,
        threshold=5,
        cells=CELLS,
    )
    release = ReleaseDetail(
        id=UUID(int=1),
        run=UUID(int=2),
        region="vest-telemark",
        region_name="Vest-Telemark",
        programme="vt-2026",
        period="2026",
        revision=0,
        state="published",
        withdrawal=None,
        counted_on=date(2026, 11, 1),
        published_at=datetime(2026, 11, 2, 8, tzinfo=UTC),
        sha256="ab" * 32,
        policy={"threshold": 5},
        contributors=("4022",),
        waiting=("4032",),
        tables=(table,),
        body=b"",
        signature=b"",
        public_key=b"",
    )
    labels = {
        "municipality": Labels(
            title="Kommune",
            of={"4022": "Seljord", "4032": "Fyresdal", "VT": "Vest-Telemark"},
            code_list="",
            definition="",
        ),
        "support": Labels(
            title="Bistandsnivå", of={"0": "Ingen", "ALL": "Alle"}, code_list="BISTAND 2026-11-22", definition=""
        ),
    }
    return Export(release=release, table=table, labels=labels, source="Kjelde: «noko», prøvd.")


def test_lines_are_code_and_word_then_the_number_or_why_there_is_none(export: Export) -> None:
    assert lines_of(export) == [
        ["municipality", "Kommune", "support", "Bistandsnivå", "persons", "status", "why"],
        ["4022", "Seljord", "0", "Ingen", 7, "shown", None],
        ["4022", "Seljord", "1", "1", None, "hidden", "protected"],
        ["4032", "Fyresdal", "0", "Ingen", None, "hidden", "waiting"],
        ["VT", "Vest-Telemark", "ALL", "Alle", 60, "shown", None],
    ]


def test_csv_repeats_period_and_release_and_source_on_each_line(export: Export) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(export))))

    assert [row["persons"] for row in rows] == ["7", "", "", "60"]
    assert {(row["period"], row["programme"], row["release_sha256"], row["source"]) for row in rows} == {
        ("2026", "vt-2026", "ab" * 32, "Kjelde: «noko», prøvd.")
    }


def test_json_stat_is_the_cube_of_published_codes(export: Export) -> None:
    found: dict[str, Any] = json.loads(json.dumps(json_stat_of(export)))

    assert (found["version"], found["class"]) == ("2.0", "dataset")
    assert (found["id"], found["size"]) == (["municipality", "support", "period"], [3, 3, 1])
    assert found["dimension"]["municipality"]["category"]["index"] == ["4022", "4032", "VT"]
    assert found["dimension"]["support"]["category"] == {
        "index": ["0", "1", "ALL"],
        "label": {"0": "Ingen", "1": "1", "ALL": "Alle"},
    }
    # Row by row: 4022 × (0, 1, ALL), 4032 × …, VT × …; what the table does not publish has no status.
    assert found["value"] == [7, None, None, None, None, None, None, None, 60]
    assert found["status"] == {"1": "protected", "3": "waiting"}
    assert len(found["value"]) == found["size"][0] * found["size"][1] * found["size"][2]
    assert found["extension"]["waiting"] == ["4032"]


def test_xlsx_has_the_table_and_what_it_rests_on(export: Export) -> None:
    book = load_workbook(io.BytesIO(xlsx_of(export)))

    assert book.sheetnames == ["support", "source"]
    assert [[cell.value for cell in row] for row in book["support"]] == lines_of(export)
    assert dict(tuple(cell.value for cell in row) for row in book["source"])["definition"] == "BISTAND 2026-11-22"


def test_file_name_says_programme_period_revision_and_table(export: Export) -> None:
    assert export.file_name == "vt-2026-2026-r0-support"
