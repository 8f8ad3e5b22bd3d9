"""Proving a pattern safe by moves: no wider than the worlds are, and as wide wherever that is asked for."""

from itertools import product

import numpy as np
import pytest

from anonymisation.suppression.moves import Moves
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.proof import Gap, Proof
from anonymisation.suppression.search import Search
from anonymisation.suppression.smallness import Smallness
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import PUBLIC, System, build
from tests.unit.anonymisation.programmes import counts, programme

THREE = 'codes = ["A", "B", "C"]'


def row(*values: int, threshold: int = 3, width: int = 3) -> System:
    """Three places in a row; quantities are the places and their total."""
    policy = f"threshold = {threshold}\nwidth = {width}"
    told = programme("place", place=THREE, policy=policy, more=f"width = {width}\n")
    return build(told, counts(told, list(values)))


def hiding(system: System, *places: int) -> Pattern:
    """Everything is shown but some places."""
    cells = np.array([bool(some) for some in system.published])
    return Pattern(system, cells).hiding(*(system.people.index((("place", (at,)),)) for at in places))


def begin(pattern: Pattern, moves: Moves | None = None) -> tuple[Proof, Search]:
    system = pattern.system
    search = Search(system, Solver(Work())).under(pattern)
    return Proof(system, Smallness(system), moves or Moves(system), system.truth), search


def ranges(pattern: Pattern) -> np.ndarray:
    """How wide each quantity is for each attacker, by all worlds of as many people."""
    system = pattern.system
    most = int(system.truth.sum()) + 1
    worlds = np.array(list(product(range(most), repeat=len(system.truth))))
    fits = worlds[(worlds @ system.matrix[np.flatnonzero(pattern.shown)].T == system.value[pattern.shown]).all(axis=1)]
    found = []
    for attacker in system.attackers:
        mine = system.owner == attacker
        own = fits[(fits[:, mine] == system.truth[mine]).all(axis=1)] @ system.matrix.T
        found.append(own.max(axis=0) - own.min(axis=0))
    return np.array(found)


CASES = [
    (values, hidden, threshold, width)
    for values in ((1, 2, 5), (2, 5, 4), (1, 0, 2), (2, 2, 2))
    for hidden in ((), (0,), (0, 1), (1, 2), (0, 1, 2))
    for threshold, width in ((2, 2), (3, 1), (3, 3), (3, 4))
]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_gap_is_found_where_the_worlds_are_too_narrow_and_only_there(width: int):
    for values, hidden, threshold, asked in CASES:
        if asked != width:
            continue
        pattern = hiding(row(*values, threshold=threshold, width=width), *hidden)
        proof, search = begin(pattern)
        wide = ranges(pattern)
        narrow = proof.needs & (wide < width)
        gap = proof.close(search)
        assert (gap is None) == (not narrow.any())
        assert (proof.high - proof.low <= wide).all()
        if gap is None:
            assert not proof.open().any()
        else:
            assert narrow[list(proof.attackers).index(gap.attacker), gap.quantity]
            assert pattern.shown[list(gap.stops)].all()
            assert gap.proven


def test_gap_names_what_it_rests_on():
    # B knows its own 5, so the total and C tell it that A has 1. To the others A has between 0 and 6.
    system = row(1, 5, 4)
    pattern = hiding(system, 0, 1)
    a, c, everyone = (system.people.index(who) for who in ((("place", (0,)),), (("place", (2,)),), ()))
    proof, search = begin(pattern)
    assert proof.close(search) == Gap(1, a, frozenset({everyone, c}), proven=True)
    assert ranges(pattern)[:, a].tolist() == [6, 0, 0, 6]


def test_what_failed_lately_is_looked_at_first():
    system = row(1, 2, 5)
    pattern = hiding(system, 0)
    proof, search = begin(pattern)
    a, b = (system.people.index((("place", (at,)),)) for at in (0, 1))
    first = proof.close(search)
    assert first is not None
    assert first.quantity == a
    later = proof.close(search, first=[(0, b)])
    assert later is not None
    assert (later.attacker, later.quantity) == (PUBLIC, b)
    # What is not small needs no look.
    everyone = system.people.index(())
    again = proof.close(search, first=[(0, everyone)])
    assert again == first


def test_moves_that_were_found_serve_the_next_proof():
    pattern = hiding(row(1, 2, 2), 0, 1, 2)
    proof, search = begin(pattern)
    assert proof.close(search) is None
    later, _ = begin(pattern, proof.moves)
    assert later.open().any()
    later.read()
    assert not later.open().any()
    wide = ranges(pattern)
    assert (later.high - later.low <= wide).all()
    assert (later.high >= proof.high).all()
    assert (later.low <= proof.low).all()


def test_moves_are_read_for_some_quantities_and_some_moves():
    system = row(3, 2, 1)
    moves = Moves(system)
    moves.add(np.array([-2, 2, 0]))
    moves.add(np.array([0, 1, -1]))
    moves.add(np.array([0, 0, -2]))  # leads below zero
    a, b, c = (system.people.index((("place", (at,)),)) for at in range(3))
    proof, _ = begin(hiding(system, 0, 1, 2), moves)
    proof.read()
    assert proof.attackers.tolist() == [PUBLIC, 0, 1, 2]
    # Each move is read for whoever has no part in it, and for the public.
    assert proof.high[:, b].tolist() == [2, 1, 0, 2]
    assert proof.low[:, a].tolist() == [-2, 0, 0, -2]
    assert proof.low[:, c].tolist() == [-1, -1, 0, 0]
    some, _ = begin(hiding(system, 0, 1, 2), moves)
    some.read(np.array([b]), usable=np.array([False, True, False]))
    assert some.high[:, b].tolist() == [1, 1, 0, 0]
    assert not some.low[:, c].any()


def test_moves_that_touch_a_contributor_teach_it_nothing():
    system = row(3, 2, 1)
    a, b, c = (system.people.index((("place", (at,)),)) for at in range(3))
    proof, _ = begin(hiding(system, 0, 1, 2))
    proof.learn(proof.moves.add(np.array([1, -1, 0])))
    assert proof.high[:, a].tolist() == [1, 0, 0, 1]
    assert proof.low[:, b].tolist() == [-1, 0, 0, -1]
    assert not proof.high[:, c].any()


def test_open_is_what_is_small_and_not_yet_wide():
    system = row(2, 9, 9, width=3)
    a = system.people.index((("place", (0,)),))
    proof, _ = begin(hiding(system, 0, 1, 2))
    assert proof.open()[:, a].tolist() == [True, False, True, True]
    proof.high[0, a], proof.low[0, a] = 2, 0
    proof.high[2, a], proof.low[2, a] = 2, -1
    assert proof.open()[:, a].tolist() == [True, False, False, True]
    assert proof.open().sum() == 2
