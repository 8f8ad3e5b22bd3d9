"""Own numbers and their marks, against a slow count of the same people."""

from hypothesis import given, settings
from hypothesis import strategies as st

from anonymisation.programme import Programme
from buvett.releases.own_tables import Mark, own_tables
from buvett.releases.tabulate import tabulate
from tests.integration.releases.region import COUNTED_ON, person

TEXT = """
[programme]
id = "p"
period = "2026"
population = "p"
contributor = "municipality"
[policy]
threshold = 3
width = 3
[dimensions.municipality]
total = "REGION"
codes = ["0001", "0002"]
[dimensions.situation]
total = "ALL"
codes = ["EIGD", "LEIGD_PRIV", "MELL_VEN", "UTE"]
[dimensions.situation.levels.class]
INNE = ["EIGD", "LEIGD_PRIV"]
BUSTADLAUS = ["MELL_VEN", "UTE"]
[dimensions.support]
total = "ALL"
codes = ["1", "2"]
[dimensions.group]
total = "ALL"
codes = ["RUS", "OKON"]
multi = true
[[tables]]
id = "situation"
dimensions = ["municipality", "situation"]
levels = { situation = ["class", "total"] }
[[tables]]
id = "cross"
dimensions = ["situation", "support"]
[[tables]]
id = "group"
dimensions = ["group", "municipality"]
threshold = 4
width = 4
zeros = "hide"
"""
PROGRAMME = Programme.parse(TEXT)
LEVELS = {"ALL": None, "INNE": {"EIGD", "LEIGD_PRIV"}, "BUSTADLAUS": {"MELL_VEN", "UTE"}}
PEOPLE = st.lists(
    st.builds(
        person,
        situation=st.sampled_from(["EIGD", "LEIGD_PRIV", "MELL_VEN", "UTE"]),
        support=st.sampled_from(["1", "2"]),
        groups=st.sets(st.sampled_from(["RUS", "OKON"])),
    ),
    max_size=12,
)


def seen(people):
    text = tabulate(people, PROGRAMME, municipality="0002", counted_on=COUNTED_ON)
    return {table.id: table for table in own_tables(text, PROGRAMME, municipality="0002")}


def is_under(answer, code):
    return code in ("ALL", answer) or answer in (LEVELS.get(code) or ())


@settings(max_examples=60, deadline=None)
@given(PEOPLE)
def test_numbers_and_marks_are_those_of_a_slow_count(people):
    found = seen(people)
    for cell in found["situation"].cells:
        (code,) = cell.key
        number = sum(is_under(one["situation"], code) for one in people)
        published = code in LEVELS
        small = Mark.SMALL if 1 <= number < 3 else Mark.MAY_SHOW
        assert (cell.number, cell.mark) == (number, small if published else Mark.SUM_ONLY)
    for cell in found["cross"].cells:
        situation, support = cell.key
        number = sum(is_under(one["situation"], situation) and support in ("ALL", one["support"]) for one in people)
        assert (cell.number, cell.mark) == (number, Mark.SUM_ONLY)
    for cell in found["group"].cells:
        (code,) = cell.key
        number = sum(code == "ALL" or code in one["groups"] for one in people)
        assert (cell.number, cell.mark) == (number, Mark.SMALL if number < 4 else Mark.MAY_SHOW)


def test_order_and_grain_are_total_then_groups_with_their_codes():
    cells = seen([])["situation"].cells
    assert [(cell.key[0], cell.grain) for cell in cells] == [
        ("ALL", "total"),
        ("INNE", "group"),
        ("EIGD", "code"),
        ("LEIGD_PRIV", "code"),
        ("BUSTADLAUS", "group"),
        ("MELL_VEN", "code"),
        ("UTE", "code"),
    ]


def test_a_table_says_what_it_is():
    found = seen([person(situation="EIGD", support="1")])
    told = [(t.threshold, t.hides_zeros, t.by_municipality, t.small) for t in found.values()]
    assert told == [(3, False, True, 2), (3, False, False, 0), (4, True, True, 3)]
