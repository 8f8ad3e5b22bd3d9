"""What an attacker sees in one part, against all worlds of it: by own counts, and by what others can tell of them."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy import sparse

from anonymisation.attack.chamber import Chamber
from anonymisation.attack.insight import Work
from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import Rows

# A's three kinds, then B's. Shown: kinds 0 and 1 together, kind 2, and all of A.
MATRIX = np.array([[1, 1, 0, 1, 1, 0], [0, 0, 1, 0, 0, 1], [1, 1, 1, 0, 0, 0]])
OWNER = np.array([0, 0, 0, 1, 1, 1])
BASE = np.array([1, 2, 1, 2, 1, 2])
TARGETS = np.array([[1, 0, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 1, 0, 0, 1]])
MOST = 7


def chamber() -> Chamber:
    value = MATRIX @ BASE
    zeros = np.zeros(6, np.int64)
    part = Part(np.arange(6), Rows(sparse.csr_matrix(MATRIX), value, value), zeros, zeros + MOST, OWNER)
    return Chamber(part, TARGETS, BASE, cap=MOST, work=Work(10_000))


@cache
def worlds() -> np.ndarray:
    """All worlds that keep what is shown."""
    every = np.array(list(product(range(MOST), repeat=6)))
    return every[(every @ MATRIX.T == MATRIX @ BASE).all(axis=1)]


def widths(who: int, own: np.ndarray) -> np.ndarray:
    """The width of each target over all worlds in which the attacker has these counts."""
    mine = who == OWNER
    every = worlds()
    values = every[(every[:, mine] == own).all(axis=1)] @ TARGETS.T
    return values.max(axis=0) - values.min(axis=0)


@pytest.mark.parametrize(
    "world", [BASE, np.array([2, 1, 1, 0, 3, 2]), np.array([3, 0, 1, 1, 2, 2]), np.array([1, 1, 2, 2, 2, 1])]
)
@pytest.mark.parametrize("who", [0, 1])
def test_book_is_as_wide_as_all_worlds_are(who: int, world: np.ndarray):
    found = chamber()
    # What was seen with the counts of the truth must not be taken for what these counts let the attacker see.
    found.lacking(who, BASE, np.full(4, MOST))
    found.lacking(who, world, np.full(4, MOST))
    book = found.book(who, world)
    assert (book.high - book.low).tolist() == widths(who, world[who == OWNER]).tolist()


def test_own_counts_that_others_cannot_tell_apart_share_a_book():
    found = chamber()
    same, other = np.array([2, 1, 1, 2, 1, 2]), np.array([1, 1, 2, 2, 2, 1])
    assert not found.knows(0, same)
    book = found.book(0, BASE)
    assert found.knows(0, same)
    assert found.book(0, same) is book
    assert not found.knows(0, other)
    assert found.book(0, other) is not book


def test_values_leave_the_own_part_out():
    found = chamber()
    assert found.values(0, BASE).tolist() == [2, 2, 1, 2]
    assert found.values(1, BASE).tolist() == [1, 0, 0, 1]
    assert found.values(-1, BASE).tolist() == (TARGETS @ BASE).tolist()
