"""Exchanges of codes: whole moves that leave alone what they must, and go as far as they were asked to."""

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation.suppression.areas import Areas
from anonymisation.suppression.circuits import Move
from anonymisation.suppression.population import Population, peel
from anonymisation.suppression.solver import Work
from anonymisation.suppression.swaps import Swaps, can_swap
from anonymisation.suppression.system import PUBLIC, System, build
from anonymisation.suppression.walks import Question
from tests.oracle.small import Setting, settings
from tests.unit.anonymisation.suppression.test_population import linked, random_people


def swaps_of(system: System, seed: int = 0, population: Population | None = None) -> Swaps:
    chance = np.random.default_rng(seed)
    return Swaps(system, population or peel(system, chance), chance, Work())


def question(system: System, *, still: int = PUBLIC, **prices: float) -> Question:
    """Nothing costs anything, but what is named."""
    cost = np.zeros(len(system.people))
    for name, price in prices.items():
        cost[who(system, *name.split("_"))] = price
    return Question(cost, still, np.zeros(len(system.contributors), bool))


def who(system: System, *codes: str) -> int:
    """Return the quantity of these codes, one axis each."""
    programme = system.programme
    found = []
    for dimension in programme.dimensions:
        found += [(dimension.name, (dimension.codes.index(code),)) for code in codes if code in dimension.codes]
    return system.people.index(tuple(sorted(found)))


def change(system: System, move: Move) -> np.ndarray:
    whole = np.zeros(len(system.truth), dtype=np.int64)
    whole[move.columns] = move.weights
    return whole


def valid(system: System, move: Move, asked: Question) -> None:
    """Assert that a move leads to another world, and changes nothing that must stay."""
    whole = change(system, move)
    nothing = np.zeros(len(system.people), bool)
    assert (system.truth + whole >= 0).all()
    assert not (Areas(system, nothing, nothing).tied @ whole).any()
    assert not whole[(system.owner == asked.still) & (asked.still != PUBLIC)].any()
    assert not (system.matrix @ whole)[np.isinf(asked.prices)].any()


@given(settings(), st.data())
@hypothesis_settings(max_examples=150)
def test_moves_widen_by_what_was_asked_and_lead_to_worlds(setting: Setting, data: st.DataObject) -> None:
    system = build(setting.counts.programme, setting.counts)
    assume(can_swap(system))
    quantity = data.draw(st.integers(0, len(system.people) - 1))
    width = data.draw(st.integers(1, 4))
    known = data.draw(st.tuples(st.integers(0, width), st.integers(0, width)).filter(lambda both: sum(both) < width))
    # A margin less a cell is never published, so nothing is asked for it.
    choice = st.sampled_from([0.0, 1.0, 5.0, np.inf])
    prices = [0.0 if people is None else data.draw(choice) for people in system.people]
    asked = Question(
        np.array(prices), data.draw(st.sampled_from(system.attackers)), np.ones(len(system.contributors), bool)
    )
    moves = swaps_of(system, data.draw(st.integers(0, 3))).find(quantity, width, known, asked)
    event(f"{len(moves)} moves")
    far = [int((system.matrix @ change(system, move))[quantity]) for move in moves]
    for move in moves:
        valid(system, move, asked)
    assert not moves or max([known[0], *far]) - min([-known[1], *far]) >= width


@pytest.mark.parametrize("seed", range(5))
def test_exchanges_keep_every_total_of_one_code(seed: int) -> None:
    system = linked(random_people(80, seed))
    moves = swaps_of(system, seed).find(who(system, "OWN", "LOW"), 4, (0, 0), question(system))
    effects = [system.matrix @ change(system, move) for move in moves]
    assert effects
    alone = [q for q, people in enumerate(system.people) if people is not None and len(people) <= 1]
    assert not any(effect[alone].any() for effect in effects)


def test_the_cheapest_is_taken() -> None:
    system = linked(random_people(80, 7))
    quantity = who(system, "A", "OWN", "LOW")
    dear = [q for q, people in enumerate(system.people) if people and not any(axis == "place" for axis, _ in people)]
    asked = question(system)
    asked.prices[dear] = 1000.0
    move = swaps_of(system).find(quantity, 3, (0, 0), asked)[0]
    effect = system.matrix @ change(system, move)
    # Two places can exchange people, so that no sum over places changes.
    assert abs(effect[quantity]) == 3
    assert not effect[dear].any()


def test_who_still_attacks_is_left_alone_if_others_can_be_taken() -> None:
    system = linked(random_people(80, 9))
    asked = Question(np.zeros(len(system.people)), PUBLIC, np.array([True, False, True]))
    for move in swaps_of(system).find(who(system, "OWN", "LOW"), 2, (0, 0), asked):
        assert set(system.owner[move.columns].tolist()) == {1}


def test_codes_are_taken_on_where_nobody_has_them() -> None:
    people = random_people(40, 2)
    people[:, 1] %= 2
    people[0] = (0, 2, 0, 0)
    system = linked(people)
    # One person has no home: no exchange makes two of them.
    move = swaps_of(system).find(who(system, "NONE"), 3, (0, 1), question(system))[0]
    effect = system.matrix @ change(system, move)
    assert effect[who(system, "NONE")] == 2
    assert effect[system.people.index(())] == 0


def test_upwards_and_downwards_together() -> None:
    # Of two in a place and a home, one exchange more and two fewer is all there is.
    people = np.array([(0, 0, 0, 0)] * 2 + [(0, 1, 0, 0)] + [(1, 0, 0, 0)] + [(1, 1, 0, 0)] * 6)
    system = linked(people)
    quantity = who(system, "A", "OWN")
    dear = question(system, A=np.inf, B=np.inf, OWN=np.inf, RENT=np.inf)
    swaps = swaps_of(system)
    effects = [(system.matrix @ change(system, m))[quantity] for m in swaps.find(quantity, 3, (0, 0), dear)]
    assert sorted(effects) == [-2, 1]
    assert swaps.find(quantity, 4, (0, 0), dear) == []
    # What is known already need not be found again.
    assert [(system.matrix @ change(system, m))[quantity] for m in swaps.find(quantity, 2, (0, 1), dear)] == [1]


def test_what_nobody_can_change_has_no_move() -> None:
    system = linked(random_people(20, 4))
    everyone = system.people.index(())
    assert swaps_of(system).find(everyone, 1, (0, 0), question(system)) == []
    nobody = linked(np.zeros((0, 4), np.int64))
    assert swaps_of(nobody).find(who(nobody, "OWN"), 1, (0, 0), question(nobody)) == []


def test_work_is_counted_and_chance_alone_decides() -> None:
    system = linked(random_people(80, 5))
    quantity = who(system, "OWN", "LOW")
    one, same, other = (swaps_of(system, seed) for seed in (1, 1, 2))
    first = one.find(quantity, 4, (0, 0), question(system))
    assert one.crowd.work.spent > 0
    again = same.find(quantity, 4, (0, 0), question(system))
    assert [m.columns.tolist() for m in first] == [m.columns.tolist() for m in again]
    assert [m.columns.tolist() for m in first] != [
        m.columns.tolist() for m in other.find(quantity, 4, (0, 0), question(system))
    ]
