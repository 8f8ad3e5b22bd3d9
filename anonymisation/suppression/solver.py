"""Small linear and integer programmes through HiGHS: one thread, fixed seed, work counted, no wall clock."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INFINITY = highspy.kHighsInf
NEAR = 1e-6
EXACT = 1e-9
"""How far rows may be broken where moves are asked for, which are to be whole."""


@dataclass(frozen=True)
class Rows:
    """A matrix by rows, as the optimiser takes it: lighter than a sparse matrix to make again and again."""

    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    data: Floats
    shape: tuple[int, int]

    @classmethod
    def of(cls, matrix: sparse.csr_matrix) -> Rows:
        """Return a sparse matrix as rows."""
        return cls(
            matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(float), matrix.shape
        )


@dataclass
class Work:
    """Counts what the optimiser does: iterations and nodes. `limit` 0 means none.

    `deadline`, in seconds of this thread's processor time, is a safety net: past it, the fast pattern is used. (By the
    clock on the wall, other work on the machine would change what is released.)
    """

    limit: int = 0
    deadline: float = math.inf
    spent: int = 0

    @property
    def over(self) -> bool:
        """Tell whether a limit has been passed."""
        return (bool(self.limit) and self.spent >= self.limit) or time.thread_time() > self.deadline


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
        self.highs = simplex(mip_rel_gap=0.0, mip_abs_gap=0.999, primal_feasibility_tolerance=EXACT)

    def solve(
        self,
        cost: Floats,
        matrix: Rows,
        rows: tuple[Floats, Floats],
        columns: tuple[Floats, Floats],
        *,
        whole: bool = False,
        nodes: int = 5000,
    ) -> Answer:
        """Minimise `cost` x over rows[0] <= matrix x <= rows[1] and columns[0] <= x <= columns[1]."""
        self.highs.setOptionValue("presolve", "on" if whole else "off")
        if whole:
            self.highs.setOptionValue("mip_max_nodes", nodes)
        pass_model(self.highs, cost, matrix, rows, columns, whole=whole)
        self.highs.run()
        info = self.highs.getInfo()
        self.work.spent += max(info.simplex_iteration_count, 0) + max(info.mip_node_count, 0) + 1
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return Answer(None)
        solution = self.highs.getSolution()
        x = np.array(solution.col_value)
        return Answer(x, info.objective_function_value, np.array(solution.row_dual))


def simplex(**more: float) -> Any:
    """Return an optimiser that does the same every time, with some options more: one thread, no presolve, no clock."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has no types for it
    options: dict[str, str | int | float] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "presolve": "off",
        "solver": "simplex",
        "parallel": "off",
    }
    for name, value in {**options, **more}.items():
        highs.setOptionValue(name, value)
    return highs


def pass_model(
    highs: Any,
    cost: Floats,
    matrix: Rows,
    rows: tuple[Floats, Floats],
    columns: tuple[Floats, Floats],
    *,
    whole: bool = False,
) -> None:
    """Give the optimiser a programme, as in `Solver.solve`: array by array takes a tenth of the time of a `HighsLp`."""
    highs.passModel(
        matrix.shape[1],
        matrix.shape[0],
        len(matrix.data),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        cost,
        *columns,
        *rows,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        np.full(matrix.shape[1], int(whole), dtype=np.int32),
    )
