"""Sums of unknowns, taken again and again: dense where they are few, for SciPy takes longer to begin than to add."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from anonymisation.suppression.solver import Floats
from anonymisation.suppression.system import Ints

Whole = NDArray[np.int32] | Ints

MOST_DENSE = 250_000
"""Weights (rows times unknowns) up to which they are held densely."""
ONE_THREAD = 9_000
"""Weights that linear algebra libraries multiply in one thread: several cost more than so little is worth."""


class Sums:
    """Rows of whole weights over unknowns: `matrix` (r, u)."""

    def __init__(self, matrix: sparse.csr_matrix) -> None:
        self.matrix = matrix
        self.dense = matrix.toarray().astype(float) if np.prod(matrix.shape) <= MOST_DENSE else None
        self.parts = [] if self.dense is None else _parts(self.dense)

    def of(self, counts: Whole) -> Ints:
        """Return the sums (r,) of `counts` (u,), or (r, k) of (u, k), exactly."""
        if not self.parts or (counts.ndim > 1 and len(self.parts) > 1):
            return np.asarray(self.matrix @ counts)
        # Whole numbers far below 2**53 are exact in floating point, in whatever order they are added.
        whole = counts.astype(float)
        found: Ints = np.concatenate([part @ whole for part in self.parts]).astype(np.int64)
        return found

    def together(self, places: Ints, weights: Floats | Ints) -> Floats:
        """Return the unknowns' weights (u,) in the sum of some rows, each `weights` times."""
        if self.dense is not None:
            return np.asarray(weights @ self.dense[places])
        whole = np.zeros(self.matrix.shape[0])
        np.add.at(whole, places, weights)
        return np.asarray(self.matrix.T @ whole)


def _parts(dense: Floats) -> list[Floats]:
    """Return the rows in parts that are each multiplied in one thread."""
    rows = max(1, ONE_THREAD // max(1, dense.shape[1]))
    return [dense[at : at + rows] for at in range(0, len(dense), rows)]
