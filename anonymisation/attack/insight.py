"""How far apart an attacker's worlds are in each quantity: seen ranges from worlds, outer bounds from the solver.

Every world that turns up widens the seen range of all quantities at once (Fischetti and Salazar-González, Management
Science 47(7), 2001, ask one linear programme per cell and direction; shared corners answer most with tens in all).
Random directions over what is still open come first, then one quantity at a time, then branch and bound where the
corner is not whole. A quantity counts as wide only with two whole worlds that were checked exactly.
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from scipy import sparse

from anonymisation.attack.polytope import NEAR, Floats, Ints, NoWorldError, Polytope
from anonymisation.attack.quantities import Flags

QUIET_ROUNDS = 2
"""Random rounds without a newly proven quantity before single quantities are asked for."""


@dataclass
class Work:
    """Counted work: questions to the solver that are left. When it is spent nothing more is proven."""

    left: int

    def spend(self) -> bool:
        """Take one question; False if none is left."""
        self.left -= 1
        return self.left >= 0


class Insight:
    """One attacker's ranges of some sums of unknowns, the rows of `targets`. Arrays run over these."""

    def __init__(self, targets: sparse.csr_matrix, polytope: Polytope, work: Work, *, seed: int = 0) -> None:
        self.targets, self.polytope, self.work = targets, polytope, work
        count = targets.shape[0]
        self.outer_low, self.outer_high = polytope.bounds(targets)
        self.seen_low = np.full(count, np.iinfo(np.int64).max // 4)
        self.seen_high = np.full(count, np.iinfo(np.int64).min // 4)
        self.worlds: list[Ints] = []
        self._random = np.random.default_rng(seed)

    def witness(self, world: Ints) -> None:
        """Take a world (one of the polytope's) into account."""
        values = self.targets @ world
        if np.any(values < self.seen_low) or np.any(values > self.seen_high):
            self.worlds.append(world)
            np.minimum(self.seen_low, values, out=self.seen_low)
            np.maximum(self.seen_high, values, out=self.seen_high)

    def wide(self, needed: Ints) -> Flags:
        """Where two witness worlds are at least `needed` apart; nothing needed is wide."""
        return np.asarray((needed <= 0) | (self.seen_high - self.seen_low >= needed))

    def narrow(self, needed: Ints) -> Flags:
        """Where it is proven that no two worlds are `needed` apart."""
        return np.asarray(self.outer_high - self.outer_low < needed)

    def prove(self, needed: Ints) -> None:
        """Look until each quantity is wide or proven narrow, or the work is spent; NoWorldError without worlds."""
        self._random_rounds(needed)
        for target in np.flatnonzero(~self.wide(needed) & ~self.narrow(needed)):
            self._single(int(target), int(needed[target]))

    def settle(self, targets: Ints) -> None:
        """Make the outer bounds of some targets exact, as far as the work allows."""
        for target in targets:
            for sign in (1, -1):
                if not self._exact(int(target), sign):
                    self._ask(int(target), sign, whole=False)
                if not self._exact(int(target), sign):
                    self._ask(int(target), sign, whole=True)

    def _random_rounds(self, needed: Ints) -> None:
        quiet = 0
        while quiet < QUIET_ROUNDS:
            undecided = np.flatnonzero(~self.wide(needed) & ~self.narrow(needed))
            if not len(undecided) or not self.work.spend():
                return
            signs = self._random.choice((-1.0, 1.0), len(undecided))
            answer = self.polytope.maximise(self._direction(undecided, signs))
            if answer.world is not None:
                self.witness(answer.world)
            left = np.count_nonzero(~self.wide(needed) & ~self.narrow(needed))
            quiet = quiet + 1 if left > 0.98 * len(undecided) else 0

    def _direction(self, targets: Ints, signs: Floats) -> Floats:
        return np.asarray(self.targets[targets].T @ signs, dtype=float)

    def _exact(self, target: int, sign: int) -> bool:
        if sign > 0:
            return bool(self.outer_high[target] == self.seen_high[target])
        return bool(self.outer_low[target] == self.seen_low[target])

    def _single(self, target: int, needed: int) -> None:
        """Linear questions both ways, then whole ones while both answers are still possible."""
        for whole in (False, True):
            for sign in (1, -1):
                if self.seen_high[target] - self.seen_low[target] >= needed:
                    return
                if self.outer_high[target] - self.outer_low[target] < needed:
                    return
                if not self._exact(target, sign):
                    self._ask(target, sign, whole=whole)

    def _ask(self, target: int, sign: int, *, whole: bool) -> None:
        if not self.work.spend():
            return
        direction = self._direction(np.array([target]), np.array([float(sign)]))
        answer = self.polytope.maximise(direction, whole=whole)
        if answer.world is not None:
            self.witness(answer.world)
        if answer.bound is None:
            return
        if sign > 0:
            self.outer_high[target] = min(self.outer_high[target], floor(answer.bound + NEAR))
        else:
            self.outer_low[target] = max(self.outer_low[target], ceil(-answer.bound - NEAR))


def first_world(polytope: Polytope, work: Work) -> Ints:
    """Some world; raises NoWorldError if there is none, or none was found within the work."""
    nothing = np.zeros(len(polytope.lower))
    for whole in (False, True):
        if work.spend():
            answer = polytope.maximise(nothing, whole=whole)
            if answer.world is not None:
                return answer.world
    raise NoWorldError
