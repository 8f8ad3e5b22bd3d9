"""Whole moves where searches come out in fractions: what these go through often holds one, and is soon searched."""

import numpy as np
from scipy import sparse

from anonymisation.attack.frame import Flags, Frame
from anonymisation.attack.polytope import OPEN, Ints, NoWorldError, Polytope, Rows

MOST_COLUMNS = 2_000
"""Columns up to which a whole move is searched for."""
MOST_NODES = 500


def mend(
    frame: Frame, among: Ints, columns: Ints, weights: Ints, place: Ints, still: Flags
) -> tuple[Ints, Ints] | None:
    """A whole move from `place` in some columns that raises `weights @ place[columns]`; None if none was found.

    Branch and bound over the columns `among` without those that stand `still`; all others stay as they are.
    """
    among = among[~still[among]]
    if not 0 < len(among) <= MOST_COLUMNS:
        return None
    equations = sparse.csr_matrix(frame.matrix[:, among])
    equations = sparse.csr_matrix(equations[np.flatnonzero(np.diff(equations.indptr))])
    told = np.zeros(frame.size, dtype=np.int64)
    told[columns] = weights
    now, target = place[among], told[among]
    value = equations @ now
    rules = Rows(equations, value, value).and_also(
        Rows(sparse.csr_matrix(target[np.newaxis, :]), np.array([target @ now + 1]), np.array([OPEN]))
    )
    try:
        inside = Polytope(rules, frame.lower[among], frame.upper[among], cap=OPEN)
        found = inside.maximise(np.zeros(len(among)), whole=True, nodes=MOST_NODES).world
    except NoWorldError:
        return None
    if found is None:
        return None
    moved = np.flatnonzero(found != now)
    return among[moved], (found - now)[moved]
