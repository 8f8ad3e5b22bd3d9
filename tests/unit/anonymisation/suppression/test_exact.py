"""From the fast pattern to the cheapest: what is tried costs less and is proven, or all stays as it was."""

import numpy as np
import pytest

from anonymisation.suppression.bound import cheapest
from anonymisation.suppression.exact import improve, outset
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.search import Search
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import build
from tests.benchmarks.disclosure import CASES

CASE = "three-way"


@pytest.fixture(scope="module")
def system():
    return build(*CASES[CASE].load())


@pytest.fixture
def greedy(system) -> Greedy:
    """The fast pattern."""
    found = Greedy(system, Solver(Work()), b"key")
    assert found.repair(outset(found)) is None
    return found


def holds(greedy: Greedy) -> bool:
    """Whether the proof is whole, and every move that is kept leads from the truth to a world of this pattern."""
    moves, shown = greedy.moves, greedy.pattern.shown
    apart = moves.effects[: moves.size][:, shown].any() or not moves.from_world(greedy.system.truth).all()
    high, low = greedy.proof.high.copy(), greedy.proof.low.copy()
    greedy.proof.read()
    # How far goes what is small for nobody is not kept up to date.
    some = greedy.proof.needs.any(axis=0)
    told = (high == greedy.proof.high)[:, some].all() and (low == greedy.proof.low)[:, some].all()
    return told and not apart and not greedy.proof.open().any()


def test_improving_ends_at_the_cheapest_pattern(greedy: Greedy):
    before = greedy.price
    improve(greedy)
    assert greedy.price == cheapest(greedy).cost < before
    assert holds(greedy)


def test_outset_hits_every_cut_that_it_met(system):
    greedy = Greedy(system, Solver(Work()), b"key")
    hidden = set(outset(greedy))
    assert greedy.cuts
    assert all(cut & hidden for cut in greedy.cuts)
    assert hidden <= set(greedy.candidates)


def test_nothing_is_hidden_at_the_outset_where_no_cut_was_met(system):
    greedy = Greedy(system, Solver(Work(limit=1)), b"key")
    greedy.solver.work.spent = 1
    assert outset(greedy) == ()


def test_what_is_no_cheaper_changes_nothing(greedy: Greedy):
    improve(greedy)
    pattern, proof, moves, size = greedy.pattern, greedy.proof, greedy.moves, greedy.moves.size
    greedy.again([q for q in greedy.candidates if not greedy.pattern.shown[q]])
    assert greedy.pattern is pattern
    assert greedy.proof is proof
    assert greedy.moves is moves
    assert greedy.moves.size == size
    assert holds(greedy)


def test_past_the_limit_the_fast_pattern_stays(greedy: Greedy):
    pattern, price = greedy.pattern, greedy.price
    greedy.solver.work.limit = greedy.solver.work.spent + 1_000
    improve(greedy)
    assert greedy.solver.work.over
    assert greedy.pattern is pattern
    assert greedy.price == price
    assert holds(greedy)


def test_improved_pattern_is_proven_by_a_search_of_its_own(greedy: Greedy):
    improve(greedy)
    greedy.moves.drop(np.ones(greedy.moves.size, bool))
    greedy.proof.read()
    assert greedy.proof.open().any()
    assert greedy.proof.close(Search(greedy.system, greedy.solver).under(greedy.pattern)) is None


def test_copied_moves_are_apart(greedy: Greedy):
    size = greedy.moves.size
    other = greedy.moves.copy()
    other.drop(np.ones(size, bool))
    other.add(np.zeros(len(greedy.system.truth), np.int64))
    assert (other.size, greedy.moves.size) == (1, size)
    assert greedy.moves.moves[:size].any(axis=1).all()
