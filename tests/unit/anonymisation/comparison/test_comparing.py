"""Comparing methods and designs: every figure against the release that it tells of, and the words and the picture."""

import doctest
import json
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree

from anonymisation import Counts, Programme, compare, protect
from anonymisation.cli import main
from anonymisation.comparison import NOTE, designs, svg, text
from anonymisation.comparison.designs import with_method
from anonymisation.errors import CountsError
from anonymisation.programme import EXAMPLE, Method
from tests.unit.anonymisation.regions import count, programme, truth

PEOPLE = (
    [("A", "OWN", frozenset("X"))] * 9
    + [("B", "RENT", frozenset("XY"))] * 7
    + [("B", "NONE", frozenset())] * 2
    + [("C", "OWN", frozenset("Y"))] * 6
)
FOUR = EXAMPLE.replace('"C"]', '"C", "D"]')
ROWS = "place,situation,n\nA,INNE,9\nA,UTE,6\nB,INNE,8\nB,UTE,1\nC,INNE,7\nC,UTE,5\n"


@pytest.fixture(scope="module")
def counts() -> Counts:
    return count(programme(method="suppress", insiders=True), PEOPLE)


def test_designs_of_levels_and_fewer_tables():
    told = programme(method="suppress")
    found = {design.name: design.programme for design in designs(told)}
    assert list(found) == ["as it is", "home: merged to roof", "place: merged to side", "without table home"]
    merged = found["home: merged to roof"]
    assert merged.table("home").levels == (("code", "side", "total"), ("roof", "total"))
    assert merged.table("need").levels == told.table("need").levels
    assert [d.name for d in found["without table home"].dimensions] == ["home", "need", "place"]
    assert len({p.sha256 for p in found.values()}) == 4


@pytest.mark.parametrize(
    ("codes", "pools"),
    [
        ("ABC", None),
        ("ABCD", [("A+B", ("A", "B")), ("C+D", ("C", "D"))]),
        ("ABCDE", [("A+B", ("A", "B")), ("C+D+E", ("C", "D", "E"))]),
    ],
)
def test_neighbours_are_pooled_and_nobody_stays_alone(codes: str, pools):
    listed = ", ".join(f'"{code}"' for code in codes)
    found = {d.name: d.programme for d in designs(Programme.parse(EXAMPLE.replace('"A", "B", "C"', listed)))}
    pooled = found.get("place: neighbours pooled by 2")
    assert (pooled and list(pooled.dimension("place").levels[0].groups)) == pools
    assert pooled is None or pooled.tables[0].levels[0] == ("pooled", "total")


def test_design_that_drops_a_table_drops_what_only_it_used():
    told = Programme.parse(EXAMPLE + '[[tables]]\nid = "people"\ndimensions = ["place"]\n')
    found = {d.name: d.programme for d in designs(told)}["without table situation"]
    assert ([t.id for t in found.tables], [d.name for d in found.dimensions]) == (["people"], ["place"])


def test_each_row_tells_of_the_release_that_would_be_made(counts: Counts):
    found = compare(counts.programme, counts, methods=[Method.SUPPRESS, Method.ROUND], key=b"k")
    assert len(found.rows) == 2 * 4
    for design in designs(counts.programme):
        for method in (Method.SUPPRESS, Method.ROUND):
            row = next(r for r in found.rows if (r.design, r.method) == (design.name, str(method)))
            told = with_method(design.programme, method)
            given = Counts.from_tables(told, design.counts(counts).tables)
            true = truth(given)
            if row.refused:
                continue
            values = protect(told, given, key=b"k").release.values
            off = [abs(value - true[cell]) for cell, value in values.items()]
            assert row.largest_error == max(off, default=0)
            # Cells that two tables publish count once there and twice here: shares are compared, not numbers.
            assert (row.shown == row.above_0) == all(cell in values for cell, n in true.items() if n)
            assert (row.near == row.shown) == all(
                abs(n - true[cell]) <= max(1, true[cell] / 10) for cell, n in values.items() if true[cell]
            )


def test_as_it_is_by_hand():
    told = Programme.parse(EXAMPLE)
    given = Counts.from_tables(told, {"situation": np.array([[9, 6], [8, 1], [7, 5]])})
    row = compare(told, given, methods=[Method.SUPPRESS]).rows[0]
    # Of twelve cells the small one, its row and its column give way: six are shown, and shown as they are.
    assert (row.cells, row.above_0, row.shown, row.near, row.mean_error, row.largest_error) == (12, 12, 6, 6, 0.0, 0)
    assert row.share == 0.5


def test_method_that_cannot_be_used_says_why(counts: Counts):
    row = compare(counts.programme, counts, methods=[Method.CELLKEY]).rows[0]
    assert "needs record keys" in row.refused
    assert (row.shown, row.near, row.mean_error, row.share) == (None, None, None, 0.0)
    assert "nothing released: counts: method cellkey needs record keys" in text(
        compare(counts.programme, counts, methods=[Method.CELLKEY])
    )


def test_pooled_years_are_the_sum(counts: Counts):
    found = compare(counts.programme, counts, methods=[Method.SUPPRESS], others=[counts, counts])
    pooled = next(row for row in found.rows if row.design == "3 years pooled")
    alone = found.rows[0]
    assert (pooled.above_0, pooled.cells) == (alone.above_0, alone.cells)
    assert pooled.shown > alone.shown


def test_counts_of_another_programme_are_refused(counts: Counts):
    with pytest.raises(CountsError, match="of another programme"):
        compare(Programme.parse(EXAMPLE), counts)
    fewer = count(counts.programme, [("A", "OWN", frozenset())], contributors=["A"])
    with pytest.raises(CountsError, match="other contributors"):
        compare(counts.programme, counts, others=[fewer])


def test_picture_reads_without_colour_script_or_eyes(counts: Counts):
    found = compare(counts.programme, counts, methods=[Method.SUPPRESS, Method.ROUND, Method.DP])
    raw = svg(found).decode()
    root = ElementTree.fromstring(raw)
    assert root.get("role") == "img"
    assert [child.tag.split("}")[1] for child in root[:2]] == ["title", "desc"]
    assert root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]
    assert not re.search(r"<script|<style|style=|href|onload|@import", raw)
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", raw)) == {"#000", "#fff"}
    for row in found.rows:
        assert f"{row.design}, {row.method}" in root[1].text
    bars = [bar.get("fill") for bar in root.iter("{http://www.w3.org/2000/svg}rect") if bar.get("stroke")]
    assert set(bars) == {"#000", "url(#striped)", "#fff"}
    assert NOTE in root[1].text


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "p.toml").write_text(EXAMPLE)
    (tmp_path / "c.csv").write_text(ROWS)
    given = ["compare", "--programme", str(tmp_path / "p.toml"), "--counts", str(tmp_path / "c.csv")]
    wanted = ["--methods", "suppress,round", "--svg", str(tmp_path / "f.svg"), "--json", str(tmp_path / "f.json")]
    assert main([*given, *wanted, "--also", str(tmp_path / "c.csv")]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[1] == NOTE
    assert "2 years pooled" in told
    value = json.loads((tmp_path / "f.json").read_text())
    assert (value["format"], value["note"], len(value["rows"])) == ("anonymise/comparison/1", NOTE, 4)
    for name in ("f.svg", "f.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert main([*given, "--methods", "suppress,guess"]) == 2
    assert capsys.readouterr().err.startswith("--methods: must be some of suppress, round, cellkey, dp")


def test_command_line_makes_record_keys_of_persons(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "p.toml").write_text(FOUR)
    people = [("A", "INNE")] * 9 + [("B", "UTE")] * 8 + [("C", "INNE")] * 7 + [("D", "UTE")] * 6
    rows = [f"p{at},{place},{situation}\n" for at, (place, situation) in enumerate(people)]
    (tmp_path / "c.csv").write_text("person,place,situation\n" + "".join(rows))
    (tmp_path / "k").write_bytes(b"secret")
    given = ["compare", "--programme", str(tmp_path / "p.toml"), "--counts", str(tmp_path / "c.csv")]
    assert main([*given, "--methods", "cellkey", "--key-file", str(tmp_path / "k")]) == 0
    assert "record keys" not in capsys.readouterr().out


def test_doctest():
    assert doctest.testmod(import_module("anonymisation.comparison.designs")).failed == 0
