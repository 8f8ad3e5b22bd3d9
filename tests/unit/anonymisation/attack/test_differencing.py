"""The differencing drill: corrections, other tables of the same period, municipalities that join and leave."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from anonymisation import Counts, Programme
from anonymisation.attack import audit
from tests.oracle.adapter import publish
from tests.oracle.compare import attacker, oracle
from tests.oracle.differences import told
from tests.oracle.small import MOST_PEOPLE, TABLES, Setting, draw_counts, draw_pattern, programme_text
from tests.oracle.small import settings as small_settings

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


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
