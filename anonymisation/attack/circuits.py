"""Small moves by linear programming: the cheapest way to change one target by one.

Cheapest in the sum of absolute changes, so that the answer is a combination of few unknowns (an elementary vector of
the equations: Rockafellar 1969; here almost always of ones). From the slack basis, where nothing moves, the dual
simplex needs a few dozen pivots, against thousands to a corner of the whole polytope; and the answer is whole where
the corner seldom is.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from anonymisation.attack.frame import Flags, Frame
from anonymisation.attack.polytope import NEAR, OPEN, Floats, Ints


@dataclass(frozen=True)
class Circuit:
    """A move of weight one or more; or none: because there is none (`exhausted`), or it was not whole."""

    columns: Ints
    weights: Ints
    exhausted: bool = False


NONE = np.empty(0, dtype=np.int64)


class Circuits:
    """One model over some columns of a frame; what is asked for and from where change, the equations stay."""

    def __init__(self, frame: Frame, columns: Ints | None = None, *, seed: int = 0) -> None:
        self.frame = frame
        self.columns = np.arange(frame.size) if columns is None else columns
        self._slot = np.full(frame.size, -1, dtype=np.int64)
        self._slot[self.columns] = np.arange(len(self.columns))
        matrix = sparse.csr_matrix(frame.matrix[:, self.columns])
        matrix = sparse.csr_matrix(matrix[np.flatnonzero(np.diff(matrix.indptr))])
        both = sparse.csr_matrix(sparse.hstack([matrix, -matrix])).astype(float)
        self._rows, self._count = both.shape
        self._random = np.random.default_rng(seed)
        problem = highspy.HighsLp()
        problem.num_col_, problem.num_row_ = self._count, self._rows
        problem.col_cost_ = np.ones(self._count)
        problem.col_lower_, problem.col_upper_ = np.zeros(self._count), np.ones(self._count)
        problem.row_lower_ = problem.row_upper_ = np.zeros(self._rows)
        problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        problem.a_matrix_.start_ = both.indptr.astype(np.int32)
        problem.a_matrix_.index_ = both.indices.astype(np.int32)
        problem.a_matrix_.value_ = both.data
        self._model = highspy.Highs()  # type: ignore[no-untyped-call]
        options: dict[str, str | int | float | bool] = {
            "output_flag": False,
            "threads": 1,
            "parallel": "off",
            "random_seed": 0,
            "presolve": "off",
            "solver": "simplex",
            "simplex_strategy": 1,
            "simplex_iteration_limit": 20_000,
        }
        for option, value in options.items():
            self._model.setOptionValue(option, value)
        self._model.passModel(problem)
        self._places = np.arange(self._count, dtype=np.int32)

    def find(self, columns: Ints, weights: Ints, place: Ints, still: Flags, *, noise: float) -> Circuit:
        """A move from `place` that changes `weights @ place[columns]` by one and leaves `still` columns alone.

        `noise` is how much costs are varied at random, so that a second search may find another move.
        """
        slots = self._slot[columns]
        columns, weights, slots = columns[slots >= 0], weights[slots >= 0], slots[slots >= 0]
        if not len(columns):
            return Circuit(NONE, NONE, exhausted=True)
        self._stand(place, still, noise)
        count = len(self.columns)
        both = np.concatenate([slots, slots + count]).astype(np.int32)
        told = np.concatenate([weights, -weights]).astype(float)
        self._model.addRow(1.0, 1.0, len(both), both, told)
        self._model.setBasis()
        self._model.run()
        status = self._model.getModelStatus()
        values = np.asarray(self._model.getSolution().col_value)
        self._model.deleteRows(1, np.array([self._rows], dtype=np.int32))
        if status == highspy.HighsModelStatus.kInfeasible:
            return Circuit(NONE, NONE, exhausted=True)
        if status != highspy.HighsModelStatus.kOptimal:
            return Circuit(NONE, NONE)
        return self._whole(values[:count] - values[count:])

    def _whole(self, change: Floats) -> Circuit:
        """The change as a whole move, in halves or thirds if need be; none if it is not whole then."""
        for times in (1, 2, 3):
            rounded = np.rint(times * change)
            if np.max(np.abs(times * change - rounded)) < NEAR:
                used = np.flatnonzero(rounded)
                return Circuit(self.columns[used], rounded[used].astype(np.int64))
        return Circuit(NONE, NONE)

    def _stand(self, place: Ints, still: Flags, noise: float) -> None:
        """Bounds and costs as seen from a place: what has little room costs more."""
        columns = self.columns
        held = still[columns]
        up = np.where(held, 0, self.frame.upper[columns] - place[columns]).astype(float)
        down = np.where(held, 0, place[columns] - self.frame.lower[columns]).astype(float)
        room = np.concatenate([up, down])
        upper = np.where(room >= OPEN // 4, highspy.kHighsInf, room)
        costs = (1 + 3 / (room + 0.5)) * self._random.uniform(1, 1 + noise, self._count)
        self._model.changeColsBounds(self._count, self._places, np.zeros(self._count), upper)
        self._model.changeColsCost(self._count, self._places, costs)


MOST_TOGETHER = 6_000
"""Columns up to which one model holds the whole frame."""
IN_A_GROUP = 1_500
"""Columns of a model that holds a few neighbours."""
GROUPS_TRIED = 2
WHOLE = -1


class Searches:
    """Finds moves: in the whole frame if it is small, else among a few neighbours on its longest line at a time."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._models: dict[int, Circuits] = {}
        self._groups: list[Ints] = []
        """Columns of each group; none if the frame is one model."""
        if frame.size > MOST_TOGETHER:
            places, sizes = np.unique(frame.place_of[frame.place_of >= 0], return_counts=True)
            _, number = np.unique(np.cumsum(sizes) // IN_A_GROUP, return_inverse=True)
            group_of = np.full(int(places.max(initial=-1)) + 2, -1, dtype=np.int64)
            group_of[places] = number
            self._group = group_of[frame.place_of]
            self._groups = [np.flatnonzero(self._group == one) for one in range(int(number.max(initial=-1)) + 1)]

    def find(self, columns: Ints, weights: Ints, place: Ints, still: Flags, *, noise: float) -> Circuit:
        """As `Circuits.find`, in groups that the columns lie in first, then in the whole frame."""
        if self._groups:
            groups, counts = np.unique(self._group[columns], return_counts=True)
            groups = groups[np.argsort(-counts, kind="stable")]
            for group in groups[groups >= 0][:GROUPS_TRIED].tolist():
                found = self._model(group).find(columns, weights, place, still, noise=noise)
                if len(found.columns):
                    return found
        return self._model(WHOLE).find(columns, weights, place, still, noise=noise)

    def _model(self, group: int) -> Circuits:
        if group not in self._models:
            self._models[group] = Circuits(self.frame, None if group == WHOLE else self._with_slacks(group))
        return self._models[group]

    def _with_slacks(self, group: int) -> Ints:
        """The columns of a group, and those without a place in the same equations."""
        columns = self._groups[group]
        inside = np.zeros(self.frame.size, dtype=np.int64)
        inside[columns] = 1
        near = np.asarray(abs(self.frame.matrix).T @ (abs(self.frame.matrix) @ inside)) > 0
        return np.flatnonzero((self._group == group) | (near & (self._group < 0)))
