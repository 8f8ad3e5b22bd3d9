"""Differential privacy: how much noise, on what, that tables add up, and a ledger that lets nothing pass for free."""

import doctest
import sys
from dataclasses import replace
from itertools import product
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymisation import Release, audit, cells, protect
from anonymisation.errors import HistoryError, InputError, NoSafeRelease
from anonymisation.fitting import kinds
from anonymisation.privacy import Event, noise, spent
from anonymisation.privacy.noise import discrete_laplace, standard_deviation
from anonymisation.privacy.protecting import measured
from tests.unit.anonymisation.regions import contradictions, count, persons, programme, truth

OPTIONS = "[policy.dp]\nepsilon = {epsilon}\nbudget = {budget}\n"
PEOPLE = [("A", "OWN", frozenset("X"))] * 9 + [("B", "RENT", frozenset("XY"))] * 7 + [("C", "NONE", frozenset())] * 5


def told(*, epsilon=1.0, budget=2.0, **others):
    return programme(method="dp", options=OPTIONS.format(epsilon=epsilon, budget=budget), **others)


def released(people=PEOPLE, history=(), **others) -> Release:
    counts = count(told(**others), people)
    return protect(counts.programme, counts, history=history).release


def test_one_person_is_in_as_many_noisy_cells_as_the_event_says():
    found = cells.number(told(), told().contributors)
    noisy, apart = measured(found), kinds.build(found)
    most = max(noisy[apart.cells(kind)].sum() for kind in product(*(range(size) for size in apart.sizes)))
    event = Event.read(released())
    # One in the table of homes; everyone and two needs in the other.
    assert (event.sensitivity, event.scale, event.epsilon) == (most, 4.0, 1.0) == (4, 4.0, 1.0)


def test_every_published_cell_is_a_sum_of_noisy_ones():
    programme_ = told()
    found = cells.number(programme_, programme_.contributors)
    noisy, apart = measured(found), kinds.build(found)
    every = list(product(*(range(size) for size in apart.sizes)))
    member = np.zeros((len(found.people), len(every)), dtype=int)
    for at, kind in enumerate(every):
        member[apart.cells(kind), at] = 1
    fitted, *_ = np.linalg.lstsq(member[noisy].T.astype(float), member.T.astype(float), rcond=None)
    assert np.abs(member[noisy].T @ fitted - member.T).max() < 1e-9
    assert noisy.sum() < len(noisy)


def test_noise_is_discrete_laplace():
    drawn, scale = discrete_laplace(np.full(40_000, 7), sensitivity=3, epsilon=1.5)
    off = drawn - 7
    assert scale == 2.0
    q = exp(-1 / 2)
    # Seven standard errors: fails about once in 10**11 runs.
    for value in (0, 1, -1, 3):
        chance = (1 - q) / (1 + q) * q ** abs(value)
        assert abs((off == value).mean() - chance) < 7 * (chance * (1 - chance) / 40_000) ** 0.5
    assert abs(off.std() - standard_deviation(2.0)) < 0.15
    assert not np.array_equal(drawn, discrete_laplace(np.full(40_000, 7), sensitivity=3, epsilon=1.5)[0])


@pytest.mark.parametrize("epsilon", [0.1, 1 / 3, 0.7, 1.0])
def test_noise_never_costs_more_than_epsilon(epsilon: float):
    _, scale = discrete_laplace(np.zeros(2, dtype=np.int64), sensitivity=7, epsilon=epsilon)
    assert 7 / scale <= epsilon
    assert scale == pytest.approx(7 / epsilon, rel=1e-12)


@settings(max_examples=10, deadline=None)
@given(persons(), st.sampled_from([0.2, 5.0]))
def test_release_adds_up_and_is_never_negative(people, epsilon):
    release = released(people, epsilon=epsilon, budget=9)
    assert contradictions(release) == []
    assert min(release.values.values()) >= 0
    assert Release.parse(release.to_bytes()) == release


def test_without_noise_the_fit_is_the_truth_or_close():
    counts = count(told(epsilon=1e5, budget=1e5), PEOPLE)
    values = protect(counts.programme, counts).release.values
    assert max(abs(value - truth(counts)[cell]) for cell, value in values.items()) <= 1


def test_stated_says_how_large_the_noise_is():
    release = released()
    assert release.stated["epsilon"] == 1.0
    assert release.stated["standard_deviation"] == round(standard_deviation(4.0), 3) == 5.642
    assert set(release.stated) == {"epsilon", "event", "standard_deviation"}


def test_budget_is_spent_over_programmes_and_periods():
    first = released()
    assert spent([first, first]) == 1.0
    later = replace(told(name="q"), period="2027")
    counts = count(later, PEOPLE)
    second = protect(later, counts, history=[first]).release
    assert audit(second, history=[first]).safe
    third = replace(told(name="r"), period="2028")
    with pytest.raises(NoSafeRelease, match="the budget is spent: 2 of 2 is used, and this release would take 1"):
        protect(third, count(third, PEOPLE), history=[first, second])


def test_cost_that_is_not_known_is_never_free():
    rounded = programme(name="q", options="[policy.round]\nexact = []\n")
    earlier = protect(rounded, count(rounded, PEOPLE)).release
    with pytest.raises(HistoryError, match="its cost is not known: method round has no bound on it"):
        released(history=[earlier])
    first = released(name="q")
    with pytest.raises(HistoryError, match="spent an unknown part of the budget"):
        audit(released(), history=[earlier])
    event = first.stated["event"]
    for change, reason in (
        ({}, "it states no event"),
        ({"event": event | {"mechanism": "discrete_gaussian"}}, "another mechanism or other neighbours"),
        ({"event": event | {"neighbours": "change_one"}}, "another mechanism or other neighbours"),
        ({"event": event | {"epsilon": 0}}, "numbers that cannot be"),
        ({"event": event | {"epsilon": 0.5}}, "states a lower epsilon than its noise has"),
        ({"event": {key: event[key] for key in ("epsilon", "scale")}}, "it states no event"),
    ):
        with pytest.raises(HistoryError, match=reason):
            released(history=[replace(first, stated={"epsilon": 1.0} | change)])


def test_extra_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(InputError, match=r"install the extra dp, pip install 'bu-vett\[dp\]'"):
        released()


def test_doctest():
    assert doctest.testmod(noise).failed == 0
