"""Bound propagation, extreme points and whole worlds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from anonymisation.attack.exhaustive import worlds
from anonymisation.attack.polytope import OPEN, NoWorldError, Polytope, Rows, propagate

UNHURRIED = settings(deadline=None)


def rows(matrix, low, high):
    return Rows(sparse.csr_matrix(np.array(matrix, dtype=np.int64)), np.array(low), np.array(high))


def brute(rules, upper):
    every = np.array(list(np.ndindex(*(u + 1 for u in upper))), dtype=np.int64)
    return every[rules.hold_all(every)]


SYSTEMS = st.integers(1, 4).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(st.sampled_from([-1, 0, 1, 2]), min_size=n, max_size=n), min_size=1, max_size=3),
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
        st.integers(0, 3),
    )
)


@UNHURRIED
@given(SYSTEMS)
def test_propagate_keeps_every_world(drawn):
    matrix, world, slack = drawn
    value = np.array(matrix) @ np.array(world)
    rules = rows(matrix, value - slack, value + slack)
    lower, upper = propagate(rules, np.zeros(len(world), dtype=np.int64), np.full(len(world), 4))
    found = brute(rules, [4] * len(world))
    assert np.all(found >= lower)
    assert np.all(found <= upper)


@UNHURRIED
@given(SYSTEMS)
def test_worlds_are_all_worlds(drawn):
    matrix, world, slack = drawn
    value = np.array(matrix) @ np.array(world)
    rules = rows(matrix, value - slack, value + slack)
    inside = Polytope(rules, np.zeros(len(world), dtype=np.int64), np.full(len(world), 4), cap=4)
    found = worlds(inside)
    assert found is not None
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, brute(rules, [4] * len(world)).tolist()))


@UNHURRIED
@given(SYSTEMS, st.lists(st.integers(-2, 2), min_size=4, max_size=4))
def test_maximise_whole_is_the_greatest(drawn, weights):
    matrix, world, slack = drawn
    value = np.array(matrix) @ np.array(world)
    rules = rows(matrix, value - slack, value + slack)
    direction = np.array(weights[: len(world)], dtype=float)
    inside = Polytope(rules, np.zeros(len(world), dtype=np.int64), np.full(len(world), 4), cap=4)
    best = (brute(rules, [4] * len(world)) @ direction).max()
    answer = inside.maximise(direction, whole=True)
    assert answer.world is not None
    assert inside.contains(answer.world)
    assert answer.bound == pytest.approx(best)
    relaxed = inside.maximise(direction)
    assert relaxed.bound is not None
    assert relaxed.bound >= best - 1e-6


def test_propagate_contradiction():
    with pytest.raises(NoWorldError):
        propagate(rows([[1, 1]], [5], [5]), np.zeros(2, dtype=np.int64), np.full(2, 2))


def test_propagate_nothing_to_bound():
    lower, upper = propagate(rows([[1, -1]], [0], [OPEN]), np.zeros(2, dtype=np.int64), np.full(2, 9))
    assert (lower.tolist(), upper.tolist()) == ([0, 0], [9, 9])


def test_propagate_negative_weight_unsorted_columns():
    matrix = sparse.csr_matrix((np.array([1, -1]), np.array([1, 0]), np.array([0, 2])), shape=(1, 2), dtype=np.int64)
    lower, upper = propagate(Rows(matrix, np.array([0]), np.array([0])), np.array([0, 0]), np.array([3, 9]))
    assert (lower.tolist(), upper.tolist()) == ([0, 0], [3, 3])


def test_demand_leaves_out_worlds():
    inside = Polytope(rows([[1, 1]], [5], [5]), np.zeros(2, dtype=np.int64), np.full(2, 9), cap=9)
    inside.demand(np.array([0]), np.array([1.0]), 2)
    answer = inside.maximise(np.array([0.0, 1.0]))
    assert answer.world is not None
    assert answer.world.tolist() == [2, 3]


def test_worlds_too_many():
    inside = Polytope(rows([[0, 0]], [0], [0]), np.zeros(2, dtype=np.int64), np.full(2, 9), cap=9)
    assert worlds(inside, limit=50) is None
    assert len(worlds(inside, limit=100)) == 100
