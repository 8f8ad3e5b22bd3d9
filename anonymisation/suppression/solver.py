"""Small linear and integer programmes through HiGHS: one thread, fixed seed, work counted, no wall clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INFINITY = highspy.kHighsInf
NEAR = 1e-6


@dataclass
class Work:
    """Counts what the optimiser does: iterations and nodes. `limit` 0 means none."""

    limit: int = 0
    spent: int = 0

    @property
    def over(self) -> bool:
        """Tell whether the limit has been passed."""
        return bool(self.limit) and self.spent >= self.limit


@dataclass(frozen=True)
class Answer:
    """What the optimiser found: `x` is None where nothing is feasible or nothing was proven."""

    x: Floats | None
    value: float = 0.0
    duals: Floats = field(default_factory=lambda: np.zeros(0))


class Solver:
    """One HiGHS instance, used again and again."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.highs = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("parallel", "off"),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.999),
            ("primal_feasibility_tolerance", 1e-9),
        ):
            self.highs.setOptionValue(name, value)

    def solve(
        self,
        cost: Floats,
        matrix: sparse.csr_matrix,
        rows: tuple[Floats, Floats],
        columns: tuple[Floats, Floats],
        *,
        whole: bool = False,
        nodes: int = 5000,
    ) -> Answer:
        """Minimise `cost` x over rows[0] <= matrix x <= rows[1] and columns[0] <= x <= columns[1]."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = matrix.shape[1], matrix.shape[0]
        lp.col_cost_ = cost
        lp.col_lower_, lp.col_upper_ = columns
        lp.row_lower_, lp.row_upper_ = rows
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = matrix.indptr
        lp.a_matrix_.index_ = matrix.indices
        lp.a_matrix_.value_ = matrix.data.astype(float)
        if whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * matrix.shape[1]
            self.highs.setOptionValue("mip_max_nodes", nodes)
        self.highs.setOptionValue("presolve", "on" if whole else "off")
        self.highs.passModel(lp)
        self.highs.run()
        info = self.highs.getInfo()
        self.work.spent += max(info.simplex_iteration_count, 0) + max(info.mip_node_count, 0) + 1
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return Answer(None)
        solution = self.highs.getSolution()
        x = np.array(solution.col_value)
        return Answer(x, info.objective_function_value, np.array(solution.row_dual))
