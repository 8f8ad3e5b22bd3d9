"""The differencing drill: corrections, other tables of the same period, municipalities that join and leave."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from anonymisation import Counts, Programme, protect
from anonymisation.attack import audit
from anonymisation.errors import NoSafeRelease
from tests.oracle.adapter import publish
from tests.oracle.compare import attacker, open_truths, oracle
from tests.oracle.differences import told
from tests.oracle.odd import crossed_before
from tests.oracle.small import MOST_PEOPLE, TABLES, Setting, draw_counts, draw_pattern, programme_text
from tests.oracle.small import settings as small_settings

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck))


def programme(draw: st.DrawFn, *, tables: str = TABLES["places"], name: str = "p") -> Programme:
    policy = f"threshold = {draw(st.integers(2, 3))}\nwidth = {draw(st.integers(1, 3))}\ninsiders = false"
    return Programme.parse(programme_text(places=3, kinds=1, tables=tables, policy=policy, name=name))


def without(counts: Counts, place: int) -> Counts:
    """The same people without one place, which did not deliver."""
    tables = {name: array.copy() for name, array in counts.tables.items()}
    for array in tables.values():
        array[place] = 0
    left = tuple(code for at, code in enumerate(counts.programme.contributors) if at != place)
    return Counts.from_tables(counts.programme, tables, contributors=left)


@st.composite
def revisions(draw: st.DrawFn) -> tuple[Setting, Setting]:
    """Two revisions of one programme; a place may have been missing in the first."""
    one = programme(draw)
    before, after = draw_counts(draw, one), draw_counts(draw, one)
    if draw(st.booleans()):
        before = without(before, draw(st.integers(0, 2)))
    waiting = {("places", (code,)) for code in one.contributors if code not in before.contributors}
    first = publish(before, draw_pattern(draw, one) | waiting)
    return Setting(before, first), Setting(after, publish(after, draw_pattern(draw, one), revision=1))


@QUICK
@given(revisions())
def test_correction_tells_no_more_than_the_attacker_finds(pair: tuple[Setting, Setting]):
    before, after = pair
    expected = told(before.release, after.release, (before.counts, after.counts), cap=MOST_PEOPLE)
    assume(expected is not None)
    report = audit(after.release, history=[before.release], counts=after.counts)
    found = {(e.table, e.key) for a in report.attackers for e in a.disclosed if e.difference}
    assert report.complete
    assert expected is not None
    assert expected <= found
    assert report.safe == (not any(a.disclosed for a in report.attackers))


@QUICK
@given(revisions())
def test_correction_is_found_whoever_else_is_asked(pair: tuple[Setting, Setting]):
    # A third revision is compared with both before it: what the second told stays told.
    before, after = pair
    third = replace(after.release, revision=2)
    late = audit(third, history=[before.release, after.release], counts=after.counts)
    early = audit(after.release, history=[before.release], counts=after.counts)
    by_revision = {(e.table, e.key, e.difference) for a in late.attackers for e in a.disclosed if e.difference}
    assert {(e.table, e.key, e.difference) for a in early.attackers for e in a.disclosed if e.difference} <= by_revision
    # Nothing changed from the second to the third, but what is hidden may have: a width of its own, or proven 0.
    exact = {(t.id, c.key) for t, c in third if c.value is not None}
    assert not {name[:2] for name in by_revision if name[2] == "revision 1"} & exact


@st.composite
def other_tables(draw: st.DrawFn) -> Setting:
    """The same people in another programme with other tables, then in this one."""
    one, other = draw(st.permutations(["places", "region", "crossed"]))[:2]
    policy = f"threshold = {draw(st.integers(2, 3))}\nwidth = {draw(st.integers(1, 2))}"
    shape = {"places": draw(st.integers(2, 3)), "kinds": 2, "policy": policy}
    # Both programmes know both dimensions; each publishes its own table.
    both = TABLES["crossed"]
    here = Programme.parse(programme_text(tables=TABLES[one] if one != "places" else TABLES[one] + both, **shape))
    there = Programme.parse(
        programme_text(tables=TABLES[other] if other != "places" else TABLES[other] + both, name="q", **shape)
    )
    crossed = _crossed(draw, here)
    first, second = _counts(here, crossed), _counts(there, crossed)
    return Setting(
        first, publish(first, draw_pattern(draw, here)), (publish(second, draw_pattern(draw, there)),), (second,)
    )


def _crossed(draw: st.DrawFn, one: Programme) -> np.ndarray:
    places = len(one.contributors)
    people = draw(st.lists(st.tuples(st.integers(0, places - 1), st.integers(0, 1)), max_size=MOST_PEOPLE))
    found = np.zeros((places, 2), dtype=np.int64)
    for person in people:
        found[person] += 1
    return found


def _counts(one: Programme, crossed: np.ndarray) -> Counts:
    """People by place and kind, as each table crosses them."""
    tables = {}
    for table in one.tables:
        axes = table.axes(one)
        tables[table.id] = crossed.sum(axis=1) if axes == ("place",) else crossed if axes[0] == "place" else crossed.T
    return Counts.from_tables(one, tables)


@QUICK
@given(other_tables())
def test_other_tables_of_the_period_equal_oracle(setting: Setting):
    expected = oracle(setting)
    assume(expected is not None)
    safe, complete, found = attacker(setting)
    assert complete
    assert found == expected
    assert safe == (not expected)


def no_open_truth_is_told(setting: Setting) -> None:
    expected, truths = oracle(setting), open_truths(setting)
    assume(expected is not None and truths is not None)
    safe, complete, found = attacker(setting)
    several, bad = truths
    assert set(found) <= set(expected)
    assert not (safe and bad)
    if several == 1 and not setting.release.programme.policy.rule_aware:
        assert (complete, found) == (True, expected)


@QUICK
@given(crossed_before())
def test_crosses_of_the_past_that_the_counts_do_not_decide(setting: Setting):
    no_open_truth_is_told(setting)


@pytest.mark.long
@LONG
@given(crossed_before())
def test_crosses_of_the_past_that_the_counts_do_not_decide_long(setting: Setting):
    no_open_truth_is_told(setting)


def crossed_then_places(crossed: list[list[int]], *, hidden: dict[str, str], policy: str, now: str = "") -> Setting:
    """People by place (rows) and kind: an earlier release crosses them, the current one counts places only."""
    shape = {"places": len(crossed), "kinds": 2}
    here = Programme.parse(programme_text(tables=TABLES["places"], policy=policy + now, **shape))
    there = Programme.parse(programme_text(tables=TABLES["crossed"], policy=policy, name="q", **shape))
    people = np.array(crossed)
    counts = Counts.from_tables(here, {"places": people.sum(axis=1)})
    earlier = Counts.from_tables(there, {"crossed": people})
    pattern = {(table, tuple(code.split("/"))) for table, codes in hidden.items() for code in codes.split()}
    return Setting(counts, publish(counts, pattern), (publish(earlier, pattern),), (earlier,))


ALL_BUT_K_IN_ALL_AND_L_IN_B = "A/K B/K C/K A/L C/L A/ALL B/ALL C/ALL ALL/L ALL/ALL"


def test_cross_of_the_past_that_may_be_small_is_not_settled():
    hidden = {"crossed": "A/K B/K A/L B/L A/ALL B/ALL"}
    for one in (0, 1):
        # Kind K is one person, in A or in B: 0 is not small, 1 is, and the places' counts do not tell which.
        setting = crossed_then_places(
            [[one, 3], [1 - one, 5], [4, 4]], hidden=hidden, policy="threshold = 3\ninsiders = false"
        )
        assert {key for _, _, key, *_ in oracle(setting)} == {("A" if one else "B", "K")}
        assert attacker(setting) == (False, False, {})
        with pytest.raises(NoSafeRelease, match="nothing could be proven together with the earlier release"):
            protect(setting.counts.programme, setting.counts, history=setting.earlier)


def test_own_counts_of_the_past_that_the_auditor_does_not_have_are_not_settled():
    # A knows that 3 of its 7 are of kind K, so that B and C have 2 of these together: B, who has no L, has 0 to 2.
    policy = "threshold = 3\ninsiders = true"
    setting = crossed_then_places(
        [[3, 4], [2, 0], [0, 1]],
        hidden={"crossed": ALL_BUT_K_IN_ALL_AND_L_IN_B, "places": "A B C ALL"},
        policy=policy,
    )
    assert ("A", "places", ("B",), "", False) in oracle(setting)
    assert attacker(setting) == (False, False, {})


def test_cross_of_the_past_that_is_small_in_no_open_truth_is_safe():
    # Kind K is 6 people in A and B: each has 0 to 6 of them, and that is wide whatever the truth is.
    setting = crossed_then_places(
        [[3, 5], [3, 5]],
        hidden={"crossed": "A/K B/K A/L B/L"},
        policy="threshold = 3\ninsiders = false",
    )
    assert open_truths(setting) == (7, 0)
    assert attacker(setting) == (True, True, {})


def test_rounding_after_a_cross_that_the_counts_do_not_decide_is_refused():
    setting = crossed_then_places(
        [[1, 3], [0, 5], [4, 4]],
        hidden={"crossed": "A/K B/K A/L B/L A/ALL B/ALL"},
        policy="threshold = 3\ninsiders = false",
        now='\nmethod = "round"',
    )
    with pytest.raises(NoSafeRelease, match="not every attacker was shown to fail"):
        protect(setting.counts.programme, setting.counts, history=setting.earlier)


@QUICK
@given(small_settings(rule_aware=False, history=True))
def test_more_history_never_tells_less(setting: Setting):
    alone = audit(setting.release, counts=setting.counts)
    after = audit(setting.release, history=setting.earlier, counts=setting.counts)
    assert {(a.who, e.table, e.key, e.margin) for a in alone.attackers for e in a.disclosed} <= {
        (a.who, e.table, e.key, e.margin) for a in after.attackers for e in a.disclosed if not e.release
    }


def test_place_that_joins_is_its_own_difference():
    # A and B first, all three later, both totals shown: the difference is what C has, and C is hidden in the second.
    one = Programme.parse(
        programme_text(places=3, kinds=1, tables=TABLES["places"], policy="threshold = 5\ninsiders = false")
    )
    after = Counts.from_tables(one, {"places": np.array([6, 7, 3])})
    before = without(after, 2)
    waiting = {("places", ("C",))}
    first, second = publish(before, waiting), publish(after, {("places", ("C",)), ("places", ("B",))}, revision=1)
    found = {
        (e.key, e.lower, e.upper)
        for a in audit(second, history=[first], counts=after).attackers
        for e in a.disclosed
        if e.difference
    }
    assert (("ALL",), 3, 3) in found
