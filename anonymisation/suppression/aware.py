"""Clause (iii) of *Safe*: a world is a witness only if this release would itself be safe in that world.

Whoever knows that every release is safe rules out the worlds in which this one would not have been. So each witness is
itself proven safe, with clauses (i) and (ii), before it counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import islice

import numpy as np
from scipy import sparse

from anonymisation.suppression.books import Shelf, Small
from anonymisation.suppression.solver import INFINITY, NEAR, Rows, Solver
from anonymisation.suppression.system import Bools
from anonymisation.suppression.unit import Unit

MOST_TRIES = 12
"""Kept moves tried for one quantity before others are looked for."""
WORK = 15
"""A world that needs a new book is worth as much as one that covers one part in this of it and needs none."""


class Cover:
    """Finds two proven witnesses for all that is small in a unit: the ranges (a, w) that they span."""

    def __init__(self, unit: Unit, solver: Solver, moves: Small) -> None:
        """Begin with `moves` (k, u) that may lead to witnesses."""
        self.unit = unit
        self.solver = solver
        self.shelf = Shelf(unit, solver.work)
        self.high = np.zeros(unit.need.shape, np.int64)
        self.low = np.zeros(unit.need.shape, np.int64)
        self.proven: list[int] = []
        self.blame: Counter[int] = Counter()
        self.shelf.stock.add(moves)

    def inherit(self, other: Cover, witnesses: Small) -> None:
        """Take over what was proven when more was shown, `witnesses` (k, u) of it: hiding takes no cover away."""
        self.shelf.inherit(other.shelf)
        for row in self.shelf.stock.add(witnesses, asked=True):
            self.shelf.stock.tried[row] = True
            self._count(int(row))

    @property
    def witnesses(self) -> Small:
        """The moves (k, u) from the truth to proven witnesses."""
        return self.shelf.stock.moves[self.proven]

    def lacking(self) -> Bools:
        """Return (a, w) what has no two witnesses yet."""
        return self.unit.need & ~self.unit.outside & (self.high - self.low < self.unit.width)

    def prove(self, first: tuple[int, int] | None = None) -> tuple[int, int] | None:
        """Cover all; return an attacker's place and a quantity that cannot be, or None.

        `first` is such a pair to look at before the others: what failed lately.
        """
        if first is not None and not self.settle_pair(first):
            return first
        self._greedily()
        for place, quantity in np.argwhere(self.lacking()):
            self.blame.clear()
            if not self.settle(int(place), int(quantity)):
                return int(place), int(self.unit.where[quantity])
        return None

    def settle_pair(self, pair: tuple[int, int], *, ways: int | None = None) -> bool:
        """Find two witnesses for an attacker's place and a quantity; tell whether they are there."""
        at = int(np.searchsorted(self.unit.where, pair[1]))
        there = at < len(self.unit.where) and self.unit.where[at] == pair[1]
        if not there or not self.lacking()[pair[0], at]:
            return True
        self.blame.clear()
        return self.settle(pair[0], at, ways=ways)

    def _greedily(self) -> None:
        """Prove the worlds that the kept moves lead to, those that cover most first."""
        stock, unit = self.shelf.stock, self.unit
        rows = np.flatnonzero(~stock.tried[: stock.size])
        rows = rows[unit.leads(stock.moves[rows], unit.truth)]
        if not len(rows):
            return
        closes = np.abs(stock.effects[rows]) >= unit.width
        opened = ~stock.touched[rows]
        gain = ((closes.astype(np.float32) @ self.lacking().T.astype(np.float32)) * opened).sum(axis=1)
        keys = self._keys(stock.moves[rows], stock.touched[rows])
        books = self.shelf.books
        # What a move covers only shrinks, and so does the work of proving it: look again at the best until it stays so.
        waiting = [(-value, at) for at, value in enumerate(gain) if value > 0]
        heapify(waiting)
        while waiting:
            _, at = heappop(waiting)
            now = float(((self.lacking() & closes[at]).sum(axis=1) * opened[at]).sum())
            if now == 0:
                continue
            rank = (-now / (1 + WORK * sum(key not in books for key in keys[at])), at)
            if waiting and rank > waiting[0]:
                heappush(waiting, rank)
                continue
            self._try(int(rows[at]))

    def _keys(self, moves: Small, touched: Bools) -> list[list[tuple[int, bytes]]]:
        """Return for each move the books of those that it touches."""
        found: list[list[tuple[int, bytes]]] = [[] for _ in moves]
        for attacker, parts in enumerate(self.unit.own((moves + self.unit.truth).T)):
            own = np.ascontiguousarray(parts.T)
            for at in np.flatnonzero(touched[:, attacker]):
                found[at].append((attacker, own[at].tobytes()))
        return found

    def _try(self, row: int) -> bool:
        """Prove the world that a kept move leads to, and let it widen what it may."""
        stock = self.shelf.stock
        if stock.tried[row]:
            return False
        stock.tried[row] = True
        stops = self.shelf.verify(self.unit.truth + stock.moves[row])
        if stops is not None:
            self.blame.update(stops)
            return False
        self._count(row)
        return True

    def _count(self, row: int) -> None:
        """Let a proven witness widen what it may."""
        stock = self.shelf.stock
        self.proven.append(row)
        for at in np.flatnonzero(~stock.touched[row]):
            np.maximum(self.high[at], stock.effects[row], out=self.high[at])
            np.minimum(self.low[at], stock.effects[row], out=self.low[at])

    def settle(self, at: int, quantity: int, *, ways: int | None = None) -> bool:
        """Find two witnesses for one attacker and quantity (places); tell whether it worked."""
        spot = (at, quantity)
        stock = self.shelf.stock
        useful = ~stock.touched[: stock.size, at] & (stock.effects[: stock.size, quantity] != 0)
        rows = np.flatnonzero(useful & ~stock.tried[: stock.size])
        rows = rows[self.unit.leads(stock.moves[rows], self.unit.truth)]
        far, size = np.abs(stock.effects[rows, quantity]), np.abs(stock.moves[rows]).sum(axis=1)
        enough = np.minimum(far, self.unit.width[quantity])
        best = np.lexsort((size, -enough))[: 3 * MOST_TRIES]
        rows, size, enough = rows[best], size[best], enough[best]
        new = np.zeros(len(rows), np.int64)
        if len(rows) > 1:
            keys = self._keys(stock.moves[rows], stock.touched[rows])
            new[:] = [sum(key not in self.shelf.books for key in some) for some in keys]
        for row in rows[np.lexsort((size, new, -enough))][:MOST_TRIES]:
            if not self.lacking()[spot]:
                return True
            self._try(int(row))
        width = int(self.unit.width[quantity])
        for also, share, up in islice(self._ways(int(self.unit.attackers[at])), ways):
            if not self.lacking()[spot]:
                return True
            change = width + int(self.low[spot]) if up else int(self.high[spot]) - width
            move = self._shortest(at, quantity, change, also, share)
            if move is None and not up:
                move = self._shortest(at, quantity, -1, also, share)
            if move is not None:
                for row in self.shelf.stock.add(move[None, :], asked=True):
                    self._try(int(row))
        return not self.lacking()[spot]

    def _ways(self, attacker: int) -> Iterator[tuple[int, float, bool]]:
        """Give ways to look for a world: whose counts stay too (-1: nobody's), the most to take of a count, up or down.

        Worlds that take a little from many are more often safe themselves than those that empty a cell.
        """
        others = [c for c in range(len(self.unit.system.contributors)) if c != attacker]
        for share in (0.5, 1.0, 0.34):
            yield -1, share, True
            yield -1, share, False
            for frozen in others:
                yield frozen, share, True

    def _shortest(self, at: int, quantity: int, change: int, also: int, share: float) -> Small | None:
        """Return a shortest move from the truth within the guards that changes the quantity by at least `change`.

        It leaves alone the own counts of the attacker and of `also`; None where none is there, or none was found whole.
        """
        unit = self.unit
        free = np.flatnonzero(~unit.mine[at] & ((unit.owner != also) | (also < 0)))
        target = np.zeros(len(unit.columns))
        inside = slice(unit.matrix.indptr[quantity], unit.matrix.indptr[quantity + 1])
        target[unit.matrix.indices[inside]] = unit.matrix.data[inside]
        target = target[free]
        if not target.any():
            return None
        guards, growth = unit.guards
        fixed = sparse.vstack([unit.rows, guards], format="csr")[:, free]
        matrix = sparse.vstack([fixed, sparse.csr_matrix(target[None, :])], format="csr")
        halves = Rows.of(sparse.hstack([matrix, -matrix], format="csr"))
        zero = np.zeros(unit.rows.shape[0])
        low = np.concatenate([zero, np.full(len(growth), -INFINITY), [change if change > 0 else -INFINITY]])
        high = np.concatenate([zero, growth.astype(float), [INFINITY if change > 0 else change]])
        size = len(free)
        ends = np.zeros(2 * size), np.concatenate([np.full(size, INFINITY), np.ceil(share * unit.truth[free])])
        for whole in (False, True):
            found = self.solver.solve(np.ones(2 * size), halves, (low, high), ends, whole=whole)
            if found.x is None:
                return None
            change_here = found.x[:size] - found.x[size:]
            near = np.rint(change_here)
            if np.abs(change_here - near).max(initial=0) <= NEAR:
                move = np.zeros(len(unit.columns), np.int32)
                move[free] = near
                return move
        return None
