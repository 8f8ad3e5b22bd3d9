"""One linear model that is asked again and again: bounds and objective change, the basis stays."""

import highspy
import numpy as np

from anonymisation.attack.polytope import NEAR, OPEN, Floats, Ints, Rows


class Model:
    """Maximises over `rows` and column bounds, warm-started. Deterministic: one thread, no clock."""

    def __init__(self, rows: Rows, lower: Ints, upper: Ints) -> None:
        count = rows.matrix.shape[1]
        problem = highspy.HighsLp()
        problem.num_col_, problem.num_row_ = count, len(rows.low)
        problem.col_cost_ = np.zeros(count)
        problem.col_lower_, problem.col_upper_ = lower.astype(float), upper.astype(float)
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
            "simplex_strategy": 4,
            "simplex_iteration_limit": 50_000,
        }
        for option, value in options.items():
            self._model.setOptionValue(option, value)
        self._model.passModel(problem)
        self._places = np.arange(count, dtype=np.int32)

    def bound(self, lower: Ints, upper: Ints) -> None:
        """Set the bounds of all columns."""
        self._model.changeColsBounds(len(lower), self._places, lower.astype(float), upper.astype(float))

    def demand(self, columns: Ints, weights: Floats, least: float) -> None:
        """Add the rule `weights @ world[columns] >= least`."""
        self._model.addRow(least, highspy.kHighsInf, len(columns), columns.astype(np.int32), weights)

    def maximise(self, direction: Floats) -> tuple[float, Floats] | None:
        """The largest value and a corner where it is reached; None if there is none."""
        self._model.changeColsCost(len(direction), self._places, -direction)
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        corner = np.array(self._model.getSolution().col_value)
        return float(direction @ corner), corner

    def slopes(self, columns: Ints) -> Floats:
        """How the last largest value changes with the values at which columns are held (reduced costs)."""
        return -np.asarray(self._model.getSolution().col_dual)[columns]


def whole(values: Floats) -> Ints | None:
    """The values as integers, None if they are not whole."""
    rounded = np.rint(values)
    if np.abs(values - rounded).max(initial=0) > NEAR:
        return None
    return rounded.astype(np.int64)
