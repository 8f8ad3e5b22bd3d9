"""How far a quantity goes, against a linear programme that is built anew for each question."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from anonymisation import Counts, Programme
from anonymisation.programme import EXAMPLE
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.search import Obstacle, Search
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import PUBLIC, System, build
from tests.oracle.small import Setting, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
FAR = 10**6


def slowly(pattern: Pattern, attacker: int, quantity: int, sign: int) -> float:
    """The farthest that the quantity changes from the truth, in one direction; at most `FAR`."""
    system = pattern.system
    ends = [
        (0, 0) if attacker >= 0 and owner == attacker else (-int(n), FAR)
        for n, owner in zip(system.truth, system.owner, strict=True)
    ]
    upper, most, _ = pattern.ceilings
    found = linprog(
        -sign * system.matrix[quantity].toarray().ravel(),
        A_ub=upper if upper.shape[0] else None,
        b_ub=most - upper @ system.truth if upper.shape[0] else None,
        A_eq=pattern.binding if pattern.binding.shape[0] else None,
        b_eq=np.zeros(pattern.binding.shape[0]) if pattern.binding.shape[0] else None,
        bounds=ends,
    )
    return -float(found.fun)


@given(settings(), st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_reach_pattern_after_pattern(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    search = Search(system, Solver(Work()))
    published = [q for q, cells in enumerate(system.published) if cells]
    for _ in range(3):
        pattern = draw_pattern(data, system, published)
        quantity = data.draw(st.integers(0, system.matrix.shape[0] - 1))
        attacker = data.draw(st.sampled_from(system.attackers))
        sign = data.draw(st.sampled_from([1, -1]))
        found, far = search.under(pattern).reach(attacker, quantity, sign), slowly(pattern, attacker, quantity, sign)
        if far >= FAR / 10:
            assert found.far >= FAR / 10
            continue
        assert found.far <= far + 1e-6
        assert found.far > far - 1 or found.move is not None
        if found.move is not None and found.move.any():
            assert sign * (system.matrix @ found.move)[quantity] >= found.far
        # Without what it names as stops, the bound is one that the others do not give.
        if far < 1e-9 and not system.programme.policy.rule_aware:
            alone = Pattern(system, np.isin(np.arange(len(pattern.shown)), list(found.stops)))
            assert slowly(alone, attacker, quantity, sign) < 1e-6


@given(settings(), st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_shortest_move_is_one(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    pattern = draw_pattern(data, system, [q for q, cells in enumerate(system.published) if cells])
    search = Search(system, Solver(Work())).under(pattern)
    quantity = data.draw(st.integers(0, system.matrix.shape[0] - 1))
    attacker = data.draw(st.sampled_from(system.attackers))
    change = data.draw(st.sampled_from([-3, -1, 1, 2]))
    move = search.shortest(attacker, quantity, change)
    far = slowly(pattern, attacker, quantity, 1 if change > 0 else -1)
    if far < abs(change) - 1e-6:
        assert move is None
    if move is not None:
        effect = int((system.matrix @ move)[quantity])
        assert (effect >= change) if change > 0 else (effect <= change)
        assert not (pattern.binding @ move).any()
        assert (system.truth + move >= 0).all()
        assert attacker < 0 or not move[system.owner == attacker].any()


@given(settings(), st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_what_forbids_a_step_is_enough_to_forbid_it(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    pattern = draw_pattern(data, system, [q for q, cells in enumerate(system.published) if cells])
    search = Search(system, Solver(Work())).under(pattern)
    quantity = data.draw(st.integers(0, system.matrix.shape[0] - 1))
    attacker = data.draw(st.sampled_from(system.attackers))
    change = data.draw(st.sampled_from([-2, -1, 1, 2]))
    found, sign = search.step(attacker, quantity, change), 1 if change > 0 else -1
    far = slowly(pattern, attacker, quantity, sign)
    if isinstance(found, np.ndarray):
        assert far >= abs(change) - 1e-6
    if isinstance(found, Obstacle):
        assert far < abs(change)
        assert pattern.shown[list(found.stops)].all()
        if not system.programme.policy.rule_aware:
            alone = Pattern(system, np.isin(np.arange(len(pattern.shown)), list(found.stops)))
            assert slowly(alone, attacker, quantity, sign) < abs(change)
            if found.both:
                assert slowly(alone, attacker, quantity, 1) < 1e-6
                assert slowly(alone, attacker, quantity, -1) < 1e-6


def test_what_fixes_a_quantity_forbids_both_ways_and_what_only_bounds_it_one():
    programme = Programme.parse(EXAMPLE)
    system = build(programme, Counts.from_tables(programme, {"situation": np.array([[9, 6], [8, 1], [7, 5]])}))
    index = {who: q for q, who in enumerate(system.people)}
    last = index[("place", (1,)), ("situation", (1,))]
    published, inner = np.array([bool(cells) for cells in system.published]), np.diff(system.matrix.indptr) == 1
    search = Search(system, Solver(Work()))
    # All is shown but one cell, which its row or its column fixes.
    fixed = search.under(Pattern(system, published & (np.arange(len(published)) != last))).step(PUBLIC, last, 1)
    assert isinstance(fixed, Obstacle)
    assert fixed.both
    # All inner cells are hidden: twelve people are UTE, so that twelve more than one cannot be.
    search.under(Pattern(system, published & ~inner))
    bounded = search.step(PUBLIC, last, 12)
    assert isinstance(bounded, Obstacle)
    assert not bounded.both
    assert isinstance(search.step(PUBLIC, last, -1), np.ndarray)


def apart(search: Search, pattern: Pattern, target: np.ndarray, attacker: int) -> list[int]:
    """The unknowns that something ties to the target, one after another, without what is fixed or the attacker's."""
    system, ceilings = pattern.system, pattern.ceilings[0]
    bound = [set(np.flatnonzero(row)) for row in np.vstack([pattern.binding.toarray(), ceilings.toarray()])]
    fixed = search.fixed
    own = (system.owner == attacker) & (attacker >= 0)
    found = {int(u) for u in np.flatnonzero(target) if not fixed[u] and not own[u]}
    while True:
        more = {int(u) for row in bound if row & found for u in row if not fixed[u]}
        if more <= found:
            return sorted(u for u in found if not own[u])
        found |= more


@given(settings(), st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_a_question_is_about_what_hangs_together(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    published = [q for q, cells in enumerate(system.published) if cells]
    search = Search(system, Solver(Work()))
    for _ in range(3):
        pattern = draw_pattern(data, system, published)
        search.under(pattern)
        target = search.target(data.draw(st.integers(0, system.matrix.shape[0] - 1)))
        attacker = data.draw(st.sampled_from(system.attackers))
        line = search.line(attacker, target)
        assert line.columns[: line.growing].tolist() == apart(search, pattern, target, attacker)
        assert search.line(attacker, target) is line


def test_programmes_are_kept_from_pattern_to_pattern_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch):
    programme = Programme.parse(EXAMPLE)
    system = build(programme, Counts.from_tables(programme, {"situation": np.array([[9, 6], [8, 1], [7, 5]])}))
    nothing = Pattern(system, np.zeros(len(system.published), bool))
    everyone = nothing.showing(int(np.argmax(np.diff(system.matrix.indptr))))
    search = Search(system, Solver(Work()))
    target = search.target(int(np.flatnonzero(np.diff(system.matrix.indptr) == 1)[0]))
    search.under(everyone)
    first = search.line(PUBLIC, target)
    alone = search.under(nothing).line(PUBLIC, target)
    assert len(alone.columns) < len(first.columns)
    assert search.under(everyone).line(PUBLIC, target) is first
    monkeypatch.setattr("anonymisation.suppression.search.MOST_COLUMNS", len(first.columns))
    assert search.under(nothing).line(PUBLIC, target) is alone
    assert search.under(everyone).line(PUBLIC, target) is not first


def draw_pattern(data: st.DataObject, system: System, published: list[int]) -> Pattern:
    shown = np.zeros(system.matrix.shape[0], bool)
    shown[data.draw(st.lists(st.sampled_from(published), unique=True))] = True
    return Pattern(system, shown)
