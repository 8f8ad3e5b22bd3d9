"""What the public leaves open, as equations over whole numbers within bounds.

Only unknowns that can vary are left, and each equation once. A rule with two different limits gets an unknown of its
own for what it leaves (a slack), so that everything is an equation and every limit a bound.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from anonymisation.attack.polytope import OPEN, Ints, Polytope

Flags = npt.NDArray[np.bool_]


class Frame:
    """Equations `matrix @ place = constant` with `lower <= place <= upper`; a place holds free unknowns, then slacks.

    `free` are the numbers of the free unknowns; `place_of` is where each column lies on the longest line,
    -1 for slacks and where that line is no axis.
    """

    def __init__(self, public: Polytope, along: Ints) -> None:
        self.public, self.free = public, public.free
        even = public.row_low == public.row_high
        equal = sparse.csr_matrix(public.matrix[even])
        self._between = sparse.csr_matrix(public.matrix[~even])
        slacks = self._between.shape[0]
        # A slack counts from the lower limit, or down from the upper one where there is no lower.
        low, high = public.row_low[~even], public.row_high[~even]
        self._from = np.where(low > -OPEN // 2, low, high)
        self.matrix = sparse.csr_matrix(
            sparse.block_array([[equal, None], [self._between, -sparse.eye_array(slacks, dtype=np.int64)]])
            if slacks
            else equal
        )
        self.lower = np.concatenate([public.lower[self.free], np.where(low > -OPEN // 2, 0, -OPEN)])
        self.upper = np.concatenate([public.upper[self.free], np.where(high < OPEN // 2, high - self._from, OPEN)])
        self.place_of = np.concatenate([along[self.free], np.full(slacks, -1, dtype=np.int64)])
        self.size = len(self.lower)
        self.slot = np.full(len(public.lower), -1, dtype=np.int64)
        """For each unknown its column, -1 where it cannot vary."""
        self.slot[self.free] = np.arange(len(self.free))

    @cached_property
    def by_column(self) -> sparse.csc_matrix:
        """The equations by columns."""
        table = sparse.csc_matrix(self.matrix)
        table.sort_indices()
        return table

    def place(self, world: Ints) -> Ints:
        """A world as a place in the frame."""
        inside = world[self.free]
        return np.concatenate([inside, self._between @ inside - self._from])

    def world(self, place: Ints) -> Ints:
        """The world at a place."""
        world = self.public.lower.copy()
        world[self.free] = place[: len(self.free)]
        return world

    def keeps(self, columns: Ints, weights: Ints) -> bool:
        """Whether a move leaves every equation as it is, exactly."""
        table = self.by_column
        parts = [slice(table.indptr[column], table.indptr[column + 1]) for column in columns.tolist()]
        rows = np.concatenate([table.indices[part] for part in parts])
        values = [weight * table.data[part] for part, weight in zip(parts, weights.tolist(), strict=True)]
        _, place = np.unique(rows, return_inverse=True)
        total = np.zeros(len(rows), dtype=np.int64)
        np.add.at(total, place, np.concatenate(values))
        return not total.any()

    def twins(self) -> list[tuple[Ints, Ints]]:
        """Moves between free unknowns that stand in the same equations, and of those that stand in none."""
        table = self.by_column
        last: dict[bytes, int] = {}
        found = []
        for column in range(self.size):
            inside = slice(table.indptr[column], table.indptr[column + 1])
            name = table.indices[inside].tobytes() + table.data[inside].tobytes()
            if not name:
                found.append((np.array([column]), np.array([1])))
            elif name in last:
                found.append((np.array([last[name], column]), np.array([-1, 1])))
            last[name] = column
        return found
