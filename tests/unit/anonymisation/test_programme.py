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


RICH = """
[programme]
id = "rich"
period = "2026-H1"
population = "people"
contributor = "place"
[policy]
threshold = 4
method = "round"
[policy.round]
base = 3
[dimensions.place]
total = "REGION"
codes = ["A", "B", "C"]
[dimensions.place.levels.side]
WEST = ["A", "B"]
EAST = ["C"]
[dimensions.need]
total = "ALL"
codes = ["X", "Y"]
multi = true
complete = true
[[tables]]
id = "need"
dimensions = ["need"]
sensitive = true
[[tables]]
id = "both"
dimensions = ["need", "place"]
levels = { place = ["side", "total"] }
width = 6
zeros = "hide"
"""


def test_programme_is_told_in_full_with_its_defaults():
    told = Programme.parse(RICH).to_json()
    options = told["policy"].pop("round")
    assert options["base"] == 3
    assert told == {
        "programme": {"id": "rich", "period": "2026-H1", "population": "people", "contributor": "place"},
        "policy": {
            "method": "round",
            "threshold": 4,
            "zeros": "publish",
            "width": 4,
            "insiders": True,
            "rule_aware": False,
            "min_contributors": 1,
            "time_limit": 60,
            "work_limit": 0,
        },
        "dimensions": {
            "place": {
                "total": "REGION",
                "codes": ["A", "B", "C"],
                "levels": {"side": {"WEST": ["A", "B"], "EAST": ["C"]}},
            },
            "need": {"total": "ALL", "codes": ["X", "Y"], "multi": True, "complete": True},
        },
        "tables": [
            {
                "id": "need",
                "dimensions": ["need"],
                "levels": {"need": ["code", "total"]},
                "sensitive": True,
                "threshold": 4,
                "width": 4,
                "zeros": "publish",
            },
            {
                "id": "both",
                "dimensions": ["need", "place"],
                "levels": {"need": ["code", "total"], "place": ["side", "total"]},
                "sensitive": False,
                "threshold": 4,
                "width": 6,
                "zeros": "hide",
            },
        ],
    }


def test_policy_needs_no_more_than_threshold_and_width():
    assert programme.Policy(threshold=4, width=6).to_json() == {
        "method": "suppress",
        "threshold": 4,
        "zeros": "publish",
        "width": 6,
        "insiders": True,
        "rule_aware": False,
        "min_contributors": 1,
        "time_limit": 60,
        "work_limit": 0,
    }


@pytest.mark.parametrize("method", ["suppress", "round", "cellkey", "dp"])
def test_methods_are_called_as_the_format_calls_them(method: str):
    assert programme.Method(method).value == method


def test_programme_without_contributor_has_none():
    told = Programme.parse(EXAMPLE.replace('contributor = "place"\n', ""))
    assert told.contributors == ()
    assert "contributor" not in told.to_json()["programme"]
    assert told.tables[0].axes(told) == ("place", "situation")


def test_axes_end_with_the_contributor_where_a_table_does_not_name_it():
    told = Programme.parse(RICH)
    assert told.contributors == ("A", "B", "C")
    assert told.table("need").axes(told) == ("need", "place")
    assert told.table("both").axes(told) == ("need", "place")


def test_codes_hold_their_leaves_and_the_total_of_a_list_the_people():
    told = Programme.parse(RICH)
    place, need = told.dimension("place"), told.dimension("need")
    assert place.members == {"A": (0,), "B": (1,), "C": (2,), "WEST": (0, 1), "EAST": (2,), "REGION": (0, 1, 2)}
    assert need.members == {"X": (0,), "Y": (1,), "ALL": (2,)}
    assert (place.size, need.size) == (3, 3)
    assert (place.level_names, need.level_names) == (("code", "side", "total"), ("code", "total"))
    assert [place.at_level(name) for name in place.level_names] == [("A", "B", "C"), ("WEST", "EAST"), ("REGION",)]


def test_published_cells_are_the_cross_of_the_published_levels():
    told = Programme.parse(RICH)
    found = [(table.id, key) for table, key in told.cells()]
    sides = ("WEST", "EAST", "REGION")
    assert found == [
        *(("need", (need,)) for need in ("X", "Y", "ALL")),
        *(("both", (need, side)) for need in ("X", "Y", "ALL") for side in sides),
    ]


def test_dimensions_and_tables_are_plain_unless_said_otherwise():
    dimension = programme.Dimension("kind", "ALL", ("K",))
    assert dimension.to_json() == {"total": "ALL", "codes": ["K"]}
    assert (dimension.multi, dimension.complete) == (False, False)
    assert not programme.Table("t", ("kind",), (("code",),), 3, 3, Zeros.PUBLISH).sensitive


def test_problems_begin_with_what_was_read():
    for read in (lambda: Programme.parse("[programme"), lambda: Programme.from_json({})):
        with pytest.raises(ProgrammeError) as refused:
            read()
        assert all(line.startswith("programme: ") for line in refused.value.problems)
