"""Whole moves from one world to another, kept for all attackers.

A move that leaves every equation as it is leads on from any world in which no count falls below its bound. One found
for one world, quantity or attacker is tried for all the others: most of a release is proven by moves found before.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from anonymisation.attack.frame import Flags, Frame
from anonymisation.attack.polytope import Ints


class Moves:
    """Moves over the columns of a frame, each with what it changes of the targets (rows of `targets`)."""

    def __init__(self, frame: Frame, targets: sparse.csr_matrix) -> None:
        self.frame = frame
        self.columns: list[Ints] = []
        self.weights: list[Ints] = []
        self.touched: list[Ints] = []
        self.effects: list[Ints] = []
        self.through: dict[int, list[int]] = {}
        """For each target the moves that change it."""
        self._by_unknown = sparse.csc_matrix(targets[:, frame.free])
        self._known: set[bytes] = set()
        self._flat: _Flat | None = None
        for columns, weights in frame.twins():
            self.add(columns, weights)

    def __len__(self) -> int:
        return len(self.columns)

    def add(self, columns: Ints, weights: Ints) -> int | None:
        """Keep a move; its number, or None if it (or its reverse) is known or breaks an equation."""
        order = np.argsort(columns)
        columns, weights = columns[order].astype(np.int64), weights[order].astype(np.int64)
        if not len(columns):
            return None
        if weights[0] < 0:
            weights = -weights
        name = columns.tobytes() + weights.tobytes()
        if name in self._known or not self.frame.keeps(columns, weights):
            return None
        self._known.add(name)
        number = len(self.columns)
        touched, effects = self._effect(columns, weights)
        self.columns.append(columns)
        self.weights.append(weights)
        self.touched.append(touched)
        self.effects.append(effects)
        for target in touched.tolist():
            self.through.setdefault(target, []).append(number)
        return number

    def _effect(self, columns: Ints, weights: Ints) -> tuple[Ints, Ints]:
        """The targets that a move changes, and by how much."""
        table = self._by_unknown
        rows, values = [], []
        for column, weight in zip(columns.tolist(), weights.tolist(), strict=True):
            if column < table.shape[1]:
                inside = slice(table.indptr[column], table.indptr[column + 1])
                rows.append(table.indices[inside])
                values.append(weight * table.data[inside])
        if not rows:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        touched, place = np.unique(np.concatenate(rows), return_inverse=True)
        effects = np.bincount(place, weights=np.concatenate(values)).astype(np.int64)
        return touched[effects != 0].astype(np.int64), effects[effects != 0]

    def steps(self, number: int, place: Ints, still: Flags) -> tuple[int, int]:
        """How many steps of a move are possible from a place, forwards and backwards; none where `still` must stay."""
        columns, weights = self.columns[number], self.weights[number]
        if still[columns].any():
            return 0, 0
        size = np.abs(weights)
        up, down = self.frame.upper[columns] - place[columns], place[columns] - self.frame.lower[columns]
        forwards = np.where(weights > 0, up, down) // size
        backwards = np.where(weights > 0, down, up) // size
        return int(forwards.min()), int(backwards.min())

    def reach(self, place: Ints, still: Flags) -> tuple[Ints, Ints, Ints]:
        """For each change of a target by one move: the target, and how far below and above its value it leads."""
        flat = self._flattened()
        up = self.frame.upper[flat.columns] - place[flat.columns]
        down = place[flat.columns] - self.frame.lower[flat.columns]
        stuck = still[flat.columns]
        forwards = np.where(stuck, 0, np.where(flat.rising, up, down) // flat.size)
        backwards = np.where(stuck, 0, np.where(flat.rising, down, up) // flat.size)
        one = flat.effects * np.minimum.reduceat(forwards, flat.starts)[flat.of]
        other = -flat.effects * np.minimum.reduceat(backwards, flat.starts)[flat.of]
        return flat.touched, np.minimum(one, other), np.maximum(one, other)

    def _flattened(self) -> "_Flat":
        if self._flat is None or self._flat.count != len(self.columns):
            self._flat = _Flat(self.columns, self.weights, self.touched, self.effects)
        return self._flat


class _Flat:
    """All moves in a few arrays."""

    def __init__(
        self, columns: Sequence[Ints], weights: Sequence[Ints], touched: Sequence[Ints], effects: Sequence[Ints]
    ) -> None:
        self.count = len(columns)
        self.columns, weight = np.concatenate(columns), np.concatenate(weights)
        self.size, self.rising = np.abs(weight), weight > 0
        self.starts = np.cumsum([0, *(len(one) for one in columns[:-1])])
        self.touched, self.effects = np.concatenate(touched), np.concatenate(effects)
        self.of = np.repeat(np.arange(self.count), [len(one) for one in touched])
