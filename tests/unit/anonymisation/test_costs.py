"""What hiding single cells costs, from a file: it decides what is hidden, and what is wrong is refused by row."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymisation import Counts, Programme, Release
from anonymisation.cli import main
from anonymisation.costs import MOST_COST, load_costs, parse_costs
from anonymisation.errors import CostsError
from anonymisation.programme import EXAMPLE
from anonymisation.protection import protect

PROGRAMME = Programme.parse(EXAMPLE + '[[tables]]\nid = "people"\ndimensions = ["place"]\n')
HEAD = "table,place,situation,cost\n"
COUNTS = "place,situation,n\nA,INNE,9\nA,UTE,6\nB,INNE,8\nB,UTE,1\nC,INNE,7\nC,UTE,5\n"
PLACES, SITUATIONS = ("A", "B", "C", "REGION"), ("INNE", "UTE", "ALL")


def test_a_code_names_one_cell_and_nothing_names_all():
    found = parse_costs(HEAD + "situation,,,7\nsituation,B,,8\nsituation,B,UTE,9\npeople,A,,10\n", PROGRAMME)
    expected = {("situation", key): 7 for key in product(PLACES, SITUATIONS)}
    expected |= {("situation", ("B", code)): 8 for code in SITUATIONS}
    assert found == expected | {("situation", ("B", "UTE")): 9, ("people", ("A",)): 10}


def test_columns_in_any_order_between_table_and_cost():
    assert parse_costs("table,situation,place,cost\nsituation,UTE,B,3\n\n", PROGRAMME) == {
        ("situation", ("B", "UTE")): 3
    }


def test_levels_that_are_not_published_have_no_cells():
    programme = Programme.parse(EXAMPLE + 'levels = { situation = ["total"] }\n')
    assert set(parse_costs(HEAD + "situation,,,1\n", programme)) == {("situation", (p, "ALL")) for p in PLACES}
    with pytest.raises(CostsError, match="row 2, column situation: no code that the table publishes"):
        parse_costs(HEAD + "situation,A,UTE,1\n", programme)


def test_a_dimension_may_be_called_like_the_first_or_last_column():
    programme = Programme.parse(EXAMPLE.replace("situation", "cost"))
    assert parse_costs("table,place,cost,cost\ncost,A,UTE,4\n", programme) == {("cost", ("A", "UTE")): 4}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["row 1, column 1: must be table", "row 1, column 2: the last must be cost"]),
        ("table,place,cost\n", ["row 1, column situation: missing"]),
        ("table,place,place,situation,cost\n", ["row 1, column place: twice"]),
        ("table,place,age,situation,cost\n", ["row 1, column 3: not a dimension of the programme"]),
        (HEAD + "homes,A,UTE,1\n", ["row 2, column table: unknown table"]),
        (HEAD + "situation,D,UTE,1\n", ["row 2, column place: no code that the table publishes"]),
        (HEAD + "people,A,UTE,1\n", ["row 2, column situation: no dimension of table people: must be empty"]),
        (HEAD + "people,A,,1\npeople,A,,2\n", ["row 3, column table: these cells have been given before"]),
        (HEAD + "people,A,1\n", ["row 2, column 4: 4 fields are needed"]),
        (HEAD + "people,A,,1,1\n", ["row 2, column 5: 4 fields are needed"]),
        (HEAD + 'people,"A', ["row 2: not CSV, or cut off"]),
        *(
            (HEAD + f"people,A,,{wrong}\n", [f"row 2, column cost: must be a whole number from 0 to {MOST_COST}"])
            for wrong in ("", "-1", "1.0", "NaN", "1e3", "²", str(MOST_COST + 1), "9" * 5000)
        ),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(text: str, lines: list[str]):
    with pytest.raises(CostsError) as refused:
        parse_costs(text, PROGRAMME, source="w.csv")
    assert list(refused.value.problems) == [f"w.csv: {line}" for line in lines]


def test_ends_of_costs():
    text = HEAD + f"people,A,,0\npeople,B,,{MOST_COST}\n"
    assert list(parse_costs(text, PROGRAMME).values()) == [0, MOST_COST]


def test_file_that_is_not_text(tmp_path: Path):
    (tmp_path / "w.csv").write_bytes(b"table\xff")
    with pytest.raises(CostsError, match=r"^w\.csv: not UTF-8$"):
        load_costs(tmp_path / "w.csv", PROGRAMME)


@given(st.text(st.sampled_from('table,situationUTEA0123\n"'), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_or_refused(text: str):
    for whole in (text, HEAD + text):
        problems: tuple[str, ...] = ()
        found: dict = {}
        try:
            found = parse_costs(whole, PROGRAMME)
        except CostsError as refused:
            problems = refused.problems
        assert all(line.startswith("costs: row ") for line in problems)
        assert found.keys() <= {(table.id, key) for table, key in PROGRAMME.cells()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.toml").write_text(EXAMPLE)
    (tmp_path / "c.csv").write_text(COUNTS)
    return tmp_path


def protected(folder: Path, *more: str) -> int:
    given = ["--programme", str(folder / "p.toml"), "--counts", str(folder / "c.csv"), "--out", str(folder / "r.json")]
    return main(["protect", *given, *more])


def test_command_hides_what_costs_less(folder: Path):
    assert protected(folder) == 0
    before = Release.load(folder / "r.json").values
    assert ("situation", ("A", "ALL")) in before
    assert ("situation", ("A", "INNE")) not in before
    # Row A inside is dear now, and the totals, which are hidden last by default, are cheap.
    lines = ["situation,A,INNE,1000000", "situation,A,UTE,1000000", "situation,,ALL,0", "situation,REGION,,0"]
    (folder / "w.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert protected(folder, "--costs", str(folder / "w.csv")) == 0
    after = Release.load(folder / "r.json").values
    assert after.keys() != before.keys()
    assert ("situation", ("A", "INNE")) in after


def test_command_refuses_costs_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "w.csv").write_text(HEAD + "situation,D,UTE,1\nsituation,A,UTE,x\n")
    assert protected(folder, "--costs", str(folder / "w.csv")) == 2
    assert capsys.readouterr().err.splitlines() == [
        "w.csv: row 2, column place: no code that the table publishes",
        f"w.csv: row 3, column cost: must be a whole number from 0 to {MOST_COST}",
    ]
    assert not (folder / "r.json").exists()


@pytest.mark.parametrize("method", ["round", "cellkey", "dp"])
def test_methods_that_hide_nothing_take_no_costs(method: str):
    options = "[policy.dp]\nepsilon = 1\nbudget = 1\n" if method == "dp" else ""
    text = EXAMPLE.replace("= 5", f'= 5\nmethod = "{method}"').replace(
        "[dimensions.place]", f"{options}[dimensions.place]", 1
    )
    programme = Programme.parse(text)
    counts = Counts.from_tables(programme, {"situation": np.array([[9, 6], [8, 1], [7, 5]])})
    with pytest.raises(CostsError, match=f"costs: method {method} hides no cells"):
        protect(programme, counts, costs={("situation", ("A", "UTE")): 1})


def test_costs_of_a_contributor_that_has_not_delivered_are_no_mistake():
    programme = Programme.parse(EXAMPLE)
    counts = Counts.from_tables(programme, {"situation": np.array([[9, 6], [8, 1], [0, 0]])}, contributors=("A", "B"))
    costs = parse_costs(HEAD + "situation,,,50\n", programme)
    assert protect(programme, counts, costs=costs).report["cost"] > 0
