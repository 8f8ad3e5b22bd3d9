"""Moves that are whole by nature: people exchange some of their codes, so that all that counts one code stays.

(Data swapping: Dalenius and Reiss, Journal of Statistical Planning and Inference 6, 1982. There what is released is
swapped, here only a world that an attacker cannot rule out.) Linear programmes in many linked dimensions end in
fractions; exchanges do not, and a question is a few sums.
"""

from __future__ import annotations

import numpy as np

from anonymisation.suppression.circuits import Move
from anonymisation.suppression.population import Population
from anonymisation.suppression.solver import Work
from anonymisation.suppression.system import System
from anonymisation.suppression.walks import Crowd, Exchanges, Match, Question, Recodings


def can_swap(system: System) -> bool:
    """Tell whether people can be told apart by one code on each axis, among contributors."""
    return system.programme.contributor is not None and not system.lists.shape[0]


class Swaps:
    """Exchanges among the people of a population; `chance` decides whom it tries."""

    def __init__(self, system: System, population: Population, chance: np.random.Generator, work: Work) -> None:
        self.system = system
        self.crowd = Crowd(system, population, chance, work)

    def find(self, quantity: int, width: int, known: tuple[int, int], question: Question) -> list[Move]:
        """Return cheap moves that widen a quantity's range to `width`: one upwards, one downwards, or both.

        `known` is how far upwards and downwards (both at least 0) it is known to go. Nothing where they are not found.
        """
        match = self._match(quantity)
        if not match:
            # Everyone, or nobody: whatever codes are exchanged, they are as many.
            return []
        far = width - known[1], width - known[0]
        for kind in (Exchanges, Recodings):
            up, down = (kind(self.crowd, match, question, up=way).go(far[not way]) for way in (True, False))
            whole = [walk for walk, way in zip((up, down), far, strict=True) if len(walk.chosen) >= way]
            if whole:
                return [min(whole, key=lambda walk: walk.cost).move()]
            if max(len(up.chosen), known[0]) + max(len(down.chosen), known[1]) >= width:
                return [walk.move() for walk in (up, down) if walk.chosen]
        return []

    def _match(self, quantity: int) -> Match:
        """Return for each axis that the quantity narrows which of its places are inside."""
        matrix = self.system.matrix
        columns = matrix.indices[matrix.indptr[quantity] : matrix.indptr[quantity + 1]]
        if not len(columns):
            return []
        home = next(block for block in self.system.blocks if columns[0] < block.start + block.size)
        found = []
        spots = np.unravel_index(columns - home.start, home.shape)
        for name, size, places in zip(home.axes, home.shape, spots, strict=True):
            inside = np.zeros(size, bool)
            inside[places] = True
            if not inside.all():
                found.append((self.crowd.axes.index(name), inside))
        return found
