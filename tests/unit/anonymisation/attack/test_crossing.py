"""Sums for whole crosses of codes, against adding up cell by cell."""

from itertools import product
from math import prod

import numpy as np
import pytest
from scipy import sparse

from anonymisation.attack.crossing import Block, Line, anywhere, names_of, within

PLACE = Line("place", ("A", "B", "C"), multi=False, complete=False)
KIND = Line("kind", ("K", "L"), multi=False, complete=False)
NEED = Line("need", ("X", "Y", "people"), multi=True, complete=False)
ONE = Line("one", ("Q",), multi=False, complete=False)
LINES = {line.name: line for line in (PLACE, KIND, NEED, ONE)}


def block(*axes: str, start: int = 0) -> Block:
    return Block(axes, tuple(len(LINES[name].leaves) for name in axes), start, known=True)


def slow(where: Block, groups: dict, unknowns: int) -> list[list[int]]:
    """A row for each combination of groups: 1 where an unknown's leaves are all asked for."""
    found = []
    for chosen in product(*groups.values()):
        asked = dict(zip(groups, chosen, strict=True))
        row = [0] * unknowns
        for at, leaves in enumerate(product(*(LINES[name].leaves for name in where.axes))):
            wanted = [asked.get(name, LINES[name].everything) for name in where.axes]
            row[where.start + at] = int(all(leaf in some for leaf, some in zip(leaves, wanted, strict=True)))
        found.append(row)
    return found


def test_everything_counts_each_person_once():
    assert KIND.everything == ("K", "L")
    assert NEED.everything == ("people",)


def test_block_size_is_that_of_its_cross():
    assert block("place", "kind").size == 6


@pytest.mark.parametrize(
    "groups",
    [
        {"place": [("A",), ("B", "C")], "kind": [("K",), ("L",), ("K", "L")]},
        {"kind": [("K",), ("L",), ("K", "L")], "place": [("A",), ("B", "C")]},
        {"need": [("X",), ("people",)], "place": [("C",), ("A", "B", "C"), ("A", "B")], "kind": [("L",)]},
        {"kind": [("L",)]},
        {"need": [("Y",)]},
        {},
    ],
    ids=["two axes", "another order", "three axes", "one axis", "a list", "everyone"],
)
def test_within_sums_each_combination_in_the_order_asked_for(groups):
    where = block("place", "kind", "need", start=5)
    found = within(where, LINES, groups, 30)
    assert found.toarray().tolist() == slow(where, groups, 30)


BLOCKS = (block("place", "kind"), block("place", "need", start=6), block("place", "kind", "need", start=15))
UNKNOWNS = 6 + 9 + 18


def first_with(needed: list[str]) -> Block:
    return next(one for one in BLOCKS if set(needed) <= set(one.axes))


@pytest.mark.parametrize(
    "groups",
    [
        {"place": [("A",), ("B", "C"), ("A", "B", "C")], "kind": [("K",), ("K", "L"), ("L",)]},
        {"need": [("X",), ("people",), ("Y",)], "place": [("A", "B", "C"), ("B",)]},
        {"kind": [("L",), ("K", "L")], "need": [("people",), ("X",)], "place": [("C",), ("A", "B", "C")]},
        {"kind": [("K", "L"), ("K",), ("K", "L")], "place": [("A", "B", "C"), ("B",)]},
        {"place": [("A",), ("B",), ("C",)]},
        {"place": [("A", "B", "C")]},
        {},
    ],
    ids=["two axes", "a list", "three axes", "a group of everyone", "no total", "the total alone", "no axes"],
)
def test_anywhere_takes_each_sum_from_the_first_block_that_has_the_axes_it_needs(groups):
    expected = []
    for chosen in product(*groups.values()):
        asked = dict(zip(groups, chosen, strict=True))
        needed = {name: some for name, some in asked.items() if some != LINES[name].everything}
        expected += slow(first_with(list(needed)), {name: [some] for name, some in needed.items()}, UNKNOWNS)
    found = anywhere(BLOCKS, LINES, groups, UNKNOWNS)
    assert found.toarray().tolist() == expected
    assert found.has_sorted_indices


def test_anywhere_gives_a_code_that_is_everyone_the_row_of_the_total():
    # An axis of one leaf: its code and its total are the same people, and need no block that has the axis.
    blocks = (block("place"), block("place", "one", start=3))
    found = anywhere(blocks, LINES, {"one": [("Q",), ("Q",)], "place": [("A",), ("B",)]}, 6)
    assert found.toarray().tolist() == [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]] * 2


def test_names_are_equal_where_rows_are_and_only_there():
    rows = sparse.csr_matrix(np.array([[1, 0, 1], [1, 1, 0], [1, 0, 1], [1, 0, -1], [0, 0, 0], [0, 1, 0]]))
    found = names_of(rows)
    assert len(found) == 6
    assert [found.index(name) for name in found] == [0, 1, 0, 3, 4, 5]


def test_names_do_not_depend_on_the_order_in_which_a_row_is_stored():
    backwards = sparse.csr_matrix((np.array([2, 1]), np.array([2, 0]), np.array([0, 2])), shape=(1, 3))
    assert names_of(backwards) == names_of(sparse.csr_matrix(np.array([[1, 0, 2]])))


def test_sums_add_up_over_a_cross():
    where = block("place", "kind")
    world = np.arange(1, prod(where.shape) + 1)
    sums = within(where, LINES, {"place": [("A",), ("B",), ("C",), PLACE.everything]}, 6)
    assert (sums @ world).tolist() == [3, 7, 11, 21]
