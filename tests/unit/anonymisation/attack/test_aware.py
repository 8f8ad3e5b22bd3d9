"""Clause (iii), and coalitions: cases that can be done in the head."""

import numpy as np
import pytest

from anonymisation import Counts, Programme, protect
from anonymisation.attack import audit, aware, candidates, coalitions, exhaustive
from anonymisation.attack.attacker import Attacker
from anonymisation.attack.auditing import _attackers
from anonymisation.attack.insight import Work
from anonymisation.attack.sight import publication
from anonymisation.attack.system import build
from tests.oracle.adapter import publish, region, true_world
from tests.oracle.safe import Verdict
from tests.oracle.small import TABLES, programme_text
from tests.oracle.worlds import enumerate_worlds
from tests.unit.anonymisation.programmes import COARSE, NEEDS, counts, programme


def row(values, hidden, *, policy):
    text = programme_text(places=len(values), kinds=1, tables=TABLES["places"], policy=policy)
    counts = Counts.from_tables(Programme.parse(text), {"places": np.array(values)})
    return counts, publish(counts, {("places", (code,)) for code in hidden})


def test_rule_aware_finds_what_the_rule_gives_away():
    # 1 + 2 + 1 = 4. A place with 2 or 3 of the four would know that the others have 2 or 1 together.
    plain, aware_too = ("threshold = 3\nwidth = 2\nrule_aware = " + flag for flag in ("false", "true"))
    for policy, worlds in ((plain, 15), (aware_too, 15)):
        counts, release = row([1, 2, 1], "ABC", policy=policy)
        where = region(release)
        every = enumerate_worlds(where, 4)
        assert every is not None
        assert len(every) == worlds
        expected = Verdict(where, every).findings(true_world(where, [counts]))
        report = audit(release, counts=counts)
        assert report.safe == (not expected)
        assert report.complete


def test_rule_aware_exact_range_in_a_small_region():
    counts, release = row([2, 2, 2, 2], "ABCD", policy="threshold = 3\nrule_aware = true")
    where = region(release)
    every = enumerate_worlds(where, 8)
    assert every is not None
    expected = {
        (f.who, f.quantity.key, f.lower, f.upper) for f in Verdict(where, every).findings(true_world(where, [counts]))
    }
    found = {(a.who, e.key, e.lower, e.upper) for a in audit(release, counts=counts).attackers for e in a.disclosed}
    assert found == expected


def test_rule_aware_witnesses_are_worlds_that_the_oracle_accepts():
    counts, release = row([2, 3, 4, 3], "ABCD", policy="threshold = 3\nrule_aware = true")
    found = dict(_attackers(build([publication(release)]), counts, Work(10_000)))
    searched = aware.Aware(found, next(iter(found.values())).case.truth.world)
    candidates.prove(searched)
    where = region(release)
    every = enumerate_worlds(where, 12)
    assert every is not None
    good = {tuple(w) for w in every[Verdict(where, every).would_be_safe()].tolist()}
    accepted = {
        tuple((searched.base[part.columns] + np.frombuffer(move, dtype=np.int64)).tolist())
        for part in searched.parts
        for (_, move), fine in searched._checked.items()
        if fine
    }
    assert accepted
    assert accepted <= good


def test_world_that_would_leave_a_contributor_a_small_rest_is_no_cover():
    # 2 + 2 + 2 = 6, and less than the threshold may be told apart by 2. In a world where A has 3, A would know that the
    # others have 3 together: so A has 2 at most, likewise B and C, and everyone has 2.
    text = programme_text(
        places=3,
        kinds=1,
        tables=TABLES["places"] + "width = 2\n",
        policy="threshold = 4\nwidth = 2\nrule_aware = true",
    )
    counts = Counts.from_tables(Programme.parse(text), {"places": np.array([2, 2, 2])})
    report = audit(publish(counts, {("places", (code,)) for code in "ABC"}), counts=counts)
    found = {a.who: {(e.key, e.lower, e.upper) for e in a.disclosed} for a in report.attackers}
    assert found["A"] == {(("B",), 2, 2), (("C",), 2, 2)}
    assert not report.safe


def searched(known: Counts, *hidden: tuple[str, tuple[str, ...]]) -> tuple[aware.Aware, dict[int, Attacker]]:
    """All attackers by (i) and (ii), and the search for witnesses by (iii) among their worlds, done."""
    found = dict(_attackers(build([publication(publish(known, set(hidden)))]), known, Work(10_000)))
    case = next(iter(found.values())).case
    assert case.truth is not None
    search = aware.Aware(found, case.truth.world)
    candidates.prove(search)
    return search, found


PLACES = 'codes = ["A", "B", "C"]'
FOUR = 'codes = ["A", "B", "C", "D"]'
AWARE = "threshold = 3\nrule_aware = true"


def rows(*values: int) -> tuple[Counts, list]:
    told = programme("place", place=FOUR, policy=AWARE)
    return counts(told, list(values)), [("place", (place,)) for place in "ABCD"]


def two_parts() -> tuple[Counts, list]:
    """Places hide who is in and who is out, and how many they are; what all have of each kind is shown."""
    told = programme("place kind", place=PLACES, kind=COARSE, policy=AWARE)
    hidden = [("place kind", (place, kind)) for place in "ABC" for kind in ("IN", "OUT", "ALL")]
    return counts(told, [[2, 1], [3, 3], [2, 3]]), hidden


def needs() -> tuple[Counts, list]:
    told = programme("place need", place=PLACES, need=NEEDS, policy="threshold = 2\nrule_aware = true")
    return counts(told, [[1, 2], [1, 2], [2, 3]]), [("place need", (place, "X")) for place in "ABC"]


def several(least: int) -> tuple[Counts, list]:
    """Who is in is hidden, and how many that makes: a sum over places may come from `least` of them at the least."""
    policy = f"threshold = 2\nrule_aware = true\nmin_contributors = {least}"
    told = programme("place kind!", place=PLACES, kind=COARSE, policy=policy)
    hidden = [("place kind", (place, kind)) for place in "ABC" for kind in ("IN", "ALL")]
    return counts(told, [[2, 4], [3, 3], [1, 3]]), hidden


REGIONS = {
    "all small": (lambda: rows(2, 2, 2, 2), True),
    "one small": (lambda: rows(2, 3, 4, 3), True),
    "one large": (lambda: rows(1, 2, 4, 6), True),
    "nobody in one": (lambda: rows(0, 2, 4, 3), True),
    "hardly anybody": (lambda: rows(1, 2, 1, 1), False),
    "hardly anybody, and nobody": (lambda: rows(0, 2, 2, 1), False),
    "two parts": (two_parts, True),
    "a list": (needs, False),
    "sums of two places": (lambda: several(2), True),
    "sums of three places": (lambda: several(3), False),
}


@pytest.mark.parametrize("name", REGIONS)
def test_witnesses_span_no_more_than_all_good_worlds_and_as_much_as_is_asked_for(name: str):
    make, safe = REGIONS[name]
    known, hidden = make()
    search, found = searched(known, *hidden)
    exact = exhaustive.decide(found, search.base)
    assert exact is not None
    covered = []
    for column, who in enumerate(search.everyone.who):
        low, high = exact[who]
        # The truth is credited before it is checked; where it is no good world itself, nothing is proven.
        spans = (search.low[:, column] < search.high[:, column]) & (low <= high)
        assert (search.low[spans, column] >= low[spans]).all()
        assert (search.high[spans, column] <= high[spans]).all()
        wide = high - low >= search.everyone.needed[:, column]
        covered.append(wide)
        assert not (search.wide()[:, column] & ~wide).any()
        assert search.cover(who).tolist() == search.wide()[found[who].eyes.target, column].tolist()
    # The first quantity without cover ends the search: then others may be without, too.
    assert search.wide().all() == np.all(covered) == safe


def test_coalitions_of_two_see_more_than_each_alone():
    counts, release = row([3, 3, 3, 3], "ABCD", policy="threshold = 4")
    assert audit(release, counts=counts).safe
    found = {report.who: len(report.disclosed) for report in coalitions(release, counts)}
    # Two know 6 of 12, so 6 are left for the two others: each 0 to 6.
    assert found == {f"{a}+{b}": 0 for a, b in ("AB", "AC", "AD", "BC", "BD", "CD")}
    counts, release = row([3, 3, 1], "ABC", policy="threshold = 4\nwidth = 4")
    report = {one.who: {(e.key, e.lower, e.upper) for e in one.disclosed} for one in coalitions(release, counts)}
    assert report["A+B"] == {(("C",), 1, 1), (("ALL",), 1, 1)}


def test_coalitions_without_contributors():
    text = '[programme]\nid = "p"\nperiod = "2026"\npopulation = "x"\n[policy]\nthreshold = 3\n'
    text += '[dimensions.kind]\ntotal = "ALL"\ncodes = ["K", "L"]\n[[tables]]\nid = "t"\ndimensions = ["kind"]\n'
    counts = Counts.from_tables(Programme.parse(text), {"t": np.array([4, 5])})
    assert coalitions(publish(counts, set()), counts) == ()


def test_release_that_shows_nothing_is_safe_to_whoever_knows_the_rule():
    """FORMATS.md: with everything hidden, totals included, a first release is safe. Here one of two has nobody."""
    text = """
[programme]
id = "p"
period = "2026"
population = "people"
contributor = "place"
[policy]
threshold = 2
width = 1
rule_aware = true
min_contributors = 2
[dimensions.list]
total = "ALL"
codes = ["X"]
multi = true
[dimensions.place]
total = "ALL"
codes = ["A", "B"]
[[tables]]
id = "list"
dimensions = ["list"]
sensitive = true
"""
    programme = Programme.parse(text)
    counts = Counts.from_tables(programme, {"list": np.array([[0, 1], [0, 2]])})
    release = protect(programme, counts).release

    report = audit(release, counts=counts)

    assert release.empty
    assert (report.safe, report.complete) == (True, True)
