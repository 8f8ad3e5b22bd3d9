"""A unit looks at a world as the whole system does, and its books tell no more than the worlds do."""

import numpy as np
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation.suppression.aware import Cover
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.smallness import Smallness
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import System, build
from anonymisation.suppression.unit import Unit, units
from tests.oracle.small import Setting, settings
from tests.unit.anonymisation.programmes import COARSE, NEEDS, counts, programme

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def draw_pattern(data: st.DataObject, system: System) -> Pattern:
    published = [q for q, cells in enumerate(system.published) if cells]
    shown = np.zeros(system.matrix.shape[0], bool)
    shown[data.draw(st.lists(st.sampled_from(published), unique=True))] = True
    return Pattern(system, shown)


def draw_world(data: st.DataObject, unit: Unit) -> np.ndarray:
    size = len(unit.columns)
    return np.array(data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)), dtype=np.int64)


@given(settings(), st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_look_is_that_of_the_whole_system(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    judge = Smallness(system)
    for columns in units(draw_pattern(data, system)):
        unit = Unit(draw_pattern(data, system), judge, columns)
        world = draw_world(data, unit)
        whole = system.truth.copy()
        whole[columns] = world
        value, small = unit.look(world)
        for at, attacker in enumerate(system.attackers):
            assert value[at].tolist() == judge.values(whole, attacker)[unit.where].tolist()
            assert small[at].tolist() == judge.small(whole, attacker)[unit.where].tolist()


@given(settings(), st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_units_hold_each_free_unknown_once(setting: Setting, data: st.DataObject):
    pattern = draw_pattern(data, build(setting.counts.programme, setting.counts))
    found = np.concatenate([np.zeros(0, int), *units(pattern)])
    assert sorted(found.tolist()) == np.flatnonzero(pattern.fixed_by < 0).tolist()


@given(settings(rule_aware=True), st.data())
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
def test_hiding_takes_no_cover_away(setting: Setting, data: st.DataObject):
    """What a unit hands on when more is hidden is what a unit that begins anew finds as well."""
    system = build(setting.counts.programme, setting.counts)
    solver = Solver(Work())
    greedy = Greedy(system, solver, b"")
    assume(greedy.repair() is None)
    judge, pattern = greedy.smallness, greedy.pattern
    shown = [int(q) for q in np.flatnonzero(pattern.shown)]
    assume(shown)
    less = pattern.hiding(data.draw(st.sampled_from(shown)))
    for columns in units(pattern):
        before = Cover(Unit(pattern, judge, columns), solver, np.zeros((0, len(columns)), np.int32))
        before.prove()
        around = next(c for c in units(less) if np.isin(columns, c).all())
        moves = np.zeros((len(before.proven), len(around)), np.int32)
        moves[:, np.searchsorted(around, columns)] = before.witnesses
        heir = Cover(Unit(less, judge, around), solver, np.zeros((0, len(around)), np.int32))
        heir.inherit(before, moves)
        anew = Cover(Unit(less, judge, around), solver, np.zeros((0, len(around)), np.int32))
        for move in moves:
            world = heir.unit.truth + move
            assert anew.shelf.verify(world) is None
            # The books that were handed on must not claim more than what is asked for anew.
            for key, book in heir.shelf.books.items():
                other = anew.shelf.books.get(key)
                if other is not None:
                    dead = list(other.dead)
                    assert (book.most[dead] - book.least[dead] < anew.unit.width[dead]).all()


TWO = 'codes = ["A", "B"]'


def crossed(policy: str = "threshold = 3") -> System:
    """A has 2 inside and 1 outside, B 1 and 3; unknowns 0 to 3."""
    told = programme("place kind!", place=TWO, kind=COARSE, policy=policy)
    return build(told, counts(told, [[2, 1], [1, 3]]))


def cell(system: System, name: str) -> int:
    """A quantity by the place and the kind that it counts: "A IN", "B", "OUT", or "" for everyone."""
    order = {"A": ("place", (0,)), "B": ("place", (1,)), "IN": ("kind", (0,)), "OUT": ("kind", (1,))}
    return system.people.index(tuple(sorted(order[code] for code in name.split())))


def inside(system: System, *more: str) -> Unit:
    """The unit of those inside, where those outside are shown and so is the sum of those inside."""
    shown = [cell(system, name) for name in ("A OUT", "B OUT", "IN", *more)]
    pattern = Pattern(system, np.zeros(len(system.value), bool)).showing(*shown)
    (columns,) = units(pattern)
    assert columns.tolist() == [0, 2]
    return Unit(pattern, Smallness(system), columns)


def test_unit_holds_the_quantities_that_it_touches_and_those_of_touched_margins():
    system = crossed()
    unit = inside(system)
    untouched = {cell(system, name) for name in ("A OUT", "B OUT", "OUT")}
    # Of everyone less a kind both are there: the margin is touched, if only by the other kind.
    assert set(unit.where.tolist()) == set(range(len(system.value))) - untouched
    apart = [system.value[q] for q in unit.where[unit.outside]]
    assert sorted(apart) == [1, 3, 4]
    assert (system.margin_of[unit.where[unit.outside]] >= 0).all()


def test_unit_holds_what_nothing_is_in():
    told = programme("place kind!", place=TWO, kind='codes = ["K"]')
    system = build(told, counts(told, [[2], [1]]))
    (columns, *_) = units(Pattern(system, np.zeros(len(system.value), bool)))
    unit = Unit(Pattern(system, np.zeros(len(system.value), bool)), Smallness(system), columns)
    empty = np.flatnonzero(np.diff(system.matrix.indptr) == 0)
    assert len(empty) == 3
    assert np.isin(empty, unit.where).all()
    assert unit.clear[:, np.isin(unit.where, empty)].all()


def test_known_is_what_is_shown_or_lies_elsewhere_and_is_not_small_in_truth():
    system = crossed()
    unit = inside(system)
    place = {int(q): at for at, q in enumerate(unit.where)}
    public = unit.clear[0]
    assert [bool(public[place[cell(system, name)]]) for name in ("IN", "A IN", "B", "")] == [True, False, False, False]
    outside_of = {int(system.value[q]): place[int(q)] for q in unit.where[unit.outside]}
    # One outside in A is small, and proven in its own unit; three in B and four in all are not.
    assert [bool(public[outside_of[value]]) for value in (1, 3, 4)] == [False, True, True]


def test_own_unknowns_are_those_of_each_insider():
    unit = inside(crossed())
    assert unit.attackers.tolist() == [-1, 0, 1]
    assert unit.mine.tolist() == [[False, False], [True, False], [False, True]]


def test_others_learn_of_own_counts_only_through_rows_that_both_are_in():
    system = crossed()
    unit = inside(system, "A", "B")
    assert sorted(unit.rows.toarray().tolist()) == [[0, 1], [1, 0], [1, 1]]
    assert [part.toarray().tolist() for part in unit.shared] == [[], [[1, 0]], [[0, 1]]]
    (name,) = unit.shared_names[1]
    assert system.rows[name].toarray().tolist() == system.matrix[cell(system, "IN")].toarray().tolist()


def test_bound_rests_on_shown_rows_and_on_what_fixes_the_rest():
    system = crossed()
    unit = inside(system, "A")
    place = {int(q): at for at, q in enumerate(unit.where)}
    sums = unit.pattern.sources[unit._bound[1]].tolist()
    a, both, out = cell(system, "A"), cell(system, "IN"), cell(system, "A OUT")
    by_sum = np.array([float(q == both) for q in sums])
    by_place = np.array([float(q == a) for q in sums])
    assert unit.stops(0, place[cell(system, "A IN")], by_sum) == {both}
    # The row of A holds both kinds, so what A has outside does not matter; against the sum of those inside it does,
    # unless it is A itself who asks.
    assert unit.stops(0, place[a], by_place) == {a}
    assert unit.stops(0, place[a], by_sum) == {both, out}
    assert unit.stops(2, place[a], by_sum) == {both, out}
    assert unit.stops(1, place[a], by_sum) == {both}


def test_links_stop_nothing_that_could_be_hidden():
    told = programme("place kind", "place need", place=TWO, kind=COARSE, need=NEEDS)
    system = build(told, counts(told, [[3, 1], [5, 2]], [[1, 4], [2, 7]]))
    pattern = Pattern(system, np.zeros(len(system.value), bool))
    unit = Unit(pattern, Smallness(system), units(pattern)[0])
    assert unit.rows.shape[0] > 0
    assert unit.stops(0, 0, np.ones(unit.rows.shape[0])) == frozenset()


def test_moves_lead_to_worlds_without_negative_counts():
    unit = inside(crossed())
    moves = np.array([[-2, 2], [-3, 3], [1, -1], [2, -2], [0, 0]], dtype=np.int32)
    assert unit.leads(moves, unit.truth).tolist() == [True, False, True, False, True]
    assert unit.leads(moves, np.array([3, 0])).tolist() == [True, True, False, False, True]


def needy() -> Unit:
    """1 of 3 in A and 2 of 2 in B have a need, which is all hidden."""
    told = programme("place need", place=TWO, need=NEEDS, policy="threshold = 3\nrule_aware = true")
    system = build(told, counts(told, [[1, 3], [2, 2]]))
    pattern = Pattern(system, np.zeros(len(system.value), bool)).showing(system.people.index(()))
    return Unit(pattern, Smallness(system), np.arange(4))


def test_moves_lead_to_worlds_in_which_a_code_counts_at_most_everyone():
    unit = needy()
    assert unit.lists[0].toarray().tolist() == [[1, -1, 0, 0], [0, 0, 1, -1]]
    # In A two more could have it, in B nobody.
    assert unit.lists[1].tolist() == [2, 0]
    moves = np.array([[2, 0, 0, 0], [3, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1], [0, -3, 0, 3]], dtype=np.int32)
    assert unit.leads(moves, unit.truth).tolist() == [True, False, False, True, False]
    assert unit.leads(moves, np.array([0, 3, 0, 2])).tolist() == [True, True, True, True, True]


def test_guards_are_what_ceilings_leave_of_the_true_counts():
    matrix, room = needy().guards
    # Of the 5 people neither place may have more than 2, so that the other keeps 3. A has 3 in truth, and may have all.
    assert matrix.toarray().tolist() == [[1, -1, 0, 0], [0, 0, 1, -1], [0, 1, 0, 0], [0, 0, 0, 1]]
    assert room.tolist() == [2, 0, 2, 0]


def test_where_nobody_contributes_nothing_is_anybodys_own():
    told = programme("kind", kind=COARSE, owned=False)
    system = build(told, counts(told, [2, 1]))
    pattern = Pattern(system, np.zeros(len(system.value), bool)).showing(system.people.index(()))
    (columns,) = units(pattern)
    assert Unit(pattern, Smallness(system), columns).mine.tolist() == [[False, False]]
