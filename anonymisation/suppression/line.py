"""One attacker's programme over a few unknowns: how far they can change, and what is shown that stops them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np

from anonymisation.suppression.solver import EXACT, INFINITY, NEAR, Floats, Rows, pass_model, simplex
from anonymisation.suppression.system import Bools, Ints

if TYPE_CHECKING:
    from anonymisation.suppression.search import Search


@dataclass(frozen=True)
class Obstacle:
    """The shown `stops` that forbid a change; `both`: the other way too, since they fix the quantity altogether."""

    stops: frozenset[int]
    both: bool


class Line:
    """For each of some unknowns that may grow a column, for each that may fall another; all other unknowns stay.

    The unknowns are what a search's pattern leaves to the attacker in one or more components, so that nothing that
    could change with them is left out. `rows` (r,) are the search's rows that bind them.
    """

    def __init__(self, search: Search, free: Bools, unknowns: Ints, rows: Ints) -> None:
        """`free` (n,) are all unknowns that are not the attacker's own."""
        self.search, self.free, self.rows = search, free, rows
        truth = search.system.truth
        fall = unknowns[truth[unknowns] > 0]
        self.growing = len(unknowns)
        self.columns = np.concatenate([unknowns, fall])
        self.signs = np.concatenate([np.ones(len(unknowns)), -np.ones(len(fall))])
        self.ends = np.concatenate([np.full(len(unknowns), INFINITY), truth[fall].astype(float)])
        self.matrix = search.matrix[self.rows][:, self.columns].astype(float)
        self.matrix.data *= self.signs[self.matrix.indices]
        self.limits = search.limits[0][rows], search.limits[1][rows]
        self.fair = self.prices = np.ones(len(self.columns))
        self.random = np.random.default_rng(1)
        self.all = np.arange(len(self.columns), dtype=np.int32)
        self.obstacle: Obstacle | None = None
        """Where the last demand was proven impossible: what this rests on."""
        self.highs = simplex(primal_feasibility_tolerance=EXACT)
        columns = np.zeros(len(self.columns)), self.ends
        pass_model(self.highs, self.prices, Rows.of(self.matrix), self.limits, columns)

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
            self.obstacle = self._forbidding(target, change)
        self.highs.deleteRows(1, np.array([self.matrix.shape[0]], dtype=np.int32))
        return None if found is None else self.change(found)

    def _forbidding(self, target: Floats, change: int) -> Obstacle | None:
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
        left, fixed = self._left(ray[:-1], target * change), self.search.fixed
        used = np.abs(ray[:-1]) > NEAR
        # Where nothing open is left over, the target is a sum of what is shown; then what hinders is among it too.
        both = bool((self.limits[0][used] == self.limits[1][used]).all()) and not (np.abs(left[~fixed]) > NEAR).any()
        helps = np.abs(left) > NEAR if both else self._pays(left)
        return Obstacle(self.search.sources(self.rows[used], np.flatnonzero(fixed & helps)), both)

    def _left(self, weights: Floats, target: Floats) -> Floats:
        """Return (n,) what is left of a target and some weighted rows for each unknown that is not the attacker's."""
        whole = np.zeros(self.search.matrix.shape[0])
        whole[self.rows] = weights
        return np.where(self.free, self.search.matrix.T @ whole + target, 0.0)

    def _pays(self, left: Floats) -> Bools:
        """Tell for which unknowns (n,) it would pay to grow or, if they can, to fall."""
        return np.asarray((left > NEAR) | ((left < -NEAR) & (self.search.system.truth > 0)))

    def farthest(self, target: Floats) -> tuple[float, Floats, frozenset[int]] | None:
        """Return how far the target can grow, the change there, and what stops it; None if nothing does."""
        value, found, duals = 0.0, np.zeros(len(self.columns)), np.zeros(len(self.rows))
        if len(self.columns):
            self._price(-target[self.columns] * self.signs)
            self.highs.setBasis()
            if not self._run():
                return None
            solution = self.highs.getSolution()
            value = -float(self.highs.getInfo().objective_function_value)
            found, duals = np.array(solution.col_value), np.array(solution.row_dual)
        held = self.search.fixed & self._pays(self._left(duals, target))
        stops = self.search.sources(self.rows[np.abs(duals) > NEAR], np.flatnonzero(held))
        return value, self.change(found), stops
