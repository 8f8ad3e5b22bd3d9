"""What an attacker knows as linear rules over whole numbers, and the extreme points that HiGHS finds in them.

Everything that a caller gets as a world has been checked again in exact integer arithmetic: a rounding error of the
solver can cost time, never safety. Nothing here uses a clock or more than one thread, so the same question has the
same answer.
"""

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

OPEN = 2**52
"""Stands for "no upper bound" in integer arrays."""
NEAR = 1e-6
DUAL, PRIMAL = 1, 4
SETTLED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)


@dataclass(frozen=True)
class Rows:
    """Linear rules `low <= matrix @ world <= high`, integers throughout; shape (rows, unknowns)."""

    matrix: sparse.csr_matrix
    low: Ints
    high: Ints

    def hold(self, world: Ints) -> bool:
        """Whether a world keeps every rule, exactly."""
        value = self.matrix @ world
        return bool(np.all(value >= self.low) and np.all(value <= self.high))

    def hold_all(self, worlds: Ints) -> npt.NDArray[np.bool_]:
        """Which worlds (rows) keep every rule, exactly."""
        values = (self.matrix @ worlds.T).T
        return np.asarray(np.all((values >= self.low) & (values <= self.high), axis=1))

    def and_also(self, other: "Rows") -> "Rows":
        """Both sets of rules."""
        if not len(other.low):
            return self
        return Rows(
            sparse.csr_matrix(sparse.vstack([self.matrix, other.matrix])),
            np.concatenate([self.low, other.low]),
            np.concatenate([self.high, other.high]),
        )


class NoWorldError(Exception):
    """The rules contradict each other: there is no world at all."""


def propagate(rows: Rows, lower: Ints, upper: Ints, *, rounds: int = 60) -> tuple[Ints, Ints]:
    """Tighter bounds of each unknown, from one rule at a time until nothing moves.

    Raises NoWorldError if a bound crosses.
    """
    plus, minus = rows.matrix.maximum(0), rows.matrix.minimum(0)
    # Only now: SciPy may sort a matrix in place when it compares it, and a COO view would share its columns.
    table = rows.matrix.tocoo()
    weight = table.data.astype(np.int64)
    positive = weight > 0
    lower, upper = lower.copy(), upper.copy()
    for _ in range(rounds):
        least = np.where(positive, weight * lower[table.col], weight * upper[table.col])
        most = np.where(positive, weight * upper[table.col], weight * lower[table.col])
        row_least = plus @ lower + minus @ upper
        row_most = plus @ upper + minus @ lower
        # What the others leave for this unknown: high minus their least, low minus their most.
        room = rows.high[table.row] - (row_least[table.row] - least)
        need = rows.low[table.row] - (row_most[table.row] - most)
        top = np.where(positive, room // np.abs(weight), -(need // np.abs(weight)))
        bottom = np.where(positive, -((-need) // np.abs(weight)), -(room // np.abs(weight)))
        new_lower, new_upper = lower.copy(), upper.copy()
        np.minimum.at(new_upper, table.col, top)
        np.maximum.at(new_lower, table.col, bottom)
        if np.any(new_lower > new_upper):
            raise NoWorldError
        if np.array_equal(new_lower, lower) and np.array_equal(new_upper, upper):
            break
        lower, upper = new_lower, new_upper
    return lower, upper


@dataclass(frozen=True)
class Extreme:
    """The answer to one question: an outer bound of the objective (valid for every world), and perhaps a world."""

    bound: float | None
    world: Ints | None


class Polytope:
    """All worlds of one attacker; asked for extreme points in many directions, warm-started from the last.

    `cap` bounds unknowns that nothing else bounds: every world found is a world, but a bound at the cap is none.
    """

    def __init__(self, rows: Rows, lower: Ints, upper: Ints, *, cap: int) -> None:
        self.rows = rows
        self.lower, self.upper = propagate(rows, lower, np.minimum(upper, cap))
        self.free = np.flatnonzero(self.lower < self.upper)
        self.solved = 0
        self._linear: highspy.Highs | None = None
        self._whole: highspy.Highs | None = None
        self._extra: list[tuple[Ints, Floats, float]] = []
        fixed = self.lower.copy()
        fixed[self.free] = 0
        constant = rows.matrix @ fixed
        part = rows.matrix[:, self.free]
        least, most = self._activity(part)
        keep = np.flatnonzero(
            (np.diff(part.indptr) > 0) & ((least < rows.low - constant) | (most > rows.high - constant))
        )
        low, high = rows.low - constant, rows.high - constant
        keep = keep[_first_of_each(sparse.csr_matrix(part[keep]), low[keep], high[keep])]
        self.matrix = sparse.csr_matrix(part[keep])
        """The rules that can still exclude something, over the free unknowns."""
        self.row_low, self.row_high = low[keep], high[keep]

    def _activity(self, part: sparse.csr_matrix) -> tuple[Ints, Ints]:
        low, high = self.lower[self.free], self.upper[self.free]
        plus, minus = part.maximum(0), part.minimum(0)
        return plus @ low + minus @ high, plus @ high + minus @ low

    def bounds(self, quantities: sparse.csr_matrix) -> tuple[Ints, Ints]:
        """Outer bounds of each quantity (a row) from the bounds of the unknowns alone."""
        plus, minus = quantities.maximum(0), quantities.minimum(0)
        return plus @ self.lower + minus @ self.upper, plus @ self.upper + minus @ self.lower

    def contains(self, world: Ints) -> bool:
        """Whether a whole world is one of these, exactly."""
        inside = np.all(world >= self.lower) and np.all(world <= self.upper)
        return bool(inside) and self.rows.hold(world)

    def contains_all(self, worlds: Ints) -> npt.NDArray[np.bool_]:
        """Which worlds (rows) are inside, exactly."""
        inside = np.all((worlds >= self.lower) & (worlds <= self.upper), axis=1)
        found = np.flatnonzero(inside)
        inside[found] = self.rows.hold_all(worlds[found])
        return np.asarray(inside)

    def demand(self, columns: Ints, weights: Floats, least: float) -> None:
        """Add the rule `weights @ world[columns] >= least` to all later questions.

        The caller's own rule about which worlds it wants: outer bounds no longer hold for all worlds after this.
        """
        place = np.full(len(self.lower), -1)
        place[self.free] = np.arange(len(self.free))
        inside = place[columns] >= 0
        least = least - float(weights[~inside] @ self.lower[columns[~inside]])
        row = (place[columns[inside]].astype(np.int64), weights[inside].astype(float), least)
        self._extra.append(row)
        for model in (self._linear, self._whole):
            if model is not None:
                model.addRow(row[2], highspy.kHighsInf, len(row[0]), row[0].astype(np.int32), row[1])

    def maximise(self, direction: Floats, *, whole: bool = False, nodes: int = 2_000) -> Extreme:
        """The largest value of `direction @ world`: an outer bound, and a world there or near.

        With `whole` branch and bound, else the linear relaxation; its corner is a world only if it is whole.
        """
        self.solved += 1
        constant = float(direction @ np.where(self.lower == self.upper, self.lower, 0))
        if not len(self.free):
            return Extreme(constant, self.lower.copy() if self.contains(self.lower) else None)
        model = self._model(whole=whole, nodes=nodes)
        cost = -direction[self.free]
        model.changeColsCost(len(self.free), np.arange(len(self.free), dtype=np.int32), cost.astype(float))
        model.run()
        status = model.getModelStatus()
        if not whole and status not in SETTLED:
            # The primal simplex gives up now and then where the dual does not.
            model.clearSolver()
            model.setOptionValue("simplex_strategy", DUAL)
            model.run()
            model.setOptionValue("simplex_strategy", PRIMAL)
            status = model.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise NoWorldError
        info = model.getInfo()
        bound = None
        if status == highspy.HighsModelStatus.kOptimal:
            bound = constant - (info.mip_dual_bound if whole else info.objective_function_value)
        elif whole and np.isfinite(info.mip_dual_bound):
            bound = constant - info.mip_dual_bound
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return Extreme(bound, None)
        return Extreme(bound, self._world(np.asarray(model.getSolution().col_value)))

    def _world(self, values: Floats) -> Ints | None:
        """The full world of a solver's point, or None if it is not whole or breaks a rule."""
        rounded = np.rint(values)
        if np.max(np.abs(values - rounded)) > NEAR:
            return None
        world = self.lower.copy()
        world[self.free] = rounded.astype(np.int64)
        return world if self.contains(world) else None

    def _model(self, *, whole: bool, nodes: int) -> highspy.Highs:
        known = self._whole if whole else self._linear
        if known is not None:
            return known
        problem = highspy.HighsLp()
        problem.num_col_, problem.num_row_ = len(self.free), len(self.row_low)
        problem.col_cost_ = np.zeros(len(self.free))
        problem.col_lower_ = self.lower[self.free].astype(float)
        problem.col_upper_ = self.upper[self.free].astype(float)
        problem.row_lower_ = np.where(self.row_low <= -OPEN, -highspy.kHighsInf, self.row_low.astype(float))
        problem.row_upper_ = np.where(self.row_high >= OPEN // 2, highspy.kHighsInf, self.row_high.astype(float))
        problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        problem.a_matrix_.start_ = self.matrix.indptr.astype(np.int32)
        problem.a_matrix_.index_ = self.matrix.indices.astype(np.int32)
        problem.a_matrix_.value_ = self.matrix.data.astype(float)
        if whole:
            problem.integrality_ = [highspy.HighsVarType.kInteger] * len(self.free)
        model = highspy.Highs()  # type: ignore[no-untyped-call]
        options: dict[str, str | int | float | bool] = {
            "output_flag": False,
            "threads": 1,
            "parallel": "off",
            "random_seed": 0,
            "mip_rel_gap": 0.0,
            "mip_max_nodes": nodes,
            "simplex_iteration_limit": 200_000,
        }
        if not whole:
            # Only the objective changes from question to question: the last corner is a start for the primal simplex.
            options |= {"presolve": "off", "solver": "simplex", "simplex_strategy": PRIMAL}
        for option, value in options.items():
            model.setOptionValue(option, value)
        model.passModel(problem)
        for columns, weights, least in self._extra:
            model.addRow(least, highspy.kHighsInf, len(columns), columns.astype(np.int32), weights)
        if whole:
            self._whole = model
        else:
            self._linear = model
        return model


def _first_of_each(rows: sparse.csr_matrix, low: Ints, high: Ints) -> Ints:
    """Numbers of the rows without those that say the same as an earlier one."""
    rows.sort_indices()
    first: dict[tuple[bytes, bytes, int, int], int] = {}
    for at, (a, b) in enumerate(zip(rows.indptr[:-1], rows.indptr[1:], strict=True)):
        name = (rows.indices[a:b].tobytes(), rows.data[a:b].tobytes(), int(low[at]), int(high[at]))
        first.setdefault(name, at)
    return np.fromiter(first.values(), dtype=np.int64, count=len(first))
