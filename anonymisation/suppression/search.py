"""Finding moves around the truth: the shortest change that takes a quantity far enough, or the bound that stops it.

One linear programme for each attacker is kept from pattern to pattern: showing and hiding only changes bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.solver import INFINITY, NEAR, Floats, Rows, Solver
from anonymisation.suppression.system import PUBLIC, Bools, Ints, System

TRIES = 6
"""Other prices tried where a shortest move is not whole, before branching."""


@dataclass(frozen=True)
class Obstacle:
    """The shown `stops` that forbid a change; `both`: the other way too, since they fix the quantity altogether."""

    stops: frozenset[int]
    both: bool


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
        self.lines: dict[int, _Line] = {}
        self.fixed: Bools = np.zeros(len(system.truth), bool)
        self.ceilings: sparse.csr_matrix = None
        self.under(Pattern(system, np.zeros(len(system.published), bool)))

    def under(self, pattern: Pattern) -> Search:
        """Look under this pattern from now on."""
        self.shown = pattern.shown
        ceilings, most, self.ceiling_of = pattern.ceilings
        if self.ceilings is None or not _same(ceilings, self.ceilings):
            self.ceilings = ceilings
            self.matrix = sparse.vstack([self.told, ceilings], format="csr").astype(np.int64)
        self.limits = self._limits(most - ceilings @ self.system.truth)
        self.fixed = np.asarray(self.fixes @ self.shown[self.fixing_of].astype(np.int64) > 0)
        return self

    def _limits(self, room: Ints) -> tuple[Floats, Floats]:
        """Return the least and most (r,) that each row may change; `room` is what ceilings leave."""
        bound = np.concatenate([self.shown[self.of], ~self.shown[self.link_of]])
        high = np.concatenate([np.where(bound, 0.0, INFINITY), room])
        return np.concatenate([np.where(bound, 0.0, -INFINITY), np.full(len(room), -INFINITY)]), high

    def line(self, attacker: int) -> _Line:
        """Return the attacker's programme, brought up to the pattern."""
        if attacker not in self.lines:
            self.lines[attacker] = _Line(self, attacker)
        self.lines[attacker].update()
        return self.lines[attacker]

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
        line, target = self.line(attacker), self.target(quantity)
        line.obstacle = None
        if not target[line.free & ~self.fixed].any():
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

    def step(self, attacker: int, quantity: int, change: int) -> Ints | Obstacle | None:
        """Return a shortest move that changes the quantity by at least `change`, or what is shown that forbids it.

        None where neither was found.
        """
        move = self.shortest(attacker, quantity, change)
        return self.line(attacker).obstacle if move is None else move

    def _branch(self, line: _Line, target: Floats, change: int, among: Bools | None = None) -> Ints | None:
        """Return a shortest whole move by branching, `among` some of the line's columns (default: all)."""
        places = np.arange(len(line.columns)) if among is None else np.flatnonzero(among)
        row = sparse.csr_matrix((target[line.columns] * line.signs)[None, places])
        inside = line.matrix[:, places]
        kept = np.flatnonzero(np.diff(inside.indptr))
        matrix = sparse.vstack([inside[kept], row], format="csr")
        low, high = self.limits
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
        line, target = self.line(attacker), self.target(quantity)
        found = line.farthest(sign * target)
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


def _same(one: sparse.csr_matrix, other: sparse.csr_matrix) -> bool:
    """Tell whether two matrices have the same rows."""
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in ("indptr", "indices", "data"))


class _Line:
    """One attacker's programme: for each unknown that may grow a column, for each that may fall another."""

    def __init__(self, search: Search, attacker: int) -> None:
        self.search = search
        system = search.system
        self.free: Bools = np.asarray(system.owner != attacker) | (attacker == PUBLIC)
        grow = np.flatnonzero(self.free)
        fall = np.flatnonzero(self.free & (system.truth > 0))
        self.growing = len(grow)
        self.columns = np.concatenate([grow, fall])
        self.signs = np.concatenate([np.ones(len(grow)), -np.ones(len(fall))])
        self.most = np.concatenate([np.full(len(grow), INFINITY), system.truth[fall].astype(float)])
        self.ceilings = search.ceilings
        self.told = self._signed(search.told)
        self.matrix = sparse.vstack([self.told, self._signed(search.ceilings)], format="csr")
        self.limits = search.limits
        self.ends = self.most
        self.fair = self.prices = np.ones(len(self.columns))
        self.random = np.random.default_rng(1)
        self.all = np.arange(len(self.columns), dtype=np.int32)
        self.obstacle: Obstacle | None = None
        """Where the last demand was proven impossible: what this rests on."""
        self.highs = self._model()

    def _signed(self, rows: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return rows over the columns."""
        return sparse.csr_matrix(rows[:, self.columns].multiply(self.signs[None, :]))

    def _model(self) -> Any:
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("parallel", "off"),
            ("primal_feasibility_tolerance", 1e-9),
        ):
            highs.setOptionValue(name, value)
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = self.matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.prices, np.zeros(len(self.columns)), self.ends
        lp.row_lower_, lp.row_upper_ = self.limits
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = self.matrix.indptr, self.matrix.indices
        lp.a_matrix_.value_ = self.matrix.data.astype(float)
        highs.passModel(lp)
        return highs

    def update(self) -> None:
        """Take over the bounds of the pattern."""
        low, high = self.search.limits
        if self.ceilings is not self.search.ceilings:
            self.ceilings, first, last = self.search.ceilings, self.told.shape[0], self.matrix.shape[0]
            if last > first:
                self.highs.deleteRows(last - first, np.arange(first, last, dtype=np.int32))
            more = self._signed(self.ceilings)
            self.matrix = sparse.vstack([self.told, more], format="csr")
            self.highs.addRows(
                more.shape[0], low[first:], high[first:], more.nnz, more.indptr, more.indices, more.data.astype(float)
            )
            before = self.limits
            self.limits = np.append(before[0][:first], low[first:]), np.append(before[1][:first], high[first:])
        rows = np.flatnonzero((low != self.limits[0]) | (high != self.limits[1])).astype(np.int32)
        if len(rows):
            self.highs.changeRowsBounds(len(rows), rows, low[rows], high[rows])
            self.limits = low, high
        ends = np.where(self.search.fixed[self.columns], 0.0, self.most)
        some = np.flatnonzero(ends != self.ends).astype(np.int32)
        if len(some):
            self.highs.changeColsBounds(len(some), some, np.zeros(len(some)), ends[some])
            self.ends = ends

    def change(self, x: Floats) -> Floats:
        """Return the change (n,) of each unknown."""
        found = np.zeros(len(self.free))
        found[self.columns[: self.growing]] = x[: self.growing]
        found[self.columns[self.growing :]] -= x[self.growing :]
        return found

    def _price(self, prices: Floats) -> None:
        if prices is not self.prices:
            self.highs.changeColsCost(len(self.all), self.all, prices)
            self.prices = prices

    def _run(self) -> bool:
        self.highs.run()
        self.search.solver.work.spent += max(self.highs.getInfoValue("simplex_iteration_count")[1], 0) + 1
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def demand(self, target: Floats, change: int, turn: int) -> Floats | None:
        """Return a cheapest change in which the target grows by `change`, or None; other prices each `turn`."""
        weights = target[self.columns] * self.signs
        places = np.flatnonzero(weights).astype(np.int32)
        self._price(self.random.uniform(1.0, 1.0 + 3 * turn, len(self.columns)) if turn else self.fair)
        low, high = (float(change), INFINITY) if change > 0 else (-INFINITY, float(change))
        self.highs.addRow(low, high, len(places), places, weights[places])
        # From nothing, where all prices are fair, a short way is found in few steps.
        self.highs.setBasis()
        found = np.array(self.highs.getSolution().col_value) if self._run() else None
        if found is None:
            self.obstacle = self._forbidding(weights, change)
        self.highs.deleteRows(1, np.array([self.matrix.shape[0]], dtype=np.int32))
        return None if found is None else self.change(found)

    def _forbidding(self, weights: Floats, change: int) -> Obstacle | None:
        """Return the shown quantities behind the rows and ends that together rule a demand out (Farkas), if told."""
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
            return None
        _, told, ray = self.highs.getDualRay()
        if not told:
            return None
        ray = np.array(ray)
        if not ray[-1]:
            return None
        ray *= change / ray[-1]
        # Weighted by the ray, rows allow less than is demanded: what ends at 0 and would help is among the reasons.
        left, fixed = np.asarray(self.matrix.T @ ray[:-1] + weights * ray[-1]), self.search.fixed[self.columns]
        rows = np.flatnonzero(np.abs(ray[:-1]) > NEAR)
        # Where nothing open is left over, the target is a sum of what is shown; then what hinders is among it too.
        both = bool((self.limits[0][rows] == self.limits[1][rows]).all()) and not (np.abs(left[~fixed]) > NEAR).any()
        held = fixed & (self.ends == 0) & ((np.abs(left) > NEAR) if both else (left > NEAR))
        return Obstacle(self.search.sources(rows, np.unique(self.columns[held])), both)

    def farthest(self, target: Floats) -> tuple[float, Floats, frozenset[int]] | None:
        """Return how far the target can grow, the change there, and what stops it; None if nothing does."""
        self._price(-target[self.columns] * self.signs)
        self.highs.setBasis()
        if not self._run():
            return None
        solution = self.highs.getSolution()
        rows = np.flatnonzero(np.abs(np.array(solution.row_dual)) > NEAR)
        held = (self.ends == 0) & (np.array(solution.col_dual) < -NEAR)
        stops = self.search.sources(rows, np.unique(self.columns[held & self.search.fixed[self.columns]]))
        return -float(self.highs.getInfo().objective_function_value), self.change(np.array(solution.col_value)), stops
