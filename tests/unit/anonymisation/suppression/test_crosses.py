"""The places that an exchange changes are the counts that it changes, all of them and no others."""

import numpy as np
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation.suppression.crosses import Crosses
from anonymisation.suppression.population import Population, peel
from anonymisation.suppression.solver import Work
from anonymisation.suppression.swaps import can_swap
from anonymisation.suppression.system import System, build
from anonymisation.suppression.walks import Crowd
from tests.oracle.small import Setting, settings
from tests.unit.anonymisation.suppression.test_population import linked, random_people


def change(
    system: System, population: Population, one: int, other: int, swapped: np.ndarray, *, both: bool
) -> set[int]:
    """Return the quantities of one or more codes that really change, by the whole matrix."""
    crowd = Crowd(system, population, np.random.default_rng(0), Work())
    before = population.codes[[one, other]]
    after = np.where(swapped, before[::-1], before)
    who = slice(None) if both else slice(1)
    move = np.zeros(len(system.truth), dtype=np.int64)
    np.add.at(move, crowd.columns(before[who]), -1)
    np.add.at(move, crowd.columns(after[who]), 1)
    return {q for q in np.flatnonzero(system.matrix @ move).tolist() if system.people[q]}


def told(system: System, population: Population, one: int, other: int, swapped: np.ndarray, *, both: bool) -> set[int]:
    crosses = Crosses(system, population.axes)
    groups = crosses.groups(population.codes[[one, other]])
    pairs = (np.array([0]), np.array([1]))
    cells = crosses.changed(groups, np.stack([swapped, swapped]), pairs, both=both)
    assert crosses.prices(np.ones(len(system.people)))[-1] == 0
    return {int(crosses.quantity[place]) for place in cells[0] if place < len(crosses.quantity)}


@given(settings(), st.booleans(), st.data())
@hypothesis_settings(max_examples=100)
def test_changed_places_are_what_changes(setting: Setting, both: bool, data: st.DataObject) -> None:
    system = build(setting.counts.programme, setting.counts)
    assume(can_swap(system))
    population = peel(system, np.random.default_rng(0))
    assume(len(population.codes) > 1)
    one, other = data.draw(st.permutations(range(len(population.codes))))[:2]
    swapped = np.array([data.draw(st.booleans()) for _ in population.axes])
    assert told(system, population, one, other, swapped, both=both) == change(
        system, population, one, other, swapped, both=both
    )


@given(st.integers(0, 50), st.booleans(), st.lists(st.booleans(), min_size=4, max_size=4))
@hypothesis_settings(max_examples=60)
def test_changed_places_of_linked_blocks(seed: int, both: bool, axes: list[bool]) -> None:
    system = linked(random_people(20, seed))
    population = peel(system, np.random.default_rng(seed))
    swapped = np.array(axes)
    assert told(system, population, 0, 1, swapped, both=both) == change(system, population, 0, 1, swapped, both=both)


def test_each_count_has_its_price() -> None:
    system = linked(random_people(20, 1))
    crosses = Crosses(system, peel(system, np.random.default_rng(1)).axes)
    prices = np.arange(len(system.people), dtype=float)
    assert (crosses.prices(prices)[:-1] == crosses.quantity).all()
    # All that narrows one axis or more, at every level; C alone is a place and a part of the country.
    narrowed = {q for q, who in enumerate(system.people) if who}
    assert set(crosses.quantity.tolist()) == narrowed
    twice = [q for q in narrowed if np.count_nonzero(crosses.quantity == q) == 2]
    assert twice == [q for q, who in enumerate(system.people) if dict(who or ()).get("place") == (2,)]
