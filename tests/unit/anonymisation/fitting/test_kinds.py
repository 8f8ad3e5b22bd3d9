"""The cheapest kind of people, against all kinds tried one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymisation import cells
from anonymisation.errors import NoSafeRelease
from anonymisation.fitting import kinds
from tests.unit.anonymisation.regions import programme


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_cheapest_is_the_cheapest_of_all(seed, complete):
    told = programme(complete=complete)
    found = cells.number(told, told.contributors)
    built = kinds.build(found)
    cost = np.random.default_rng(seed).integers(-50, 50, len(found.people))
    cheapest = built.cheapest(cost)
    every = [
        kind
        for kind in product(*(range(size) for size in built.sizes))
        if all(any(kind[v] for v in codes) for codes in built.together)
    ]
    least = min(cost[built.cells(kind)].sum() for kind in every)
    # With a complete list the answer is one code added to the cheapest, which need not be the cheapest with a code.
    assert cheapest in every
    assert cost[built.cells(cheapest)].sum() >= least
    if not complete:
        assert cost[built.cells(cheapest)].sum() == least


def test_each_kind_is_counted_once_in_each_cell():
    told = programme()
    built = kinds.build(cells.number(told, told.contributors))
    for kind in product(*(range(size) for size in built.sizes)):
        found = built.cells(kind)
        assert len(set(found.tolist())) == len(found)


def test_tables_linked_too_densely(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kinds, "LARGEST_CLIQUE", 5)
    told = programme()
    with pytest.raises(NoSafeRelease, match="tables home, need are linked too densely"):
        kinds.build(cells.number(told, told.contributors))
