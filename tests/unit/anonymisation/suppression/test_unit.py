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
