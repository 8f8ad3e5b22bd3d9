"""Finding moves around the truth: the shortest change that takes a quantity far enough, or the bound that stops it.

What a pattern shows takes the unknowns apart, and a question is about those that hang together with its quantity. Their
linear programme is kept from pattern to pattern, as long as they and what binds them stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.suppression.line import Line, Obstacle
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.solver import INFINITY, NEAR, Floats, Rows, Solver
from anonymisation.suppression.system import PUBLIC, Bools, Ints, System

MOST_COLUMNS = 100_000
"""Columns of the programmes that are kept."""
TRIES = 6
"""Other prices tried where a shortest move is not whole, before branching."""


@dataclass(frozen=True)
class Reach:
    """How far a quantity can go in one direction by a whole move, and `limit`: how far the shown `stops` let it."""

    far: int
    move: Ints | None
    stops: frozenset[int]
    limit: int


class Search:
    """Looks for moves from the true counts under one pattern after another.

    `matrix` (r, n) has a row for each block of each quantity that may be shown, here or in an earlier release, and
    binds unknowns together, and for each link, in all patterns the same (`told`), and for each ceiling of the pattern
    (`Pattern.ceilings`: lists of several codes and, where attackers know the rule, what a contributor's part may be).
    """

    def __init__(self, system: System, solver: Solver, known: Bools | None = None) -> None:
        """`known` (q,) are quantities that earlier releases show, published here or not."""
        self.system = system
        self.solver = solver
        value = system.matrix @ system.truth
        may: Bools = np.array([bool(cells) for cells in system.published])
        may = may if known is None else may | known
        rows = [(row, int(q)) for q in np.flatnonzero(may) for row in system.row_of[q].values()]
        told, of = system.rows[[row for row, _ in rows]], np.array([q for _, q in rows], dtype=np.int64)
        # Rows that fix all that is in them, if shown: zeros, and those of a single unknown. The programme holds them as
        # ends of columns and not as rows, which halves it.
        fixing = (value[of] == 0) | (np.diff(told.indptr) == 1)
        self.fixing_of = of[fixing]
        self.fixes = abs(told[np.flatnonzero(fixing)]).T.tocsr()
        told, self.of = told[np.flatnonzero(~fixing)], of[~fixing]
        ones, others = [one for one, _, _ in system.links], [other for _, other, _ in system.links]
        self.link_of = np.array([q for _, _, q in system.links], dtype=np.int64)
        self.told = sparse.vstack([told, system.rows[ones] - system.rows[others]], format="csr").astype(np.int64)
        self._kept: dict[tuple[int, bytes, bytes], Line] = {}
        self.fixed: Bools = np.zeros(len(system.truth), bool)
        self.ceilings: sparse.csr_matrix = None
        self._free = {a: np.asarray((system.owner != a) | (a == PUBLIC)) for a in system.attackers}
        self.under(Pattern(system, np.zeros(len(system.published), bool)))

    def under(self, pattern: Pattern) -> Search:
        """Look under this pattern from now on."""
        self.shown = pattern.shown
        ceilings, most, self.ceiling_of = pattern.ceilings
        if self.ceilings is not ceilings:
            self.ceilings = ceilings
            self.matrix = sparse.vstack([self.told, ceilings], format="csr").astype(np.int64)
            self._inside = self.matrix.tocsc()
            self._kept.clear()
        self.limits = self._limits(most - ceilings @ self.system.truth)
        self.fixed = np.asarray(self.fixes @ self.shown[self.fixing_of].astype(np.int64) > 0)
        self._binds = (self.limits[0] > -INFINITY) | (self.limits[1] < INFINITY)
        self._component = np.full(len(self.fixed), -1, dtype=np.int64)
        self._components: list[Ints] = []
        self._lines: dict[tuple[int, tuple[int, ...]], Line] = {}
        return self

    def _limits(self, room: Ints) -> tuple[Floats, Floats]:
        """Return the least and most (r,) that each row may change; `room` is what ceilings leave."""
        bound = np.concatenate([self.shown[self.of], ~self.shown[self.link_of]])
        high = np.concatenate([np.where(bound, 0.0, INFINITY), room])
        return np.concatenate([np.where(bound, 0.0, -INFINITY), np.full(len(room), -INFINITY)]), high

    def line(self, attacker: int, target: Floats) -> Line:
        """Return the attacker's programme over what hangs together with a target (n,) under the pattern."""
        free = self._free[attacker]
        numbers = self._together(np.flatnonzero((target != 0) & free & ~self.fixed))
        if (attacker, numbers) not in self._lines:
            unknowns = np.sort(np.concatenate([np.zeros(0, np.int64), *(self._components[n] for n in numbers)]))
            self._lines[attacker, numbers] = self._line(attacker, unknowns[free[unknowns]])
        return self._lines[attacker, numbers]

    def _line(self, attacker: int, unknowns: Ints) -> Line:
        rows = self._rows_of(unknowns)
        rows = rows[self._binds[rows]]
        name = attacker, unknowns.tobytes(), rows.tobytes()
        line = self._kept.pop(name, None)
        if line is None:
            line = Line(self, self._free[attacker], unknowns, rows)
        self._kept[name] = line
        size = sum(len(one.columns) for one in self._kept.values())
        while size > MOST_COLUMNS and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            size -= len(self._kept.pop(oldest).columns)
        return line

    def _rows_of(self, unknowns: Ints) -> Ints:
        """Return the rows that some unknowns are in."""
        found: Bools = np.zeros(self.matrix.shape[0], bool)
        found[_entries(self._inside, unknowns)] = True
        return np.flatnonzero(found)

    def _together(self, unknowns: Ints) -> tuple[int, ...]:
        """Return the components that some unknowns are in."""
        for unknown in unknowns.tolist():
            if self._component[unknown] < 0:
                self._spread(unknown)
        return tuple(np.unique(self._component[unknowns]).tolist())

    def _spread(self, unknown: int) -> None:
        """Make the component that an unknown is in: what the rows of the pattern bind to it and is not fixed."""
        number, open_rows = len(self._components), self._binds.copy()
        self._component[unknown] = number
        new, free = np.array([unknown]), ~self.fixed
        while len(new):
            rows = self._rows_of(new)
            rows = rows[open_rows[rows]]
            open_rows[rows] = False
            reached: Bools = np.zeros(len(free), bool)
            reached[_entries(self.matrix, rows)] = True
            new = np.flatnonzero(reached & free & (self._component < 0))
            self._component[new] = number
        self._components.append(np.flatnonzero(self._component == number))

    def target(self, quantity: int) -> Floats:
        """Return a quantity as coefficients over the unknowns."""
        whole = np.zeros(len(self.system.truth))
        matrix = self.system.matrix
        inside = slice(matrix.indptr[quantity], matrix.indptr[quantity + 1])
        whole[matrix.indices[inside]] = matrix.data[inside]
        return whole

    def shortest(self, attacker: int, quantity: int, change: int) -> Ints | None:
        """Return a shortest move that changes the quantity by at least `change` (its sign says which way).

        None where there is none, or none was found whole.
        """
        target = self.target(quantity)
        return self._shortest(self.line(attacker, target), target, change)

    def step(self, attacker: int, quantity: int, change: int) -> Ints | Obstacle | None:
        """Return a shortest move that changes the quantity by at least `change`, or what is shown that forbids it.

        None where neither was found.
        """
        target = self.target(quantity)
        line = self.line(attacker, target)
        move = self._shortest(line, target, change)
        return line.obstacle if move is None else move

    def _shortest(self, line: Line, target: Floats, change: int) -> Ints | None:
        line.obstacle = None
        if not len(line.columns):
            return None
        tried: Bools = np.zeros(len(target), bool)
        for turn in range(TRIES):
            found = line.demand(target, change, turn)
            if found is None:
                return None
            move = self._whole(found)
            if move is not None:
                return move
            tried |= np.abs(found) > NEAR
        # What the ways in fractions go through often holds a whole one, and few unknowns are soon searched.
        move = self._branch(line, target, change, tried[line.columns])
        return self._branch(line, target, change) if move is None else move

    def _branch(self, line: Line, target: Floats, change: int, among: Bools | None = None) -> Ints | None:
        """Return a shortest whole move by branching, `among` some of the line's columns (default: all)."""
        places = np.arange(len(line.columns)) if among is None else np.flatnonzero(among)
        row = sparse.csr_matrix((target[line.columns] * line.signs)[None, places])
        inside = line.matrix[:, places]
        kept = np.flatnonzero(np.diff(inside.indptr))
        matrix = sparse.vstack([inside[kept], row], format="csr")
        low, high = line.limits
        demand = (change, INFINITY) if change > 0 else (-INFINITY, change)
        found = self.solver.solve(
            np.ones(len(places)),
            Rows.of(matrix),
            (np.append(low[kept], demand[0]), np.append(high[kept], demand[1])),
            (np.zeros(len(places)), line.ends[places]),
            whole=True,
        )
        if found.x is None:
            return None
        whole = np.zeros(len(line.columns))
        whole[places] = found.x
        return self._whole(line.change(whole))

    def _whole(self, values: Floats) -> Ints | None:
        """Return a move from values that are whole but for rounding, checked in whole numbers; else None."""
        near = np.rint(values)
        if np.abs(values - near).max(initial=0) > NEAR:
            return None
        move = near.astype(np.int64)
        low, high = self.limits
        changed = self.matrix @ move
        if (
            move[self.fixed].any()
            or (changed < low).any()
            or (changed > high).any()
            or (self.system.truth + move < 0).any()
        ):
            return None
        return move

    def reach(self, attacker: int, quantity: int, sign: int) -> Reach:
        """Return how far the quantity can go up (`sign` 1) or down (-1), in whole numbers."""
        target = self.target(quantity)
        found = self.line(attacker, target).farthest(sign * target)
        if found is None:
            # Unbounded: nothing stops it. Then a shortest move of any length exists.
            return Reach(1 << 40, None, frozenset(), 1 << 40)
        value, x, stops = found
        far = limit = int(np.floor(value + NEAR))
        move = self._whole(x) if far else np.zeros(len(x), dtype=np.int64)
        while move is None and far > 0:
            # The end of the line is not a whole world: step back until one is found.
            move = self.shortest(attacker, quantity, sign * far)
            far -= move is None
        return Reach(far, move, stops, limit)

    def sources(self, rows: Ints, columns: Ints) -> frozenset[int]:
        """Return the shown quantities behind some rows, and behind unknowns that something shown fixes."""
        number = len(self.of)
        found = {int(self.of[r]) for r in rows if r < number}
        first = self.told.shape[0]
        found = found.union(*(self.ceiling_of[r - first] for r in rows if r >= first))
        for column in columns:
            inside = slice(self.fixes.indptr[column], self.fixes.indptr[column + 1])
            fixing = self.fixing_of[self.fixes.indices[inside]]
            found |= {int(q) for q in fixing[self.shown[fixing]][:1]}
        return frozenset(found)


def _entries(matrix: sparse.csr_matrix | sparse.csc_matrix, lines: Ints) -> Ints:
    """Return the indices of all entries in some rows (of a matrix by rows; in columns, of one by columns)."""
    first, size = matrix.indptr[lines], np.diff(matrix.indptr)[lines]
    inside = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return np.asarray(matrix.indices[np.repeat(first, size) + inside])
