"""The worlds nearest to the truth in which one quantity has changed enough: most often these are safe themselves."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from anonymisation.attack.chamber import Demand
from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import OPEN, Floats, Ints, Rows
from anonymisation.attack.quantities import Flags
from anonymisation.attack.solving import Model, whole


def nearest(
    part: Part, base: Ints, rules: Sequence[Demand], change: Demand, *, free: Flags, share: float, prices: Floats
) -> Ints | None:
    """Return a world of a part, near `base`, that keeps all `rules` and `change`; None if no whole one is found.

    Only `free` (n,) unknowns change, each at `prices` (n,) a person, and no more than a `share` of each is taken away.
    """
    count = len(base)
    here = part.rows.matrix @ base
    low = np.where(part.rows.low <= -OPEN // 2, part.rows.low, part.rows.low - here)
    high = np.where(part.rows.high >= OPEN // 2, part.rows.high, part.rows.high - here)
    # What is added and what is taken are unknowns of their own, so that both cost.
    both = sparse.csr_matrix(sparse.hstack([part.rows.matrix, -part.rows.matrix]))
    more = np.where(free, np.maximum(part.upper - base, 0), 0)
    fewer = np.where(free, np.minimum(np.ceil(share * base), base - part.lower), 0)
    model = Model(Rows(both, low, high), np.zeros(2 * count, dtype=np.int64), np.concatenate([more, fewer]))
    for rule in (*rules, change):
        columns = np.concatenate([rule.columns, rule.columns + count])
        weights = np.concatenate([rule.weights, -rule.weights])
        model.demand(columns, weights, rule.least - float(rule.weights @ base[rule.columns]))
    answer = model.maximise(-np.concatenate([prices, prices]))
    moved = None if answer is None else whole(answer[1])
    return None if moved is None else base + moved[:count] - moved[count:]
