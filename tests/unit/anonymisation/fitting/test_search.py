"""The search for a made-up population: what it may never do, and that looking longer never makes it worse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymisation import cells
from anonymisation.fitting import kinds
from anonymisation.fitting.search import Aim, Search, fit
from tests.unit.anonymisation.regions import count, persons, programme

SEED = bytes(range(16))


def aim(people, *, base=3, exact=False, counted=None) -> tuple[kinds.Kinds, Aim]:
    """Come close to the cells of some people; with `exact` the total of everyone is met."""
    counts = count(programme(), people)
    found = cells.of(counts)
    truth = found.sums(counts.tables)
    fixed = np.zeros(len(truth), dtype=bool)
    fixed[found.people.index(())] = exact
    return kinds.build(found), Aim(truth, fixed, truth == 0, base, near=base, counted=counted)


@settings(max_examples=15, deadline=None)
@given(persons(most=40), st.integers(1, 4))
def test_no_cell_holds_what_it_may_not(people, base):
    built, wanted = aim(people, base=base)
    values = fit(built, wanted, SEED, work=200)
    assert ((values == 0) | (values >= base)).all()
    assert (values[wanted.target == 0] == 0).all()


@settings(max_examples=10, deadline=None)
@given(persons(most=30))
def test_base_of_one_finds_the_people_themselves_or_close(people):
    built, wanted = aim(people, base=1)
    values = fit(built, wanted, SEED, work=600)
    assert np.abs(values - wanted.target).max(initial=0) <= 1


@settings(max_examples=10, deadline=None)
@given(persons(most=40))
def test_looking_longer_is_never_worse(people):
    built, wanted = aim(people)
    search = Search(built, wanted, np.random.PCG64(1))
    search.start()
    costs = [int(wanted.cost(search.values).sum())]
    for _ in range(3):
        search.improve(60)
        costs.append(int(wanted.cost(search.values).sum()))
    assert costs == sorted(costs, reverse=True)


def test_values_are_those_of_the_groups():
    built, wanted = aim([("A", "OWN", frozenset("X"))] * 7 + [("C", "RENT", frozenset())] * 8)
    search = Search(built, wanted, np.random.PCG64(1))
    search.start()
    search.improve(300)
    again = np.zeros_like(search.values)
    for inside, number in search.groups:
        again[inside] += number
    assert (again == search.values).all()
    assert all(number >= 1 for _, number in search.groups)


@pytest.mark.parametrize("extra", range(3))
def test_fixed_total_is_met_whatever_its_remainder(extra: int):
    built, wanted = aim([("A", "OWN", frozenset("X"))] * (9 + extra) + [("B", "RENT", frozenset())] * 7, exact=True)
    values = fit(built, wanted, SEED)
    assert values[wanted.fixed].tolist() == wanted.target[wanted.fixed].tolist() == [16 + extra]


def test_errors_count_only_where_they_are_asked_for():
    people = [("A", "OWN", frozenset("X"))] * 8
    _, all_of_it = aim(people, base=1)
    nothing = np.zeros(len(all_of_it.target), dtype=bool)
    built, wanted = aim(people, base=1, counted=nothing)
    assert fit(built, wanted, SEED).tolist() == [0] * len(nothing)
    assert wanted.cost(np.full(len(nothing), 99)).sum() == 0


def test_same_seed_same_values():
    built, wanted = aim([("A", "OWN", frozenset("X"))] * 7 + [("B", "RENT", frozenset("Y"))] * 5)
    one, two = (fit(built, wanted, SEED).tolist() for _ in range(2))
    assert one == two
