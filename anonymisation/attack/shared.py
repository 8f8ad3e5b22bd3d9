"""How far walks led, kept for all attackers: a walk that left a contributor's own counts alone is its walk, too."""

from collections.abc import Sequence

import numpy as np

from anonymisation.attack.polytope import Ints

SLOTS = 3
"""Walks that are kept for each end of each target's range."""
MOST_OWNERS = 12
"""Contributors that a walk may have moved, to be kept."""


class Shared:
    """For each target the greatest changes by walks from one world, `base`, and whose counts each walk moved."""

    def __init__(self, targets: int, owner: Ints) -> None:
        self._owner = owner
        self.base: Ints | None = None
        self._change = np.zeros((targets, 2, SLOTS), dtype=np.int64)
        self._moved = np.full((targets, 2, SLOTS, MOST_OWNERS), -1, dtype=np.int16)

    def keep(self, base: Ints, unknowns: Ints, target: int, sign: int, change: int) -> None:
        """Keep a walk from `base` that moved some unknowns and changed a target, upwards (sign 1) or downwards (-1)."""
        if self.base is None:
            self.base = base
        if self.base is not base or change * sign <= 0:
            return
        owners = np.unique(self._owner[unknowns])
        if len(owners) > MOST_OWNERS or owners[0] < 0:
            return
        side = int(sign > 0)
        slot = int(np.argmin(np.abs(self._change[target, side])))
        self._change[target, side, slot] = change
        self._moved[target, side, slot] = -1
        self._moved[target, side, slot, : len(owners)] = owners

    def reach(self, base: Ints, who: Sequence[int]) -> tuple[Ints, Ints]:
        """For each target how far below and above its value in `base` walks lead that leave some contributors alone."""
        if self.base is not base:
            nothing = np.zeros(len(self._change), dtype=np.int64)
            return nothing, nothing
        change = self._change.copy()
        for one in who:
            change[(self._moved == one).any(axis=3)] = 0
        return change[:, 0].min(axis=1), change[:, 1].max(axis=1)
