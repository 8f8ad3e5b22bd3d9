"""People taken off all blocks at once: never more than are counted, and all of them where one list made the tables."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation import Counts
from anonymisation.suppression import population
from anonymisation.suppression.population import Population, _peel, _Peeling, peel
from anonymisation.suppression.swaps import can_swap
from anonymisation.suppression.system import System, build
from tests.oracle.small import Setting, settings
from tests.unit.anonymisation.programmes import programme

LINKED = programme(
    "home need",
    "home age",
    "need age",
    place='codes = ["A", "B", "C"]\n[dimensions.place.levels.part]\nWEST = ["A", "B"]\nEAST = ["C"]',
    home='codes = ["OWN", "RENT", "NONE"]',
    need='codes = ["LOW", "HIGH"]',
    age='codes = ["YOUNG", "MIDDLE", "OLD"]',
)
"""Three tables with the contributor as a third axis: no one of them has all four."""


def linked(people: np.ndarray) -> System:
    """Return the system of people (p, 4): places, homes, needs, ages."""
    whole = np.zeros((3, 3, 2, 3), dtype=np.int64)
    np.add.at(whole, tuple(people.T), 1)
    tables = {
        "home need": np.moveaxis(whole.sum(axis=3), 0, -1),
        "home age": np.moveaxis(whole.sum(axis=2), 0, -1),
        "need age": np.moveaxis(whole.sum(axis=1), 0, -1),
    }
    return build(LINKED, Counts.from_tables(LINKED, tables))


def random_people(number: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.stack([random.integers(0, size, number) for size in (3, 3, 2, 3)], axis=1)


def counted(system: System, found: Population) -> np.ndarray:
    """Return how many of the people are in each unknown."""
    counts = np.zeros(len(system.truth), dtype=np.int64)
    for block in system.blocks:
        places = [found.codes[:, found.axes.index(axis)] for axis in block.axes]
        np.add.at(counts, block.start + np.ravel_multi_index(places, block.shape), 1)
    return counts


@given(settings(), st.integers(0, 9))
@hypothesis_settings(max_examples=60)
def test_nobody_is_taken_who_is_not_counted(setting: Setting, seed: int) -> None:
    system = build(setting.counts.programme, setting.counts)
    assume(can_swap(system))
    found = peel(system, np.random.default_rng(seed))
    assert (counted(system, found) <= system.truth).all()
    assert set(found.axes) == {axis for block in system.blocks for axis in block.axes}
    if len(system.blocks) == 1:
        assert (counted(system, found) == system.truth).all()


@pytest.mark.parametrize("seed", range(4))
def test_of_linked_blocks_nearly_everybody_is_found(seed: int) -> None:
    system = linked(random_people(80, seed))
    assert len(system.blocks) == 3
    found = peel(system, np.random.default_rng(seed))
    assert (counted(system, found) <= system.truth).all()
    assert len(found.codes) >= 72
    # Nobody is left whom all blocks still count.
    left = system.truth - counted(system, found)
    again = [left[block.start : block.start + block.size].reshape(block.shape) for block in system.blocks]
    axes = found.axes
    for person in np.ndindex(*(found.codes.max(axis=0) + 1)):
        spot = dict(zip(axes, person, strict=True))
        in_all = [
            part[tuple(spot[a] for a in block.axes)] > 0 for block, part in zip(system.blocks, again, strict=True)
        ]
        assert not all(in_all)


def test_the_rare_are_taken_first() -> None:
    people = random_people(80, 1)
    people[:2, 1], people[2:, 1] = 2, people[2:, 1] % 2
    system = linked(people)
    for seed in range(10):
        found = peel(system, np.random.default_rng(seed))
        assert np.count_nonzero(found.codes[:, found.axes.index("home")] == 2) == 2


@pytest.mark.parametrize("seed", range(3))
def test_rarity_is_how_many_have_the_rarest_code(seed: int) -> None:
    system = linked(random_people(50, seed))
    block = system.blocks[0]
    counts = system.truth[block.start : block.start + block.size].reshape(block.shape)
    rarity = _Peeling(system).rarity()
    for cell, places in enumerate(np.ndindex(*block.shape)):
        each = [counts.take(place, axis=axis).sum() for axis, place in enumerate(places)]
        assert rarity[cell] == min(each)


def test_chance_alone_decides() -> None:
    system = linked(random_people(60, 3))
    one, same, other = (peel(system, np.random.default_rng(seed)).codes for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_search_for_one_person_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    system = linked(random_people(80, 6))
    monkeypatch.setattr(population, "MOST_STEPS", 0)
    assert not len(peel(system, np.random.default_rng(0)).codes)
    # One axis is left to find where three are given.
    monkeypatch.setattr(population, "MOST_STEPS", 1)
    assert len(peel(system, np.random.default_rng(0)).codes)


def test_the_longest_of_several_lists_is_taken_if_they_are_not_long(monkeypatch: pytest.MonkeyPatch) -> None:
    system = linked(random_people(80, 8))
    chance = np.random.default_rng(4)
    each = [len(_peel(system, chance).codes) for _ in range(population.ATTEMPTS)]
    assert len(peel(system, np.random.default_rng(4)).codes) == max(each)
    assert max(each) > each[0]
    monkeypatch.setattr(population, "TOGETHER", 100)
    assert len(peel(system, np.random.default_rng(4)).codes) == each[0]


def test_nobody_counted_is_nobody_found() -> None:
    found = peel(linked(np.zeros((0, 4), np.int64)), np.random.default_rng(0))
    assert found.codes.shape == (0, 4)
