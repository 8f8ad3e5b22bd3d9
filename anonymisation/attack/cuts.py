"""Why a world is no witness, as a linear rule that other candidates can keep.

How wide an attacker's range of a quantity is, is a concave function of that attacker's own counts (linear programming
duality: the largest value is concave in the right-hand side, the smallest convex). So where it is too narrow, reduced
costs give a rule on the own counts that every world with a wide enough range keeps (Benders, Numerische Mathematik 4,
1962). The rules only steer the search; what is a witness is always checked in full.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import OPEN, Floats, Ints


@dataclass(frozen=True)
class Demand:
    """`weights @ world[columns] >= least`, columns numbered within a part."""

    columns: Ints
    weights: Floats
    least: float

    def keeps(self, world: Ints) -> bool:
        """Whether a world of the part keeps it."""
        return float(self.weights @ world[self.columns]) >= self.least - 1e-6


class Widths:
    """The linear width of one attacker's quantities within a part, and how it changes with the attacker's own counts."""

    def __init__(self, part: Part, who: int, cap: int) -> None:
        self.part = part
        self.own = np.flatnonzero(part.owner == who)
        rows = part.rows
        problem = highspy.HighsLp()
        problem.num_col_, problem.num_row_ = len(part.columns), len(rows.low)
        problem.col_cost_ = np.zeros(len(part.columns))
        problem.col_lower_ = np.zeros(len(part.columns))
        problem.col_upper_ = np.full(len(part.columns), float(cap))
        problem.row_lower_ = np.where(rows.low <= -OPEN // 2, -highspy.kHighsInf, rows.low.astype(float))
        problem.row_upper_ = np.where(rows.high >= OPEN // 2, highspy.kHighsInf, rows.high.astype(float))
        problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        problem.a_matrix_.start_ = rows.matrix.indptr.astype(np.int32)
        problem.a_matrix_.index_ = rows.matrix.indices.astype(np.int32)
        problem.a_matrix_.value_ = rows.matrix.data.astype(float)
        self._model = highspy.Highs()  # type: ignore[no-untyped-call]
        options: dict[str, str | int | float | bool] = {
            "output_flag": False,
            "threads": 1,
            "parallel": "off",
            "random_seed": 0,
            "presolve": "off",
            "solver": "simplex",
        }
        for option, value in options.items():
            self._model.setOptionValue(option, value)
        self._model.passModel(problem)

    def demand(self, target: sparse.csr_matrix, world: Ints, needed: int) -> Demand | None:
        """A rule that `world` breaks and every world with a wide enough range keeps; None if there is none."""
        if not len(self.own):
            return None
        values = world[self.own].astype(float)
        self._model.changeColsBounds(len(self.own), self.own.astype(np.int32), values, values)
        weights = np.asarray(target.toarray(), dtype=float).ravel()
        places = np.arange(len(weights), dtype=np.int32)
        width, slope = 0.0, np.zeros(len(self.own))
        for sign in (-1.0, 1.0):
            self._model.changeColsCost(len(weights), places, sign * weights)
            self._model.run()
            if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            width -= self._model.getInfo().objective_function_value
            slope -= np.asarray(self._model.getSolution().col_dual)[self.own]
        if width > needed - 1e-6:
            return None
        used = np.flatnonzero(np.abs(slope) > 1e-9)
        if not len(used):
            return None
        return Demand(self.own[used], slope[used], needed - width + float(slope[used] @ values[used]))
