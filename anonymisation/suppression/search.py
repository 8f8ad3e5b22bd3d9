"""Finding moves: the shortest change that takes a quantity far enough, or the proof that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.solver import INFINITY, NEAR, Answer, Floats, Rows, Solver, Work
from anonymisation.suppression.system import Ints, System


@dataclass(frozen=True)
class Part:
    """The rows and columns of a pattern that one attacker's guess about some components involves.

    `matrix` rows stay as they are, `upper` rows (with `whole` over all unknowns) may come to `most`.
    """

    columns: Ints
    rows: Ints
    matrix: sparse.csr_matrix
    upper: sparse.csr_matrix
    whole: sparse.csr_matrix
    most: Ints
    sources: Ints

    @cached_property
    def both(self) -> Rows:
        """All rows, for a change of each column."""
        return Rows.of(sparse.vstack([self.matrix, self.upper], format="csr"))

    @cached_property
    def halves(self) -> Rows:
        """All rows, for growth and fall of each column apart."""
        both = sparse.vstack([self.matrix, self.upper], format="csr")
        return Rows.of(sparse.hstack([both, -both], format="csr"))

    def room(self, world: Ints) -> Floats:
        """Return how much each upper row may still grow from `world`."""
        return np.asarray(self.most - self.whole @ world, dtype=float)


@dataclass(frozen=True)
class Reach:
    """How far a quantity can go in one direction, and the shown quantities that stop it."""

    far: int
    move: Ints | None
    stops: frozenset[int]


class Search:
    """Looks for moves under one pattern."""

    def __init__(self, pattern: Pattern, solver: Solver, *, guarded: bool = False) -> None:
        """Look under `pattern`; `guarded` stays within its ceilings, which every witness for (iii) must."""
        self.pattern = pattern
        none = np.zeros(pattern.system.lists.shape[0], dtype=np.int64)
        self.ceilings = pattern.ceilings if guarded else (pattern.system.lists, none, none - 1)
        self.system: System = pattern.system
        self.solver = solver
        self.parts: dict[tuple[tuple[int, ...], int, tuple[int, ...]], Part] = {}

    @property
    def work(self) -> Work:
        """The account of work done."""
        return self.solver.work

    def row(self, quantity: int) -> tuple[Ints, Ints]:
        """Return a quantity's places and coefficients."""
        matrix = self.system.matrix
        inside = slice(matrix.indptr[quantity], matrix.indptr[quantity + 1])
        return matrix.indices[inside], matrix.data[inside]

    def span_part(self, span: tuple[int, ...], attacker: int) -> Part:
        """Return some components as an attacker sees them."""
        return self._part(span, attacker, ())

    def part(self, quantity: int, attacker: int, also: tuple[int, ...] = ()) -> Part:
        """Return what bears on a quantity for an attacker."""
        label = self.pattern.component
        places = self.row(quantity)[0]
        if attacker >= 0:
            places = places[self.system.owner[places] != attacker]
        labels = tuple(int(x) for x in np.unique(label[places]) if x >= 0)
        return self._part(labels, attacker, also)

    def _part(self, labels: tuple[int, ...], attacker: int, also: tuple[int, ...]) -> Part:
        key = (labels, attacker, also)
        if key not in self.parts:
            inside = np.isin(self.pattern.component, labels)
            for frozen in (attacker, *also):
                if frozen >= 0:
                    inside &= self.system.owner != frozen
            columns = np.flatnonzero(inside)
            matrix = self.pattern.binding[:, columns]
            rows = np.flatnonzero(np.diff(matrix.indptr))
            whole, most, sources = self.ceilings
            upper = whole[:, columns]
            kept = np.flatnonzero(np.diff(upper.indptr))
            self.parts[key] = Part(columns, rows, matrix[rows], upper[kept], whole[kept], most[kept], sources[kept])
        return self.parts[key]

    def target(self, part: Part, quantity: int) -> Floats:
        """Return a quantity as coefficients over a part's columns."""
        whole = np.zeros(len(self.system.truth))
        places, values = self.row(quantity)
        whole[places] = values
        return whole[part.columns]

    def shortest(
        self, world: Ints, attacker: int, quantity: int, change: int, *, also: tuple[int, ...] = (), share: float = 1.0
    ) -> Ints | None:
        """Return a shortest move from `world` that changes the quantity by at least `change` (its sign says which way).

        It leaves the counts of the contributors in `also` alone too, and takes at most `share` of
        any count. None where there is none, or none was found whole.
        """
        part = self.part(quantity, attacker, also)
        target = self.target(part, quantity)
        if not target.any():
            return None
        size = len(part.columns)
        places = np.flatnonzero(target)
        matrix = part.halves.with_row(
            np.concatenate([places, places + size]), np.concatenate([target[places], -target[places]])
        )
        room = part.room(world)
        zero = np.zeros(len(part.rows))
        low = np.concatenate([zero, np.full(len(room), -INFINITY), [change if change > 0 else -INFINITY]])
        high = np.concatenate([zero, room, [INFINITY if change > 0 else change]])
        columns = (
            np.zeros(2 * size),
            np.concatenate([np.full(size, INFINITY), np.ceil(share * world[part.columns])]),
        )
        cost = np.ones(2 * size)
        for whole in (False, True):
            found = self.solver.solve(cost, matrix, (low, high), columns, whole=whole)
            if found.x is None:
                return None
            move = self._whole(found.x[:size] - found.x[size:], part, world)
            if move is not None:
                return move
        return None

    def _whole(self, values: Floats, part: Part, world: Ints) -> Ints | None:
        """Return a move from values that are whole but for rounding, checked in whole numbers; else None."""
        near = np.rint(values)
        if np.abs(values - near).max(initial=0) > NEAR:
            return None
        inside = near.astype(np.int64)
        move = np.zeros(len(world), dtype=np.int64)
        move[part.columns] = inside
        if (part.matrix @ inside).any() or (world[part.columns] + inside < 0).any():
            return None
        return None if (part.whole @ (world + move) > part.most).any() else move

    def reach(self, world: Ints, attacker: int, quantity: int, sign: int) -> Reach:
        """Return how far the quantity can go up (`sign` 1) or down (-1) from `world`, in whole numbers."""
        part = self.part(quantity, attacker)
        target = self.target(part, quantity)
        here = world[part.columns].astype(float)
        room = part.room(world)
        zero = np.zeros(len(part.rows))
        rows = (np.concatenate([zero, np.full(len(room), -INFINITY)]), np.concatenate([zero, room]))
        columns = (-here, np.full(len(here), INFINITY))
        found = self.solver.solve(-sign * target, part.both, rows, columns)
        if found.x is None:
            # Unbounded: nothing stops it. Then a shortest move of any length exists.
            return Reach(1 << 40, None, frozenset())
        far = int(np.floor(-found.value + NEAR))
        stops = self._stops(found, part, quantity, attacker, sign)
        move = self._whole(found.x, part, world) if far else np.zeros(len(world), dtype=np.int64)
        while move is None and far > 0:
            # The end of the line is not a whole world: step back until one is found.
            move = self.shortest(world, attacker, quantity, sign * far)
            far -= move is None
        return Reach(far, move, stops)

    def _stops(self, found: Answer, part: Part, quantity: int, attacker: int, sign: int) -> frozenset[int]:
        """Return the shown quantities that the bound rests on: the cut that any safe pattern must meet."""
        duals = found.duals[: len(part.rows)]
        sources = self.pattern.sources
        stops = {int(sources[r]) for r, d in zip(part.rows, duals, strict=True) if abs(d) > NEAR and sources[r] >= 0}
        # Unknowns left out because something shown fixes them: they matter if moving them would pay.
        system = self.system
        cost = np.zeros(len(system.truth))
        places, values = self.row(quantity)
        cost[places] = -sign * values
        whole = np.zeros(len(sources))
        whole[part.rows] = duals
        price = cost - self.pattern.binding.T @ whole
        if len(part.sources):
            extra = found.duals[len(part.rows) :]
            price -= part.whole.T @ extra
            stops |= {int(q) for q, d in zip(part.sources, extra, strict=True) if abs(d) > NEAR and q >= 0}
        fixed = self.pattern.fixed_by
        outside = np.flatnonzero((np.abs(price) > NEAR) & (fixed >= 0))
        if attacker >= 0:
            outside = outside[system.owner[outside] != attacker]
        stops |= {int(fixed[u]) for u in outside}
        return frozenset(stops)
