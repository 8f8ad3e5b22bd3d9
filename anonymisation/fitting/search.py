"""Local search for a population whose cells come close to their targets: whole numbers, a fixed amount of work.

The search is threshold accepting (Dueck and Scheuer 1990): some people leave, the cheapest kind of people comes in
their place, and the change is kept unless it is worse by more than a threshold that falls to nothing. All arithmetic
is on whole numbers and all chance comes from a counted stream, so that the same input gives the same answer on every
machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from anonymisation.cells import Ints
from anonymisation.fitting.kinds import Kinds

Bools = NDArray[np.bool_]

FORBIDDEN = 10**15
FIXED = 10**6
FAR = 4
"""Weights: of what may not be, of one person in a fixed cell, of the square of what lies beyond `near`."""
LARGEST_ERROR = 10**6

FEWEST_STEPS, MOST_STEPS = 500, 20_000
WORK = 4 * 10**9
"""Elements that all steps together may touch: about ten seconds."""


@dataclass(frozen=True)
class Aim:
    """What a fit is for: `target` (c,) values, `fixed` (c,) where they must be met, `closed` (c,) where nobody may be.

    No cell may hold 1 to `base` - 1 people, unless `fixed`. Errors count where `counted` (c,) is true, by default
    everywhere; up to `near` they cost their square, larger ones more.
    """

    target: Ints
    fixed: Bools
    closed: Bools
    base: int
    near: int
    counted: Bools | None = None

    def cost(self, values: Ints) -> Ints:
        """Return (c,) what each cell's error costs."""
        error = np.minimum(np.abs(values - self.target), LARGEST_ERROR)
        beyond = np.maximum(error - self.near, 0)
        cost: Ints = np.where(self.fixed, FIXED * error, error * error + FAR * beyond * beyond)
        return cost if self.counted is None else cost * self.counted

    def allows(self, values: Ints) -> Bools:
        """Return (c,) whether each cell may hold its value."""
        small: Bools = (values > 0) & (values < self.base) & ~self.fixed
        return (values >= 0) & ~small & ~(self.closed & (values > 0))


def fit(kinds: Kinds, aim: Aim, seed: bytes, *, work: int = 0) -> Ints:
    """Return (c,) cells of a made-up population that comes close to `aim`.

    `seed` (16 bytes) decides between equals; `work` is the number of steps, 0 for as many as suit the size.
    """
    size = sum(prod(kinds.sizes[v] for v in step.clique) * len(step.inputs) for step in kinds.steps)
    steps = work or max(FEWEST_STEPS, min(MOST_STEPS, 10 * len(aim.target), WORK // (size + len(aim.target))))
    search = Search(kinds, aim, np.random.PCG64(int.from_bytes(seed[:16], "big")))
    search.start()
    search.improve(steps)
    return search.values


class Search:
    """A population under way: `values` (c,) its cells, `groups` people of one kind by their cells and number."""

    def __init__(self, kinds: Kinds, aim: Aim, chance: np.random.PCG64) -> None:
        self.kinds = kinds
        self.aim = aim
        self.chance = chance
        self.values: Ints = np.zeros_like(aim.target)
        self.groups: list[tuple[Ints, int]] = []

    def start(self) -> None:
        """Add people, the cheapest first, until nobody more brings the cells closer to their targets."""
        while True:
            cells = self._cheapest(self.aim.base)
            if cells is None or self._gain(cells, self.aim.base) >= 0:
                return
            # As many at once as fit below every target.
            inside = cells if self.aim.counted is None else cells[self.aim.counted[cells]]
            room = int((self.aim.target - self.values)[inside].min(initial=LARGEST_ERROR))
            self._add(cells, max(self.aim.base, room))

    def improve(self, steps: int) -> None:
        """Take `steps` steps and leave the best population met."""
        best, now = self._total(), self._total()
        kept = (self.values.copy(), list(self.groups))
        # The first threshold is what moving one group a little wrong costs in a few cells.
        first = 2 * self.aim.base * self.aim.base
        for step in range(steps):
            limit = first * (steps - step) // steps
            before = (self.values.copy(), list(self.groups))
            if not self._move():
                self.values, self.groups = before
                continue
            after = self._total()
            if after - now > limit:
                self.values, self.groups = before
                continue
            now = after
            if now < best:
                best, kept = now, (self.values.copy(), list(self.groups))
        self.values, self.groups = kept

    def _move(self) -> bool:
        """Let some people leave and others come; False where that cannot be."""
        base = self.aim.base
        kind_of_move = self._draw(8)
        come = leave = base
        if kind_of_move == 0:
            come = leave = 1 + self._draw(base)
        elif kind_of_move == 1:
            leave, come = 0, 1 + self._draw(base)
        elif kind_of_move == 2:
            leave, come = 1 + self._draw(base), 0
        left = None
        if leave:
            if not self.groups:
                return False
            at = self._draw(len(self.groups))
            left, number = self.groups[at]
            leave = min(leave, number)
            come = min(come, leave)
            self.values[left] -= leave
            if not self.aim.allows(self.values)[left].all():
                return False
            self.groups[at] = self.groups[-1]
            self.groups.pop()
            if number > leave:
                self.groups.append((left, number - leave))
        if not come:
            return True
        cells = self._cheapest(come, avoid=left)
        if cells is None:
            return False
        self._add(cells, come)
        return True

    def _cheapest(self, number: int, avoid: Ints | None = None) -> Ints | None:
        """Return the cells of the kind whose coming costs least, a little chance apart; None where none may come."""
        after = self.values + number
        cost = self.aim.cost(after) - self.aim.cost(self.values)
        cost += self._noise(len(cost)) if avoid is not None else 0
        cost[~self.aim.allows(after)] = FORBIDDEN
        if avoid is not None and self._draw(2):
            # Not straight back to where they came from.
            cost[avoid[self._draw(len(avoid))]] += FORBIDDEN // 2
        cells = self.kinds.cells(self.kinds.cheapest(cost))
        return None if (cost[cells] >= FORBIDDEN).any() else cells

    def _noise(self, size: int) -> Ints:
        """Return (size,) small whole numbers."""
        words = self.chance.random_raw((size + 7) // 8)
        return np.asarray(words, dtype="<u8").view(np.uint8)[:size].astype(np.int64) & 1

    def _draw(self, below: int) -> int:
        """Return a whole number from 0 to `below` - 1."""
        return int(self.chance.random_raw()) % below

    def _gain(self, cells: Ints, number: int) -> int:
        cost = self.aim.cost(self.values + number) - self.aim.cost(self.values)
        return int(cost[cells].sum())

    def _add(self, cells: Ints, number: int) -> None:
        self.values[cells] += number
        self.groups.append((cells, number))

    def _total(self) -> int:
        return int(self.aim.cost(self.values).sum())
