"""A proven lower bound on what any safe pattern costs: a set cover over the proven cuts that were met on the way."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.solver import INFINITY, Rows


def lower_bound(greedy: Greedy) -> int:
    """Return a bound that no safe pattern can cost less than.

    What is small for anyone must be hidden; of each cut (shown quantities that together narrow somebody's small one too
    far) at least one must be. Under a rule of fewer than two contributors the cuts of a rule-aware search rest on more
    than the law asks, and are left out.
    """
    system = greedy.system
    policy = system.programme.policy
    cost = greedy.cost
    small = greedy.proof.needs.any(axis=0) & (cost > 0)
    certain = not policy.rule_aware or policy.min_contributors > 1 or not policy.insiders
    cuts = [sorted(c) for c in greedy.proven if certain and not any(small[q] or greedy.told[q] for q in c)]
    forced = int(cost[small].sum())
    if not cuts:
        return forced
    places = sorted({q for cut in cuts for q in cut})
    at = {q: i for i, q in enumerate(places)}
    rows = [i for i, cut in enumerate(cuts) for _ in cut]
    columns = [at[q] for cut in cuts for q in cut]
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(cuts), len(places)))
    whole, ends = Rows.of(matrix), (np.zeros(len(places)), np.ones(len(places)))
    least = (np.ones(len(cuts)), np.full(len(cuts), INFINITY))
    found = greedy.solver.solve(cost[places].astype(float), whole, least, ends, whole=True)
    if found.x is None:
        found = greedy.solver.solve(cost[places].astype(float), whole, least, ends)
    return forced + (int(np.floor(found.value + 1e-6)) if found.x is not None else 0)
