"""What equations leave open, against fractions worked out by hand; an unlucky prime is never believed."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from anonymisation.attack import chamber, elimination
from anonymisation.attack.elimination import MOST_WHOLE, directions, reduced
from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import Rows

QUICK = settings(max_examples=80, deadline=None)


def rank(table) -> int:
    """The rank, by elimination in fractions."""
    rows = [[Fraction(int(value)) for value in row] for row in table]
    found = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in range(found, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for row in range(found + 1, len(rows)):
            share = rows[row][column] / rows[found][column]
            rows[row] = [a - share * b for a, b in zip(rows[row], rows[found], strict=True)]
        found += 1
    return found


@st.composite
def equations(draw: st.DrawFn, *, most: int = 1):
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(1, 6))
    values = draw(st.lists(st.integers(-most, most), min_size=rows * columns, max_size=rows * columns))
    return np.array(values, dtype=np.int64).reshape(rows, columns)


@QUICK
@given(equations())
def test_directions_span_what_is_open(table):
    found = directions(table)
    assert found is not None
    assert found.dtype == np.int64
    assert not (table @ found).any()
    assert rank(found) == found.shape[1] == table.shape[1] - rank(table)


@QUICK
@given(equations(most=40), st.sampled_from([(2,), (3,), (5, 2), (7,), (101,), elimination.PRIMES]))
def test_unlucky_prime_is_never_believed(table, primes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elimination, "PRIMES", primes)
        found = directions(table)
    if found is not None:
        assert not (table @ found).any()
        assert rank(found) == found.shape[1] == table.shape[1] - rank(table)


def test_another_prime_where_the_first_is_unlucky(monkeypatch: pytest.MonkeyPatch):
    table = np.array([[2, 1], [0, 3]])  # one row too few modulo 3
    assert len(reduced(table, 3)[1]) == 1
    monkeypatch.setattr(elimination, "PRIMES", (3,))
    assert directions(table) is None
    monkeypatch.setattr(elimination, "PRIMES", (3, 101))
    found = directions(table)
    assert found is not None
    assert found.shape == (2, 0)


def test_reduced_form():
    table, pivots = reduced(np.array([[0, 2, 4, 6], [0, 1, 2, 3], [0, 0, 0, 5]]), 101)
    assert table.tolist() == [[0, 1, 2, 0], [0, 0, 0, 1]]
    assert pivots.tolist() == [1, 3]


@pytest.mark.parametrize(("ends", "expected"), [((3, 24), [-8, 1]), ((64, 1), [-1, 64]), ((65, 1), None)])
def test_fractions_are_lifted_up_to_a_denominator(ends: tuple[int, int], expected: list[int] | None):
    found = directions(np.array([ends]))
    assert (None if found is None else found[:, 0].tolist()) == expected


def test_large_entries_are_not_tried():
    assert directions(np.array([[1, MOST_WHOLE]])) is not None
    assert directions(np.array([[1, MOST_WHOLE + 1]])) is None
    assert directions(np.array([[1, -MOST_WHOLE - 1]])) is None


def part_of(table) -> Part:
    """A part with these rows; the last is no equation but a range."""
    low = np.zeros(len(table), dtype=np.int64)
    high = low.copy()
    high[-1:] = 9
    size = table.shape[1]
    rows = Rows(sparse.csr_matrix(table), low, high)
    return Part(np.arange(size), rows, np.zeros(size, np.int64), np.full(size, 9), np.full(size, -1))


@QUICK
@given(st.data(), equations())
def test_what_may_vary_is_what_the_equations_do_not_fix(data: st.DataObject, table):
    size = table.shape[1]
    count = data.draw(st.integers(1, 4))
    values = data.draw(st.lists(st.integers(-2, 2), min_size=count * size, max_size=count * size))
    targets = np.array(values, dtype=np.int64).reshape(count, size)
    rows, block = chamber.varying(sparse.csr_matrix(targets), part_of(table))
    even = table[:-1] if len(table) else table
    expected = [at for at in range(count) if rank([*even, targets[at]]) > rank(even)]
    assert rows.tolist() == expected
    assert block.tolist() == targets[expected].tolist()


def test_what_one_contributor_holds_of_a_fixed_sum_may_vary():
    # Two contributors, two kinds each: told is what both have of the first kind, and what each has of the second.
    owner = np.array([0, 0, 1, 1])
    table = np.array([[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    told = Rows(sparse.csr_matrix(table), np.full(3, 5), np.full(3, 5))
    part = Part(np.arange(4), told, np.zeros(4, np.int64), np.full(4, 9), owner)
    targets = sparse.csr_matrix(np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1], [1, 0, 0, 0]]))
    # Of the second row nothing can vary, for nobody. The others vary without what A has.
    assert chamber.varying(targets, part)[0].tolist() == [0, 2, 3]


def test_all_may_vary_where_nothing_is_proven(monkeypatch: pytest.MonkeyPatch):
    table = np.array([[1, 1, 1], [0, 0, 0]])
    targets = sparse.csr_matrix(np.array([[1, 1, 1], [1, 0, 0], [0, 0, 0]]))
    assert chamber.varying(targets, part_of(table))[0].tolist() == [1]
    monkeypatch.setattr(chamber, "directions", lambda _: None)
    assert chamber.varying(targets, part_of(table))[0].tolist() == [0, 1]
    monkeypatch.undo()
    monkeypatch.setattr(chamber, "MOST_DENSE", 2)
    assert chamber.varying(targets, part_of(table))[0].tolist() == [0, 1]
