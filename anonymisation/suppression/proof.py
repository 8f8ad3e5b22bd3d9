"""Proving that a pattern is safe around one world, by clauses (i) and (ii) of *Safe*.

Each small quantity of each attacker needs two witnesses, worlds that are at least `width` apart in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from anonymisation.suppression.moves import Moves
from anonymisation.suppression.search import Search
from anonymisation.suppression.smallness import Smallness
from anonymisation.suppression.system import Bools, Ints, System


@dataclass(frozen=True)
class Gap:
    """A quantity that an attacker could narrow too far; `stops` are the shown quantities that the bound rests on.

    `proven`: they alone narrow it too far, in any pattern that shows them. Else it took whole numbers as well, or none
    was found.
    """

    attacker: int
    quantity: int
    stops: frozenset[int]
    proven: bool


class Proof:
    """How far each quantity is known to range for each attacker around `world`, from the moves found so far."""

    def __init__(self, system: System, smallness: Smallness, moves: Moves, world: Ints) -> None:
        self.system = system
        self.moves = moves
        self.world = world
        self.attackers = np.array(system.attackers)
        self.needs: Bools = np.array([smallness.small(world, int(a)) for a in self.attackers])
        self.high = np.zeros(self.needs.shape, np.int32)
        self.low = np.zeros(self.needs.shape, np.int32)

    def read(self, columns: Ints | None = None, *, usable: Bools | None = None) -> None:
        """Read the ranges of some quantities (default: all) off the kept moves that are `usable` (k,)."""
        where = np.arange(self.needs.shape[1]) if columns is None else columns
        size = self.moves.size
        usable = self.moves.from_world(self.world) if usable is None else usable
        rows = np.flatnonzero(usable)
        effects = self.moves.effects[:size][np.ix_(rows, where)]
        touched = self.moves.touched[:size][rows]
        for at, attacker in enumerate(self.attackers):
            mine = effects if attacker < 0 else effects[~touched[:, attacker]]
            self.high[at, where] = mine.max(axis=0, initial=0)
            self.low[at, where] = mine.min(axis=0, initial=0)

    def learn(self, place: int) -> None:
        """Widen the ranges by one more move, kept at `place`."""
        effect = self.moves.effects[place]
        for at, attacker in enumerate(self.attackers):
            if attacker < 0 or not self.moves.touched[place, attacker]:
                np.maximum(self.high[at], effect, out=self.high[at])
                np.minimum(self.low[at], effect, out=self.low[at])

    def open(self) -> Bools:
        """Return (attackers, q): small there, and not yet proven wide enough."""
        unproven: Bools = self.needs & (self.high - self.low < self.system.width)
        return unproven

    def close(self, search: Search, *, first: Iterable[tuple[int, int]] = ()) -> Gap | None:
        """Look for moves until everything is proven; return the first gap that cannot be closed.

        `first` are places (attacker's place, quantity) to look at before the others: those that failed lately.
        """
        for at, quantity in first:
            if self.needs[at, quantity]:
                gap = self.settle(search, at, quantity)
                if gap is not None:
                    return gap
        for at, quantity in np.argwhere(self.open()):
            gap = self.settle(search, int(at), int(quantity))
            if gap is not None:
                return gap
        return None

    def settle(self, search: Search, at: int, quantity: int) -> Gap | None:
        """Prove one quantity wide enough for one attacker, or return the gap."""
        width = int(self.system.width[quantity])
        attacker = int(self.attackers[at])
        if self.high[at, quantity] - self.low[at, quantity] >= width:
            return None
        ways = (width + int(self.low[at, quantity]),) if width > 1 else (1, -1)
        stops: frozenset[int] = frozenset()
        for way in ways:
            found = search.step(attacker, quantity, way)
            if isinstance(found, np.ndarray):
                self.learn(self.moves.add(found))
                return None
            if found is None or width > 1:
                break
            if found.both:
                return Gap(attacker, quantity, found.stops, proven=True)
            stops |= found.stops
        else:
            # Neither one more nor one less: ranges of width 1 ask no further.
            return Gap(attacker, quantity, stops, proven=True)
        up = search.reach(attacker, quantity, 1)
        down = search.reach(attacker, quantity, -1)
        if up.far + down.far < width:
            return Gap(attacker, quantity, up.stops | down.stops, proven=up.limit + down.limit < width)
        for one in (up, down):
            if one.move is not None:
                self.learn(self.moves.add(one.move))
        if self.high[at, quantity] - self.low[at, quantity] >= width:
            return None
        return Gap(attacker, quantity, up.stops | down.stops, proven=False)
