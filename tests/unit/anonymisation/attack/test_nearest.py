"""The nearest world is as near as any, among all worlds of small regions."""

import numpy as np
import pytest

from anonymisation.attack.chamber import Demand
from anonymisation.attack.nearest import nearest
from tests.unit.anonymisation.attack.test_elsewhere import SCENES, Scene


@pytest.fixture(params=SCENES)
def where(request) -> Scene:
    return SCENES[request.param]()


def keeps(move: np.ndarray, base: np.ndarray, rules: list[Demand], free: np.ndarray, share: float) -> bool:
    """Whether a move is one that was asked for."""
    taken = np.maximum(-move, 0) <= np.ceil(share * base)
    return bool((taken & (free | (move == 0))).all()) and all(rule.keeps(base + move) for rule in rules)


@pytest.mark.parametrize("seed", range(6))
def test_no_other_world_that_was_asked_for_is_nearer(where: Scene, seed: int) -> None:
    random = np.random.default_rng(seed)
    for number, part in enumerate(where.parts):
        base, moves = where.base[part.columns], where.moves(number)
        free = np.isin(part.owner, random.choice(np.unique(part.owner), max(1, len(np.unique(part.owner)) - 1), False))
        prices, share = random.uniform(1.0, 1.5, len(base)), float(random.choice([0.34, 0.5, 1.0]))
        at = int(random.integers(len(base)))
        for sign in (1.0, -1.0):
            change = Demand(np.array([at]), np.array([sign]), sign * float(base[at]) + 1)
            rules = [Demand(np.arange(len(base)), random.integers(0, 2, len(base)).astype(float), 0.0)]
            found = nearest(part, base, rules, change, free=free, share=share, prices=prices)
            asked = [move for move in moves if keeps(move, base, [*rules, change], free, share)]
            if found is None:
                # In these regions every corner is whole.
                assert not asked
                continue
            assert any((found - base == move).all() for move in asked)
            assert prices @ abs(found - base) == pytest.approx(min(prices @ abs(move) for move in asked))
