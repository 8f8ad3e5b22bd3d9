"""Sums over the unknowns of a small part, taken of one world after another."""

import numpy as np

from anonymisation.attack.polytope import Floats, Ints


class Sums:
    """Sums of unknowns in whole numbers, most of them of one unknown alone; `matrix` of shape (sums, unknowns).

    All are far below 2^53: floating point is exact, and quicker to multiply.
    """

    def __init__(self, matrix: Ints | Floats) -> None:
        used = matrix != 0
        alone = used.sum(axis=1) == 1
        self._one, self._several = np.flatnonzero(alone), np.flatnonzero(~alone)
        self._at = used[self._one].argmax(axis=1)
        self._weight = matrix[self._one, self._at].astype(float)
        self._rest = matrix[self._several].astype(float)

    def __matmul__(self, world: Ints | Floats) -> Floats:
        """The value of each sum in a world."""
        found = np.empty(len(self._one) + len(self._several))
        found[self._one] = self._weight * world[self._at]
        found[self._several] = self._rest @ world
        return found
