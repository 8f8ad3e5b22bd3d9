"""Moves: differences between two worlds that give the same shown values, kept and shared by all attackers.

A move added to any world that gives the shown values gives another, as long as nothing falls below zero. A move that
leaves a contributor's own counts alone is open to that contributor's guess too, so one move serves many attackers, and
the same move serves around the truth as around another world.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anonymisation.suppression.system import Bools, Ints, System

Small = NDArray[np.int32]


class Moves:
    """A growing store of moves: `moves` (k, n), `effects` (k, q) on each quantity, `touched` (k, c) contributors."""

    def __init__(self, system: System) -> None:
        self.system = system
        n, q, c = len(system.truth), system.matrix.shape[0], len(system.contributors)
        self.transposed = system.matrix.T.tocsr()
        self.moves: Small = np.zeros((64, n), np.int32)
        self.effects: Small = np.zeros((64, q), np.int32)
        self.touched: Bools = np.zeros((64, c), bool)
        self.size = 0

    def add(self, move: Ints) -> int:
        """Keep a move and return its place."""
        if self.size == len(self.moves):
            self.moves, self.effects, self.touched = (
                np.concatenate([part, np.zeros_like(part)]) for part in (self.moves, self.effects, self.touched)
            )
        at = self.size
        self.moves[at] = move
        self.effects[at] = self.system.matrix @ move
        self.touched[at] = False
        own = self.system.owner[move != 0]
        self.touched[at, own[own >= 0]] = True
        self.size += 1
        return at

    def copy(self) -> Moves:
        """Return a store of its own with the same moves."""
        other = Moves(self.system)
        other.moves, other.effects = self.moves.copy(), self.effects.copy()
        other.touched, other.size = self.touched.copy(), self.size
        return other

    def drop(self, gone: Bools) -> None:
        """Forget the moves marked in `gone` (k,)."""
        kept = np.flatnonzero(~gone)
        for part in (self.moves, self.effects, self.touched):
            part[: len(kept)] = part[kept]
        self.size = len(kept)

    def from_world(self, world: Ints) -> Bools:
        """Tell which moves lead from `world` (n,) to another world."""
        moves = self.moves[: self.size]
        fits: Bools = np.asarray((moves >= -world).all(axis=1))
        if self.system.lists.shape[0]:
            some = np.flatnonzero(fits)
            room = -(self.system.lists @ world)
            fits[some] = (self.system.lists @ moves[some].T <= room[:, None]).all(axis=0)
        return fits

    def open_to(self, attacker: int) -> Bools:
        """Tell which moves leave the attacker's own counts alone."""
        return np.ones(self.size, bool) if attacker < 0 else ~self.touched[: self.size, attacker]
