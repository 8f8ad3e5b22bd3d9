"""Moves, and the search for them in parts: what large systems need, forced on small ones that the oracle can judge."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from anonymisation import Counts, Programme, audit, protect
from anonymisation.attack import attacker, circuits, insight, quantities, sight, system, truth
from anonymisation.attack.insight import Work
from anonymisation.attack.polytope import NEAR
from anonymisation.programme import EXAMPLE
from tests.oracle import compare
from tests.oracle.small import MOST_PEOPLE, Setting
from tests.oracle.small import settings as small_settings
from tests.unit.anonymisation.attack.test_auditing import region

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def limits(**given: int) -> Iterator[None]:
    """Other limits of size, so that small systems are treated as large ones."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setattr(circuits if hasattr(circuits, name) else insight, name, value)
        yield


@QUICK
@given(small_settings(rule_aware=False))
def test_search_in_groups_equals_oracle(setting: Setting):
    expected = compare.oracle(setting)
    assume(expected is not None)
    with limits(MOST_TOGETHER=0, IN_A_GROUP=1):
        safe, complete, found = compare.attacker(setting)
    assert complete
    assert (safe, found) == (not expected, expected)


@QUICK
@given(small_settings(rule_aware=False))
def test_search_in_wider_groups_equals_oracle(setting: Setting):
    expected = compare.oracle(setting)
    assume(expected is not None)
    with limits(MOST_TOGETHER=0, IN_A_GROUP=1, MOST_AT_ONCE=0, MOST_TO_LOOK_ROUND=0, MOST_FAR=0, MOST_FOR_STEP=1):
        safe, complete, found = compare.attacker(setting)
    assert complete
    assert (safe, found) == (not expected, expected)


@QUICK
@given(small_settings(rule_aware=False, history=True))
def test_moves_alone_are_never_wrong(setting: Setting):
    expected = compare.oracle(setting)
    assume(expected is not None)
    with limits(MOST_FOR_SOLVER=-1, MOST_FOR_CORNERS=-1):
        safe, complete, found = compare.attacker(setting)
    # Without the relaxation and branch and bound something may stay open; what is told is still true.
    assert set(found.items()) <= set((expected or {}).items())
    assert safe == (complete and not found)
    assert not (safe and expected)


@QUICK
@given(small_settings())
def test_moves_keep_every_rule(setting: Setting):
    linked = system.build([sight.publication(setting.release)])
    asked = quantities.build(linked)
    work = Work(10_000)
    world = truth.read(linked, setting.counts, cap=MOST_PEOPLE, work=work).world
    tools = attacker.prepare(asked, 1_000, work)
    moves, frame = tools.moves, tools.moves.frame
    place, still = frame.place(world), np.zeros(frame.size, dtype=bool)
    assert np.array_equal(frame.world(place), world)
    for column in range(len(frame.free)):
        found = tools.searches.find(np.array([column]), np.array([1]), place, still, noise=0.01)
        if len(found.columns):
            moves.add(found.columns, found.weights)
    for number in range(len(moves)):
        for steps in (moves.steps(number, place, still)[0], -moves.steps(number, place, still)[1]):
            after = place.copy()
            after[moves.columns[number]] += steps * moves.weights[number]
            there = frame.world(after)
            assert np.all(there >= 0)
            assert linked.rows.hold(there)
            change = np.zeros(asked.targets.shape[0], dtype=np.int64)
            change[moves.touched[number]] = moves.effects[number]
            assert np.array_equal(asked.targets @ there - asked.targets @ world, steps * change)


def test_move_that_breaks_an_equation_is_not_kept():
    # A, B and C hidden beside their total: nobody can be added alone.
    _, release = region([2, 5, 9], "ABC")
    moves = attacker.prepare(quantities.build(system.build([sight.publication(release)])), 1_000, Work(10)).moves
    before = len(moves)
    assert moves.add(np.array([0]), np.array([1])) is None
    assert len(moves) == before


def test_searches_that_all_break_are_mended(monkeypatch: pytest.MonkeyPatch):
    programme = Programme.parse(EXAMPLE)
    counts = Counts.from_tables(programme, {"situation": np.array([[9, 6], [8, 1], [7, 5]])})
    release = protect(programme, counts).release

    def broken(self: circuits.Circuits, change: np.ndarray) -> circuits.Circuit:
        return circuits.Circuit(circuits.NONE, circuits.NONE, broken=self.columns[np.abs(change) > NEAR])

    monkeypatch.setattr(circuits.Circuits, "_whole", broken)
    with limits(MOST_FOR_SOLVER=-1, MOST_FOR_CORNERS=-1):
        assert audit(release, counts=counts).safe
        monkeypatch.setattr(insight, "mend", lambda *_: None)
        assert not audit(release, counts=counts).complete
