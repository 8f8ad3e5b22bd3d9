"""What shown sums leave: it follows from them in every world, and tells how much a contributor's part may be."""

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation import Counts, Programme
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.remainder import Remainder, Split, least_rest, remainders
from anonymisation.suppression.system import System, build
from tests.oracle.small import TABLES, Setting, programme_text, settings
from tests.unit.anonymisation.programmes import COARSE, NEEDS, counts, programme
from tests.unit.anonymisation.suppression.test_unit import draw_pattern

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def row(values: list[int], policy: str) -> System:
    """Places in a row, whose sum can be shown."""
    text = programme_text(places=len(values), kinds=1, tables=TABLES["places"], policy=policy)
    programme = Programme.parse(text)
    return build(programme, Counts.from_tables(programme, {"places": np.array(values)}))


def showing(system: System, *values: int) -> Pattern:
    """Show the published numbers that have these values."""
    cells = np.array([bool(some) for some in system.published])
    return Pattern(system, cells & np.isin(system.value, values))


@given(settings(), st.data())
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_remainder_follows_from_its_sources(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    pattern = draw_pattern(data, system)
    found = list(remainders(system.splits, pattern.shown, system.value))
    event(f"remainders: {min(len(found), 3)}")
    for one in found:
        assert pattern.shown[list(one.sources)].all()
        leaves, parts = system.matrix[list(one.leaves)].sum(axis=0), system.matrix[list(one.parts)].sum(axis=0)
        assert one.value == system.value[list(one.leaves)].sum() == system.value[list(one.parts)].sum() > 0
        if len(system.blocks) == 1:
            # One source is the whole, the others are taken out of it: an identity between rows holds in every world.
            known = system.matrix[list(one.sources)].toarray()
            whole = known[known.sum(axis=1).argmax()]
            assert (2 * whole - known.sum(axis=0) == leaves).all()
            assert (leaves == parts).all()


def test_part_must_leave_what_is_not_small():
    # 9 in all: a place that has 7 or 8 knows that the others have 1 or 2 together, small and narrow. (All 9 would do by
    # the letter without min_contributors, and is left out too: `Pattern.ceilings`.)
    system = row([4, 3, 2], "threshold = 3\nwidth = 3\nrule_aware = true")
    matrix, most, sources = showing(system, 9).ceilings
    assert matrix.toarray().tolist() == np.eye(3).tolist()
    assert most.tolist() == [6, 6, 6]
    assert {len(some) for some in sources} == {1}


def test_nothing_follows_where_no_sum_is_shown_or_nobody_knows_the_rule():
    system = row([4, 3, 2], "threshold = 3\nwidth = 3\nrule_aware = true")
    assert showing(system).ceilings[0].shape[0] == 0
    other = row([4, 3, 2], "threshold = 3\nwidth = 3\nrule_aware = false")
    assert showing(other, 9).ceilings[0].shape[0] == 0


def test_rest_is_the_least_of_threshold_and_width():
    for threshold, width, rest in ((3, 5, 3), (5, 5, 5)):
        system = row([9, 9, 9], f"threshold = {threshold}\nwidth = {width}\nrule_aware = true")
        (one,) = remainders(system.splits, showing(system, 27).shown, system.value)
        few = np.isin(np.arange(len(system.value)), system.sums)
        assert least_rest(one, system.small_from, system.small_to, system.width, few=few) == rest


LEVELS = """
codes = ["a", "b", "c"]
[dimensions.kind.levels.one]
AB = ["a", "b"]
C = ["c"]
[dimensions.kind.levels.other]
A = ["a"]
BC = ["b", "c"]
"""


def kinds(*values: int, more: str = "", policy: str = "threshold = 3") -> System:
    """Kinds a, b and c, with ab and c or a and bc above them, in two places, of which the second has nobody."""
    told = programme("kind!", place='codes = ["P", "Q"]', kind=LEVELS, policy=policy, more=more)
    return build(told, counts(told, [[n, 0] for n in values]))


def of(system: System, *kinds: str) -> tuple[int, ...]:
    """The quantities that count these kinds of both places: "ab"; all of them is "abc"."""
    leaves = [tuple("abc".index(code) for code in kind) for kind in kinds]
    return tuple(system.people.index((("kind", some),) if len(some) < 3 else ()) for some in leaves)


def shown(system: System, *kinds: str) -> np.ndarray:
    return np.isin(np.arange(len(system.value)), of(system, *kinds))


def test_sums_are_divided_by_the_codes_that_add_up_to_them():
    system = kinds(2, 3, 4)
    a, b, c, ab, bc, abc = of(system, "a", "b", "c", "ab", "bc", "abc")
    whole = [one for one in system.splits if one.leaves == (one.whole,)]
    assert {one.whole for one in whole} == {a, b, c, ab, bc, abc}
    assert all(not one.parts for one in whole)
    divided = {one.whole: one for one in system.splits if one not in whole}
    assert divided.keys() == {ab, bc, abc}
    assert len(system.splits) == 9
    first, second, third = frozenset({0}), frozenset({1}), frozenset({2})
    assert divided[ab] == Split(ab, (a, b), divided[ab].parts)
    assert set(divided[ab].parts) == {(a, first), (b, second)}
    # Places are those in the divided sum: of bc, b is the first.
    assert divided[bc] == Split(bc, (b, c), divided[bc].parts)
    assert set(divided[bc].parts) == {(b, first), (c, second)}
    parts = {(ab, first | second), (bc, second | third), (a, first), (b, second), (c, third)}
    assert divided[abc].leaves == (a, b, c)
    assert set(divided[abc].parts) == parts
    assert [len(some) for _, some in divided[abc].parts] == [2, 2, 1, 1, 1]


def test_sums_are_not_divided_by_contributors_nor_by_codes_of_a_list():
    told = programme("place need", place='codes = ["P", "Q"]', need=NEEDS)
    system = build(told, counts(told, [[1, 2], [0, 3]]))
    assert all(one.leaves == (one.whole,) for one in system.splits)


def test_sums_of_one_table_are_not_divided_by_an_axis_of_another():
    told = programme("kind", "age", place='codes = ["P", "Q"]', kind=COARSE, age='codes = ["x", "y"]')
    system = build(told, counts(told, [[1, 0], [2, 0]], [[2, 0], [1, 0]]))
    divided = [one for one in system.splits if len(one.leaves) > 1]
    # Everyone by kind and by age; those inside are not known by age.
    assert [(system.people[one.whole], len(one.leaves)) for one in divided] == [((), 2), ((), 2)]


def test_sums_within_another_axis_are_divided_within_it():
    told = programme("kind age", place='codes = ["P", "Q"]', kind=COARSE, age='codes = ["x", "y"]')
    system = build(told, counts(told, np.arange(8).reshape(2, 2, 2)))
    for one in system.splits:
        assert (system.matrix[list(one.leaves)].sum(axis=0) == system.matrix[one.whole].sum(axis=0)).all()
    assert sum(len(one.leaves) > 1 for one in system.splits) == 6


def left(system: System, *shown_kinds: str) -> set[Remainder]:
    """What shown sums leave of divided ones."""
    wholes = [one for one in system.splits if len(one.leaves) > 1]
    return set(remainders(wholes, shown(system, *shown_kinds), system.value))


def test_remainder_is_what_the_shown_parts_leave():
    system = kinds(2, 3, 4)
    a, b, c, ab, abc = of(system, "a", "b", "c", "ab", "abc")
    assert left(system, "a") == set()
    assert left(system, "abc") == {Remainder(9, (a, b, c), (abc,), frozenset({abc}))}
    assert left(system, "abc", "c") == {Remainder(5, (a, b), (ab,), frozenset({abc, c}))}
    both = Remainder(5, (a, b), (ab,), frozenset({ab}))
    assert left(system, "abc", "ab") == {both, Remainder(4, (c,), (c,), frozenset({abc, ab}))}
    # Largest parts first: a is in ab, and is taken out of that alone.
    assert left(system, "abc", "ab", "a") == {
        Remainder(4, (c,), (c,), frozenset({abc, ab})),
        Remainder(3, (b,), (b,), frozenset({ab, a})),
    }


def test_remainder_of_nobody_is_none():
    system = kinds(2, 3, 0)
    assert {one.value for one in left(system, "abc", "ab")} == {5}
    assert {one.value for one in left(kinds(2, 3, 1), "abc", "ab")} == {5, 1}


def test_remainder_is_made_of_published_sums_where_there_are_any_and_of_leaves_elsewhere():
    system = kinds(2, 3, 4, more='levels = { kind = ["one", "other", "total"] }\n')
    a, b, c, bc, abc = of(system, "a", "b", "c", "bc", "abc")
    assert b not in system.sums
    assert left(system, "abc", "a") == {Remainder(7, (b, c), (bc,), frozenset({abc, a}))}
    assert left(system, "abc", "a", "c") == {Remainder(3, (b,), (b,), frozenset({abc, a, c}))}


@pytest.mark.parametrize(
    ("small_from", "small_to", "width", "few", "least"),
    [
        ([1, 1, 1], [3, 3, 3], [5, 5, 5], [0, 0, 1], 3),
        ([1, 1, 1], [5, 5, 5], [3, 3, 3], [0, 0, 1], 3),
        # Whatever leaves two kinds or their sum too little: the least of all leaves that is small and narrow for each.
        ([1, 1, 1], [3, 4, 9], [9, 9, 9], [0, 0, 1], 9),
        ([1, 1, 1], [6, 4, 2], [9, 9, 9], [0, 0, 1], 4),
        # All may come from one contributor, and no zero is small: then nothing need be left.
        ([1, 1, 1], [3, 3, 3], [5, 5, 5], [1, 1, 0], 0),
        # A zero is small, so some must be left.
        ([0, 1, 1], [3, 2, 2], [5, 5, 5], [0, 0, 0], 3),
        ([1, 0, 1], [3, 4, 2], [5, 5, 5], [0, 0, 0], 4),
        ([1, 1, 0], [2, 2, 4], [5, 5, 5], [0, 0, 0], 4),
        ([0, 1, 1], [2, 5, 5], [9, 9, 9], [0, 0, 0], 5),
    ],
)
def test_least_rest_is_small_and_narrow_for_whoever_is_in_it(small_from, small_to, width, few, least):
    one = Remainder(9, (0, 1), (2,), frozenset())
    arrays = (np.array(numbers) for numbers in (small_from, small_to, width))
    assert least_rest(one, *arrays, few=np.array(few, dtype=bool)) == least
