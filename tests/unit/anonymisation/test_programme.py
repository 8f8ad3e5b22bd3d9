"""Programmes: what is read, what is refused, and that a release repeats them whole."""

import doctest
import json

import pytest

from anonymisation import Programme, programme
from anonymisation.errors import ProgrammeError
from anonymisation.programme import EXAMPLE, Zeros
from anonymisation.reading import canonical

LEVELS = EXAMPLE.replace("[[tables]]", '[dimensions.place.levels.side]\nWEST = ["A", "B"]\nEAST = ["C"]\n[[tables]]')

REFUSED = {
    "not TOML": ("[programme", "not TOML"),
    "empty": ("", "[programme]: missing, or not a table"),
    "unknown key": (EXAMPLE + "levle = {}\n", "unknown key 'levle'"),
    "unknown policy key": (EXAMPLE.replace("threshold = 5", "threshold = 5\nseed = 1"), "unknown key 'seed'"),
    "period": (EXAMPLE.replace('"2026"', '"2026-Q1"'), "period must be"),
    "threshold missing": (EXAMPLE.replace("threshold = 5", "width = 5"), "threshold is missing"),
    "threshold fraction": (EXAMPLE.replace("threshold = 5", "threshold = 5.0"), "threshold must be a whole number"),
    "threshold flag": (EXAMPLE.replace("threshold = 5", "threshold = true"), "threshold must be a whole number"),
    "method": (EXAMPLE.replace("threshold = 5", 'threshold = 5\nmethod = "guess"'), "method must be"),
    "NaN": (EXAMPLE.replace("threshold = 5", "threshold = 5\ntime_limit = nan"), "time_limit must be"),
    "other method's options": (
        EXAMPLE.replace("[dimensions.place]", "[policy.round]\nbase = 3\n[dimensions.place]"),
        "the method is suppress",
    ),
    "contributor": (EXAMPLE.replace('contributor = "place"', 'contributor = "town"'), "contributor is not a dimension"),
    "total is leaf": (EXAMPLE.replace('total = "REGION"', 'total = "A"'), "total's code is one of the leaves"),
    "code twice": (EXAMPLE.replace('"B", "C"', '"B", "B"'), "holds a code twice"),
    "dimension twice": (EXAMPLE.replace('["place", "situation"]', '["place", "place"]'), "a dimension is used twice"),
    "dimension unknown": (EXAMPLE.replace('["place", "situation"]', '["place", "age"]'), "unknown dimension 'age'"),
    "looser table": (EXAMPLE + "threshold = 4\n", "may only be stricter"),
    "level unknown": (EXAMPLE + 'levels = { place = ["county"] }\n', "unknown level 'county'"),
    "level does not partition": (LEVELS.replace('["A", "B"]', '["A"]'), "does not partition the codes"),
    "level overlaps": (LEVELS.replace('["C"]', '["B", "C"]'), "does not partition the codes"),
    "group code taken": (LEVELS.replace("EAST", "A"), "is taken by"),
    "multi with levels": (LEVELS.replace('"REGION"', '"REGION"\nmulti = true'), "a multi dimension has no levels"),
    "table twice": (EXAMPLE + '[[tables]]\nid = "situation"\ndimensions = ["place"]\n', "is used twice"),
    "no tables": (EXAMPLE.split("[[tables]]")[0], "[[tables]]: missing or empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_parse_refuses(name: str):
    text, reason = REFUSED[name]
    with pytest.raises(ProgrammeError) as refused:
        Programme.parse(text, source="p.toml")
    assert any(reason in line for line in refused.value.problems)
    assert all(line.startswith("p.toml: ") and "\n" not in line for line in refused.value.problems)


def test_parse_tells_all_problems_at_once():
    with pytest.raises(ProgrammeError) as refused:
        Programme.parse(EXAMPLE.replace('"2026"', '"26"').replace('"B", "C"', '"B", "B"'))
    assert len(refused.value.problems) == 2


def test_json_gives_the_same_programme():
    read = Programme.parse(LEVELS)
    again = Programme.from_json(read.to_json())
    assert (again, again.sha256) == (read, read.sha256)


def test_release_reads_back_as_the_same_programme():
    read = Programme.parse(LEVELS)
    assert [code for code, _ in read.dimension("place").levels[0].groups] == ["WEST", "EAST"]
    assert Programme.from_json(json.loads(canonical(read.to_json()))) == read


def test_sha256_does_not_depend_on_the_order_of_tables_in_the_file():
    swapped = EXAMPLE.replace('total = "REGION"\ncodes = ["A", "B", "C"]', 'codes = ["A", "B", "C"]\ntotal = "REGION"')
    assert Programme.parse(swapped).sha256 == Programme.parse(EXAMPLE).sha256
    assert Programme.parse(EXAMPLE.replace("= 5", "= 6")).sha256 != Programme.parse(EXAMPLE).sha256


def test_table_defaults_come_from_the_policy():
    strict = Programme.parse(EXAMPLE + 'threshold = 10\nzeros = "hide"\n').tables[0]
    assert (strict.threshold, strict.width, strict.zeros) == (10, 10, Zeros.HIDE)
    assert strict.levels == (("code", "total"), ("code", "total"))


def test_doctest():
    assert doctest.testmod(programme).failed == 0
