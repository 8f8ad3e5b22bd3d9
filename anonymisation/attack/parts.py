"""The unknowns in parts that nothing ties together: what happens in one part leaves the ranges of the others alone."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from anonymisation.attack.polytope import Ints, Polytope, Rows


@dataclass(frozen=True)
class Part:
    """Free unknowns (`columns`) that some rules tie together, the rules over them alone, and their bounds."""

    columns: Ints
    rows: Rows
    lower: Ints
    upper: Ints
    owner: Ints


def split(public: Polytope, owner: Ints, ties: sparse.csr_matrix) -> list[Part]:
    """The parts of what the public leaves open; `ties` are sums that an insider may know, kept together too."""
    free = np.zeros(len(public.lower), dtype=bool)
    free[public.free] = True
    matrix = public.rows.matrix
    both = sparse.csr_matrix(sparse.vstack([matrix, ties]))
    graph = sparse.csr_matrix(abs(both) @ sparse.diags_array(free.astype(np.int64), dtype=np.int64))
    graph.eliminate_zeros()
    _, labels = connected_components(sparse.csr_matrix(graph.T @ graph), directed=False)
    fixed = np.where(free, 0, public.lower)
    constant = matrix @ fixed
    found = []
    for label in np.unique(labels[free]):
        columns = np.flatnonzero(free & (labels == label))
        local = sparse.csr_matrix(matrix[:, columns])
        touching = np.flatnonzero(np.diff(local.indptr) > 0)
        rules = Rows(
            sparse.csr_matrix(local[touching]),
            (public.rows.low - constant)[touching],
            (public.rows.high - constant)[touching],
        )
        found.append(Part(columns, rules, public.lower[columns], public.upper[columns], owner[columns]))
    return found
