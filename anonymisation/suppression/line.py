"""How far quantities range over one component, for one attacker: a linear programme kept warm between questions."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from anonymisation.suppression.search import Part
from anonymisation.suppression.solver import INFINITY, NEAR, Floats, Work
from anonymisation.suppression.system import Ints, System


class Line:
    """The worlds of one component that leave an attacker's own counts as they are in the world set last."""

    def __init__(self, system: System, part: Part, work: Work) -> None:
        self.system = system
        self.part = part
        self.work = work
        self.matrix = sparse.vstack([part.matrix, part.upper], format="csr")
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("parallel", "off"),
        ):
            self.highs.setOptionValue(name, value)
        lp = highspy.HighsLp()
        rows, columns = self.matrix.shape
        lp.num_col_, lp.num_row_ = columns, rows
        lp.col_cost_ = np.zeros(columns)
        lp.col_lower_, lp.col_upper_ = np.zeros(columns), np.full(columns, INFINITY)
        lp.row_lower_, lp.row_upper_ = np.full(rows, -INFINITY), np.full(rows, INFINITY)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = self.matrix.indptr
        lp.a_matrix_.index_ = self.matrix.indices
        lp.a_matrix_.value_ = self.matrix.data.astype(float)
        self.highs.passModel(lp)
        self.priced = np.zeros(0, np.int32)

    def around(self, world: Ints) -> None:
        """Ask from now on about worlds that share the attacker's own counts with `world` (n,)."""
        part = self.part
        here = part.matrix @ world[part.columns]
        room = part.upper @ world[part.columns] + part.room(world)
        low = np.concatenate([here, np.full(len(room), -INFINITY)])
        high = np.concatenate([here, room]).astype(float)
        self.highs.changeRowsBounds(len(low), np.arange(len(low), dtype=np.int32), low, high)

    def extreme(self, target: Floats, sign: int) -> tuple[Ints | None, bool]:
        """Return the world (columns of the part) in which `target` is largest (`sign` 1) or smallest (-1).

        None where the end of the range is not whole; the second value tells that there is no end.
        """
        places = np.flatnonzero(target).astype(np.int32)
        self.highs.changeColsCost(len(self.priced), self.priced, np.zeros(len(self.priced)))
        self.highs.changeColsCost(len(places), places, -sign * target[places])
        self.priced = places
        self.highs.run()
        self.work.spent += max(self.highs.getInfo().simplex_iteration_count, 0) + 1
        status = self.highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            # The world asked about is one, so what is not optimal has no end.
            return None, status in (
                highspy.HighsModelStatus.kUnbounded,
                highspy.HighsModelStatus.kUnboundedOrInfeasible,
            )
        x = np.array(self.highs.getSolution().col_value)
        near = np.rint(x)
        return (None if np.abs(x - near).max(initial=0) > NEAR else near.astype(np.int64)), False
