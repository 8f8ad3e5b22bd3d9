"""Moves that are kept, what each of them changes, and how far they take each quantity for each attacker.

Other than `Moves`, which holds each as long as the list of unknowns, it holds what changes: moves here are short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.suppression.circuits import Move
from anonymisation.suppression.system import Bools, Ints, System


@dataclass(frozen=True)
class Kept:
    """A move, the quantities it changes with by how much, and which attackers (a,) it is open to.

    It is open to those whose own counts it leaves alone.
    """

    move: Move
    changed: Ints
    effect: Ints
    open_to: Bools

    def on(self, quantity: int) -> int:
        """Return by how much it changes a quantity."""
        return int(self.effect[self.changed == quantity].sum())


class Stock:
    """A growing stock; `high` and `low` (a, q) are the ranges that are known by it."""

    def __init__(self, system: System, attackers: Ints) -> None:
        self.system, self.attackers = system, attackers
        self.across = system.matrix.T.tocsr()
        self.high = np.zeros((len(attackers), system.matrix.shape[0]), np.int32)
        self.low = np.zeros_like(self.high)
        self.kept: list[Kept] = []
        self._about: dict[int, list[int]] = {}

    def effects(self, move: Move) -> Kept:
        """Return a move with what it changes; it is not kept yet."""
        system = self.system
        row = sparse.csr_matrix((move.weights, move.columns, [0, len(move.columns)]), shape=(1, len(system.truth)))
        effects = row @ self.across
        effects.eliminate_zeros()
        effects.sort_indices()
        owners = np.unique(system.owner[move.columns])
        open_to = ~np.isin(self.attackers, owners[owners >= 0])
        return Kept(move, effects.indices.astype(np.int64), effects.data.astype(np.int32), open_to)

    def keep(self, kept: Kept) -> None:
        """Keep a move, and widen what it widens."""
        for quantity in kept.changed.tolist():
            self._about.setdefault(quantity, []).append(len(self.kept))
        self.kept.append(kept)
        where = np.ix_(np.flatnonzero(kept.open_to), kept.changed)
        self.high[where] = np.maximum(self.high[where], kept.effect)
        self.low[where] = np.minimum(self.low[where], kept.effect)

    def about(self, quantity: int, shown: Bools) -> list[Kept]:
        """Return the moves that change a quantity, and nothing else that is `shown` (q,)."""
        some = (self.kept[place] for place in self._about.get(quantity, ()))
        return [kept for kept in some if not shown[kept.changed].any()]

    def alive(self, shown: Bools) -> list[Kept]:
        """Return the moves that change nothing that is shown."""
        return [kept for kept in self.kept if not shown[kept.changed].any()]

    def read(self, quantities: Ints, shown: Bools) -> None:
        """Work out anew how far some quantities go, by the moves that change nothing that is shown."""
        self.high[:, quantities] = self.low[:, quantities] = 0
        places = {place for quantity in quantities.tolist() for place in self._about.get(quantity, ())}
        some = [kept for place in sorted(places) if not shown[(kept := self.kept[place]).changed].any()]
        if not some:
            return
        inside = np.zeros(len(shown), bool)
        inside[quantities] = True
        changed, effect = np.concatenate([kept.changed for kept in some]), np.concatenate([k.effect for k in some])
        asked = inside[changed]
        of = np.repeat(np.arange(len(some)), [len(kept.changed) for kept in some])[asked]
        changed, effect = changed[asked], effect[asked]
        for at, open_to in enumerate(np.array([kept.open_to for kept in some]).T):
            mine = open_to[of]
            np.maximum.at(self.high[at], changed[mine], effect[mine])
            np.minimum.at(self.low[at], changed[mine], effect[mine])
