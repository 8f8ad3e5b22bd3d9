"""Small moves by linear programming: the cheapest way to change one target by one.

Cheapest in the sum of absolute changes, so that the answer is a combination of few unknowns (an elementary vector of
the equations: Rockafellar 1969; here almost always of ones). From the slack basis, where nothing moves, the dual
simplex needs a few dozen pivots, against thousands to a corner of the whole polytope; and the answer is whole where
the corner seldom is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import highspy
import numpy as np
from scipy import sparse

from anonymisation.attack.frame import Flags, Frame
from anonymisation.attack.polytope import NEAR, OPEN, Floats, Ints

NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Circuit:
    """A move of weight one or more; or none: because there is none (`exhausted`), or it was not whole.

    Of a move that was not whole `broken` are the columns that it goes through.
    """

    columns: Ints
    weights: Ints
    exhausted: bool = False
    broken: Ints = field(default_factory=lambda: NONE)


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
        return Circuit(NONE, NONE, broken=self.columns[np.abs(change) > NEAR])

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
MOST_AT_ONCE = 40_000
"""Columns up to which the whole frame comes right after the neighbours."""
IN_A_GROUP = 1_500
"""Columns of a model that holds a few neighbours."""
GROUPS_TRIED = 2
RICH = 3
"""Groups with the most columns that help any other out."""
WHOLE: tuple[int, ...] = ()


class Searches:
    """Finds moves: in the whole frame if it is small, else among a few neighbours on its longest line at a time.

    Where neighbours alone do not do, their own neighbours join in, then those who have the most that is open.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._models: dict[tuple[int, ...], Circuits] = {}
        self._count = 0
        """How many groups there are; none if the frame is one model."""
        if frame.size > MOST_TOGETHER:
            places, sizes = np.unique(frame.place_of[frame.place_of >= 0], return_counts=True)
            _, number = np.unique(np.cumsum(sizes) // IN_A_GROUP, return_inverse=True)
            group_of = np.full(int(places.max(initial=-1)) + 2, -1, dtype=np.int64)
            group_of[places] = number
            self._group = group_of[frame.place_of]
            self._count = int(number.max(initial=-1)) + 1
            size = np.bincount(self._group[self._group >= 0], minlength=self._count)
            self._rich = np.argsort(-size, kind="stable")[:RICH].tolist()

    def find(self, columns: Ints, weights: Ints, place: Ints, still: Flags, *, noise: float) -> Circuit:
        """As `Circuits.find`, in groups that the columns lie in first, then with more, then in the whole frame."""
        broken = NONE
        for groups in (*self._circles(columns), WHOLE):
            found = self._model(groups).find(columns, weights, place, still, noise=noise)
            if len(found.columns):
                return found
            broken = np.union1d(broken, found.broken)
        return replace(found, broken=broken)

    def _circles(self, columns: Ints) -> Iterator[tuple[int, ...]]:
        if not self._count:
            return
        groups, counts = np.unique(self._group[columns], return_counts=True)
        first = [group for group in groups[np.argsort(-counts, kind="stable")].tolist() if group >= 0][:GROUPS_TRIED]
        tried: set[tuple[int, ...]] = set()
        near = [[group] for group in first]
        # The whole frame is asked next; where that takes seconds, wider circles are worth their time.
        if self.frame.size > MOST_AT_ONCE:
            near += [[group - 1, group, group + 1] for group in first] + [[group, *self._rich] for group in first]
        for circle in near:
            inside = tuple(sorted({group for group in circle if 0 <= group < self._count}))
            if inside not in tried:
                tried.add(inside)
                yield inside

    def _model(self, groups: tuple[int, ...]) -> Circuits:
        if groups not in self._models:
            columns = None if groups == WHOLE else self._with_slacks(groups)
            self._models[groups] = Circuits(self.frame, columns)
        return self._models[groups]

    def _with_slacks(self, groups: tuple[int, ...]) -> Ints:
        """The columns of some groups, and those without a place in the same equations."""
        own = np.isin(self._group, groups)
        near = np.asarray(abs(self.frame.matrix).T @ (abs(self.frame.matrix) @ own.astype(np.int64))) > 0
        return np.flatnonzero(own | (near & (self._group < 0)))
