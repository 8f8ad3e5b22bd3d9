"""A pattern: which rows it binds, which unknowns it fixes, and how large a contributor's part may be beside it."""

import numpy as np

from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.system import System, build
from tests.unit.anonymisation.programmes import COARSE, NEEDS, counts, programme

TWO, THREE = 'codes = ["A", "B"]', 'codes = ["A", "B", "C"]'
AWARE = "threshold = 3\nrule_aware = true"


def places(*values: int, policy: str) -> System:
    """Three places in a row, and their total."""
    told = programme("place", place=THREE, policy=policy)
    return build(told, counts(told, list(values)))


def crossed() -> System:
    """A and B by kind: 3 and 1 in A, 5 and 0 in B."""
    told = programme("place kind", place=TWO, kind=COARSE)
    return build(told, counts(told, [[3, 1], [5, 0]]))


def two_tables() -> System:
    """The same people by kind, and by need: one in A and two in B have it."""
    told = programme("place kind", "place need", place=TWO, kind=COARSE, need=NEEDS)
    return build(told, counts(told, [[3, 1], [5, 0]], [[1, 4], [2, 5]]))


def quantity(system: System, *codes: tuple[str, int]) -> int:
    """What counts these leaves; nothing: everyone."""
    return system.people.index(tuple(sorted((axis, (leaf,)) for axis, leaf in codes)))


def showing(system: System, *quantities: int) -> Pattern:
    return Pattern(system, np.zeros(len(system.value), dtype=bool)).showing(*quantities)


def test_pattern_shows_and_hides_without_changing_the_one_it_came_from():
    system = crossed()
    first = showing(system, 0, 2)
    more, less = first.showing(1), first.hiding(2)
    assert [np.flatnonzero(one.shown).tolist() for one in (first, more, less)] == [[0, 2], [0, 1, 2], [0]]


def test_shown_quantities_bind_their_rows():
    system = crossed()
    in_a, out = quantity(system, ("place", 0), ("kind", 0)), quantity(system, ("kind", 1))
    pattern = showing(system, in_a, out)
    assert in_a == 0
    assert pattern.sources.tolist() == [in_a, out]
    assert pattern.binding.toarray().tolist() == [[1, 0, 0, 0], [0, 1, 0, 1]]
    assert system.rows[pattern.names].toarray().tolist() == pattern.binding.toarray().tolist()


def test_tables_that_share_people_are_bound_together_until_these_are_shown():
    system = two_tables()
    a, b = quantity(system, ("place", 0)), quantity(system, ("place", 1))
    nothing = showing(system)
    # In each place those inside and outside are as many as all people of the other table.
    links = [[1, 1, 0, 0, 0, -1, 0, 0], [0, 0, 1, 1, 0, 0, 0, -1]]
    assert nothing.binding.toarray().tolist() == links
    assert (nothing.sources.tolist(), nothing.names.tolist()) == ([-1, -1], [-1, -2])
    one = showing(system, a)
    # A shown on both sides takes its link away; the name of the other stays.
    assert one.sources.tolist() == [a, a, -1]
    assert one.binding.toarray().tolist() == [[1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0], links[1]]
    assert one.names[-1] == -2
    assert showing(system, a, b).sources.tolist() == [a, a, b, b]


def test_unknown_is_fixed_by_itself_or_by_a_zero_above_it():
    system = crossed()
    in_a, all_out, b = (
        quantity(system, ("place", 0), ("kind", 0)),
        quantity(system, ("kind", 1)),
        quantity(system, ("place", 1)),
    )
    assert showing(system).fixed_by.tolist() == [-1, -1, -1, -1]
    assert showing(system, in_a).fixed_by.tolist() == [in_a, -1, -1, -1]
    # A sum of 1 fixes nothing, a sum of 0 all that is in it.
    assert showing(system, all_out, b).fixed_by.tolist() == [-1, -1, -1, -1]
    nobody = build(system.programme, counts(system.programme, [[3, 1], [0, 0]]))
    assert showing(nobody, b).fixed_by.tolist() == [-1, -1, b, b]


def test_link_fixes_nothing():
    told = programme("place kind", "place need", place=TWO, kind=COARSE, need=NEEDS)
    system = build(told, counts(told, [[0, 0], [5, 0]], [[0, 0], [2, 5]]))
    assert (showing(system).fixed_by == -1).all()


def test_components_are_free_unknowns_that_rows_bind():
    system = crossed()
    all_in, all_out = quantity(system, ("kind", 0)), quantity(system, ("kind", 1))
    in_a = quantity(system, ("place", 0), ("kind", 0))
    alone = showing(system).component
    assert len(set(alone.tolist())) == 4
    inside, outside = showing(system, all_in, all_out).component[[0, 1]]
    assert showing(system, all_in, all_out).component.tolist() == [inside, outside, inside, outside]
    assert inside != outside
    assert min(inside, outside) >= 0
    # What is fixed binds nothing.
    fixed = showing(system, all_in, all_out, in_a).component
    assert fixed[0] == -1
    assert fixed[1] == fixed[3] != fixed[2]


def test_codes_of_a_list_hang_together_with_the_people():
    told = programme("place need", place=TWO, need=NEEDS)
    system = build(told, counts(told, [[1, 4], [2, 5]]))
    a, people_a, b, people_b = showing(system).component.tolist()
    assert a == people_a != b == people_b


def ceilings(system: System, *quantities: int) -> list[tuple[list[int], int, set[int]]]:
    """Each row with the most that it may come to and what that follows from."""
    matrix, most, sources = showing(system, *quantities).ceilings
    return [(row, int(top), set(told)) for row, top, told in zip(matrix.toarray().tolist(), most, sources, strict=True)]


def test_contributor_may_not_leave_a_small_rest_of_a_shown_sum():
    for values, most in (
        ((4, 3, 2), [6, 6, 6]),
        ((6, 2, 1), [6, 6, 6]),
        # Who leaves less than that in truth is left out: A may come to all 9.
        ((7, 1, 1), [9, 6, 6]),
        ((9, 0, 0), [9, 6, 6]),
    ):
        system = places(*values, policy=AWARE)
        everyone = quantity(system)
        rows = np.eye(3, dtype=int).tolist()
        assert ceilings(system, everyone) == [(row, top, {everyone}) for row, top in zip(rows, most, strict=True)]


def test_what_is_taken_out_of_a_shown_sum_is_not_left():
    told = programme("place kind", place=THREE, kind=COARSE, policy=AWARE)
    system = build(told, counts(told, [[4, 1], [3, 5], [2, 6]]))
    everyone, outside = quantity(system), quantity(system, ("kind", 1))
    found = ceilings(system, everyone, outside)
    # 21 less 12: the 9 inside. And the 12 outside themselves.
    inside = [([int(at == 2 * place) for at in range(6)], 6, {everyone, outside}) for place in range(3)]
    for one in inside:
        assert one in found
    assert ([0, 1, 0, 0, 0, 0], 9, {outside}) in found
    assert len(found) == 9


def test_ceilings_are_for_whoever_knows_the_rule_and_their_own_counts():
    for policy in ("threshold = 3", AWARE + "\ninsiders = false", "threshold = 3\ninsiders = false"):
        system = places(4, 3, 2, policy=policy)
        assert ceilings(system, quantity(system)) == []


def test_codes_of_a_list_come_to_no_more_than_the_people():
    lists = [([1, -1, 0, 0], 0, set()), ([0, 0, 1, -1], 0, set())]
    for policy, count in (("threshold = 3", 2), (AWARE, 4)):
        told = programme("place need", place=TWO, need=NEEDS, policy=policy)
        system = build(told, counts(told, [[1, 4], [2, 5]]))
        found = ceilings(system, quantity(system))
        assert found[:2] == lists
        assert len(found) == count
    assert found[2:] == [([0, 1, 0, 0], 6, {quantity(system)}), ([0, 0, 0, 1], 6, {quantity(system)})]
