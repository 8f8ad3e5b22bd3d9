"""The cheapest move: one linear programme that tells what to hide for a quantity, and proves that it is enough.

A *circuit* is a short move around the truth. Where it changes something shown, that is to be hidden: so the programme
asks for a change of one quantity in which what is shown and changes costs as much as hiding it. It is asked among some
of the unknowns only, an *area*, while all others stay as they are; what is found there holds everywhere. (One path for
each small quantity: Kelly, Golden and Assad, Networks 22, 1992; here over whatever the tables bind together.)
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from anonymisation.suppression.solver import EXACT, INFINITY, NEAR, Floats, Rows, Work, pass_model, simplex
from anonymisation.suppression.system import Bools, Ints, System

MOST_DIVES = 40
"""Roundings in search of a whole move."""
MOST_STEPS = 5_000
"""Iterations for one question; a longer one is given up."""


@dataclass(frozen=True)
class Move:
    """A difference between two worlds: unknowns `columns` (k,) change by `weights` (k,)."""

    columns: Ints
    weights: Ints


class Area:
    """Questions about the unknowns `columns` (m,), all others as they are in the truth.

    The programme has for each unknown how far it grows and, if it is above 0, how far it falls; and for each sum that
    is published, or was, how far it grows and falls. Sums that are the same within the area are one.
    """

    def __init__(self, system: System, columns: Ints, tied: sparse.csr_matrix, told: Bools) -> None:
        """`tied` (l, n) are rows that no move changes; `told` (q,) is published elsewhere and cannot be hidden."""
        self.system = system
        self.columns = columns
        self.told = told
        sums, self.members = _distinct(system, columns, told)
        single = np.diff(sums.indptr) == 1
        self.leaves, self.leaf_at = np.flatnonzero(single), sums.indices[sums.indptr[:-1][single]]
        self.sums = np.flatnonzero(~single)
        truth = system.truth[columns]
        self.fall = np.flatnonzero(truth > 0)
        self.size, number = len(columns), len(self.sums)
        lists = _inside(system.lists, columns)
        room = -(system.lists @ system.truth)[lists[1]]
        rows = [(sums[self.sums], True), (_inside(tied, columns)[0], False), (lists[0], False)]
        one = sparse.identity(number, format="csr")
        parts = [
            [part, -part[:, self.fall], *((-one, one) if own else (None, None))]
            for part, own in rows
            if part.shape[0] or own
        ]
        self.matrix = sparse.bmat(parts, format="csr").astype(float)
        least = np.zeros(self.matrix.shape[0])
        most = np.zeros(self.matrix.shape[0])
        if len(room):
            least[-len(room) :], most[-len(room) :] = -INFINITY, room
        self.ends = np.concatenate([np.full(self.size, INFINITY), truth[self.fall], np.full(2 * number, INFINITY)])
        self.slot = np.full(len(system.truth), -1, dtype=np.int64)
        self.slot[columns] = np.arange(self.size)
        self.every = np.arange(self.matrix.shape[1], dtype=np.int32)
        self.highs = _model(self.matrix, (least, most), self.ends)

    def find(self, quantity: int, change: int, prices: Floats, still: Bools, work: Work, noise: float) -> Move | None:
        """Return a cheapest move that changes the quantity by `change` or more (its sign says which way), or None.

        `prices` (q,): what changing each published quantity costs, 0 if it is hidden, infinite if it must stay; `still`
        (n,) are unknowns that do not change. With `noise` costs are up to so many times higher, by chance that is the
        same every time, so that another answer may come.
        """
        system = self.system
        inside = slice(system.matrix.indptr[quantity], system.matrix.indptr[quantity + 1])
        places, weights = self.slot[system.matrix.indices[inside]], system.matrix.data[inside].astype(float)
        target = np.zeros(self.size)
        np.add.at(target, places[places >= 0], weights[places >= 0])
        ends, costs = self._terms(prices, still)
        both = np.concatenate([target, -target[self.fall]])
        asked = np.flatnonzero(both).astype(np.int32)
        # What no unknown can do is not worth a question.
        if not len(asked) or not (ends[asked] * both[asked] * change > 0).any():
            return None
        if noise:
            costs = costs * np.random.default_rng(quantity).uniform(1.0, 1.0 + noise, len(costs))
        self.highs.changeColsCost(len(self.every), self.every, costs)
        self.highs.changeColsBounds(len(self.every), self.every, np.zeros(len(self.every)), ends)
        low, high = (float(change), INFINITY) if change > 0 else (-INFINITY, float(change))
        self.highs.addRow(low, high, len(asked), asked, both[asked])
        # From nothing, where all costs are fair, a short way is found in few steps.
        self.highs.setBasis()
        move = self._dive(ends, work)
        self.highs.deleteRows(1, np.array([self.matrix.shape[0]], dtype=np.int32))
        return move

    def _dive(self, ends: Floats, work: Work) -> Move | None:
        """Solve; where the answer is not whole, round up what is nearest to it and solve again."""
        free = self.size + len(self.fall)
        for _ in range(MOST_DIVES):
            self.highs.run()
            work.spent += max(self.highs.getInfo().simplex_iteration_count, 0) + 1
            if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            values = np.array(self.highs.getSolution().col_value)
            broken = np.abs(values[:free] - np.rint(values[:free])) > NEAR
            if not broken.any():
                return self._whole(values)
            column = int(np.argmax(np.where(broken, np.minimum(values[:free], 1.0), 0.0)))
            self.highs.changeColBounds(column, float(np.ceil(values[column])), float(ends[column]))
        return None

    def _terms(self, prices: Floats, still: Bools) -> tuple[Floats, Floats]:
        """Return how far each column can go, and what it costs."""
        price = self.members @ np.where(np.isinf(prices), 0.0, prices)
        fixed = self.members @ np.isinf(prices).astype(float) > 0
        own = np.ones(self.size)
        np.add.at(own, self.leaf_at, price[self.leaves])
        held = still[self.columns]
        held[self.leaf_at[fixed[self.leaves]]] = True
        sums, closed = price[self.sums], fixed[self.sums]
        costs = np.concatenate([own, own[self.fall], sums, sums])
        stops = np.concatenate([held, held[self.fall], closed, closed])
        return np.where(stops, 0.0, self.ends), costs

    def _whole(self, values: Floats) -> Move | None:
        """Return the move that the values are, if they are whole but for rounding."""
        change = values[: self.size].copy()
        change[self.fall] -= values[self.size : self.size + len(self.fall)]
        near = np.rint(change)
        if np.abs(near - change).max(initial=0) > NEAR:
            return None
        places = np.flatnonzero(near)
        return Move(self.columns[places], near[places].astype(np.int64))


def _distinct(system: System, columns: Ints, told: Bools) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return the different sums (s, m) over some columns that are published or told, and which quantities (s, q)."""
    wanted = told | np.array([bool(cells) for cells in system.published])
    rows = system.matrix[:, columns].tocsr()
    rows.sort_indices()
    quantities = np.flatnonzero(wanted & (np.diff(rows.indptr) > 0))
    known: dict[bytes, int] = {}
    at, first = [], []
    for quantity in quantities:
        name = rows.indices[rows.indptr[quantity] : rows.indptr[quantity + 1]].tobytes()
        if name not in known:
            known[name] = len(known)
            first.append(quantity)
        at.append(known[name])
    shape = (len(known), len(wanted))
    return rows[first], sparse.csr_matrix((np.ones(len(at)), (at, quantities)), shape=shape)


def _inside(rows: sparse.csr_matrix, columns: Ints) -> tuple[sparse.csr_matrix, Ints]:
    """Return rows over some columns, those that are not empty there, and their places."""
    inside = rows[:, columns].tocsr()
    inside.eliminate_zeros()
    kept = np.flatnonzero(np.diff(inside.indptr))
    return inside[kept], kept


def _model(matrix: sparse.csr_matrix, rows: tuple[Floats, Floats], ends: Floats) -> highspy.Highs:
    highs: highspy.Highs = simplex(primal_feasibility_tolerance=EXACT, simplex_iteration_limit=MOST_STEPS)
    pass_model(highs, np.ones(len(ends)), Rows.of(matrix), rows, (np.zeros(len(ends)), ends))
    return highs
