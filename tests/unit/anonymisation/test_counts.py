"""Counts: both forms, agreement, and every kind of bad input with file, row and column."""

import json
from pathlib import Path

import numpy as np
import pytest

from anonymisation import Counts, Programme
from anonymisation.errors import CountsError
from anonymisation.programme import EXAMPLE

PROGRAMME = Programme.parse(EXAMPLE)
GOOD = "place,situation,n\nA,INNE,9\nA,UTE,6\nB,INNE,1\n"
LISTS = Programme.parse(
    EXAMPLE.replace("[[tables]]", '[dimensions.need]\ntotal = "ALL"\ncodes = ["X", "Y"]\nmulti = true\n[[tables]]')
    + '[[tables]]\nid = "need"\ndimensions = ["need"]\n'
)

REFUSED = {
    "unknown code": (GOOD + "D,INNE,1\n", "row 5, column place: unknown"),
    "negative": (GOOD + "C,INNE,-1\n", "row 5, column n: must be a whole number"),
    "fraction": (GOOD + "C,INNE,1.5\n", "row 5, column n: must be a whole number"),
    "NaN": (GOOD + "C,INNE,nan\n", "row 5, column n: must be a whole number"),
    "overflow": (GOOD + "C,INNE,99999999999999999999\n", "row 5, column n: must be a whole number"),
    "repeated": (GOOD + "A,INNE,9\n", "row 5, column n: the cell has been given before"),
    "missing field": (GOOD + "A\n", "row 5, column 2: 3 fields are needed"),
    "missing column": ("place,n\nA,1\n", "row 1, column situation: missing"),
    "extra column": ("place,situation,age,n\nA,INNE,3,1\n", "row 1, column 3: not a dimension"),
    "column twice": ("place,situation,place\nA,INNE,A\n", "row 1, column place: twice"),
    "n not last": ("n,place,situation\n1,A,INNE\n", "n must be last"),
    "empty": ("", "row 1: empty"),
    "cut off": (GOOD + 'C,"INN', "not CSV, or cut off"),
}


def load(tmp_path: Path, text: str, programme: Programme = PROGRAMME) -> Counts:
    path = tmp_path / "c.csv"
    path.write_text(text)
    return Counts.load(path, programme)


@pytest.mark.parametrize("name", REFUSED)
def test_csv_refuses(name: str, tmp_path: Path):
    text, reason = REFUSED[name]
    with pytest.raises(CountsError) as refused:
        load(tmp_path, text)
    assert any(reason in line for line in refused.value.problems)
    assert all(line.startswith("c.csv: ") for line in refused.value.problems)


def test_csv_error_never_tells_the_code(tmp_path: Path):
    with pytest.raises(CountsError) as refused:
        load(tmp_path, GOOD + "SECRET,INNE,1\n")
    assert "SECRET" not in str(refused.value)


def test_csv_cells_and_persons_agree(tmp_path: Path):
    persons = "situation,place\n" + "INNE,A\n" * 9 + "UTE,A\n" * 6 + "INNE,B\n"
    assert load(tmp_path, persons) == load(tmp_path, GOOD)
    assert load(tmp_path, GOOD).tables["situation"].tolist() == [[9, 6], [1, 0], [0, 0]]


def test_csv_several_codes_of_one_person(tmp_path: Path):
    text = "place,situation,need\nA,INNE,X|Y\nA,INNE,\nB,UTE,Y\n"
    assert load(tmp_path, text, LISTS).tables["need"].tolist() == [[1, 0, 0], [1, 1, 0], [2, 1, 0]]
    with pytest.raises(CountsError, match="row 2, column need: unknown or repeated code"):
        load(tmp_path, "place,situation,need\nA,INNE,X|X\n", LISTS)


def test_csv_same_cell_with_its_codes_in_another_order_is_repeated(tmp_path: Path):
    with pytest.raises(CountsError, match="row 3, column n: the cell has been given before"):
        load(tmp_path, "place,situation,need,n\nA,INNE,X|Y,3\nA,INNE,Y|X,4\n", LISTS)


def test_json_gives_the_same_counts(tmp_path: Path):
    counts = load(tmp_path, GOOD)
    assert Counts.parse(counts.to_bytes(), PROGRAMME) == counts


def test_merge_of_each_contributors_own(tmp_path: Path):
    counts = load(tmp_path, GOOD)
    assert Counts.merge([counts.of(code) for code in "CBA"]) == counts
    with pytest.raises(CountsError, match="named twice"):
        Counts.merge([counts.of("A"), counts.of("A")])


def test_json_refuses(tmp_path: Path):
    told = load(tmp_path, GOOD).to_json()

    def refuse(reason: str, **change: object) -> None:
        with pytest.raises(CountsError, match=reason):
            Counts.parse(json.dumps(told | change), PROGRAMME, source="t.json")

    refuse("unknown key 'extra'", extra=1)
    refuse("format must be", format="anonymise/counts/2")
    refuse("of another programme", programme_sha256="0" * 64)
    refuse("exactly the programme's tables", tables=[])
    cells = told["tables"][0]["cells"]
    for cell, reason in (
        ({"key": ["A", "INNE"], "n": 1}, "row 4, column key: the cell has been given before"),
        ({"key": ["C", "ALL"], "n": 1}, "row 4, column situation: unknown code"),
        ({"key": ["C"], "n": 1}, "row 4, column key: 2 codes"),
        ({"key": ["C", "UTE"], "n": -1}, "row 4, column n: must be a whole number"),
        ({"key": ["C", "UTE"], "n": 1.0}, "row 4, column n: must be a whole number"),
        ({"key": ["C", "UTE"], "n": True}, "row 4, column n: must be a whole number"),
        ({"key": ["C", "UTE"]}, "row 4: a cell has key and n"),
    ):
        refuse(reason, tables=[told["tables"][0] | {"cells": [*cells, cell]}])


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": 1, "a": 2}', '{"n": NaN}', '{"format": "anonymise', "[" * 100_000, b"\xff"]
)
def test_json_not_json(text: str | bytes):
    with pytest.raises(CountsError, match=r"^t\.json: "):
        Counts.parse(text, PROGRAMME, source="t.json")


def test_margins_must_agree():
    two = Programme.parse(EXAMPLE + '[[tables]]\nid = "people"\ndimensions = ["place"]\n')
    situation = np.array([[3, 1], [0, 2], [4, 4]])
    assert Counts.from_tables(two, {"situation": situation, "people": situation.sum(axis=1)})
    with pytest.raises(CountsError, match="tables situation and people: disagree on the margin over place"):
        Counts.from_tables(two, {"situation": situation, "people": np.array([4, 2, 7])})


def test_code_cannot_exceed_people():
    situation = np.array([[3, 1], [0, 2], [4, 4]])
    need = np.array([[5, 0, 0], [0, 0, 0], [4, 2, 8]])
    with pytest.raises(CountsError, match="exceeds the people total"):
        Counts.from_tables(LISTS, {"situation": situation, "need": need})


def test_absent_contributor_holds_no_counts():
    with pytest.raises(CountsError, match="did not deliver"):
        Counts.from_tables(PROGRAMME, {"situation": np.ones((3, 2), int)}, contributors=["A", "B"])


def test_arrays_are_read_only(tmp_path: Path):
    with pytest.raises(ValueError, match="read-only"):
        load(tmp_path, GOOD).tables["situation"][0, 0] = 5


def test_file_too_large(tmp_path: Path):
    path = tmp_path / "c.csv"
    with path.open("wb") as out:
        out.truncate(2**30)
    with pytest.raises(CountsError, match=r"c\.csv: larger than 512 MiB"):
        Counts.load(path, PROGRAMME)
