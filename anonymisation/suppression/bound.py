"""The cheapest set of quantities that hits all proven cuts met on the way: what no safe pattern costs less than.

Of each such cut (shown quantities that together narrow somebody's small one too far) any safe pattern hides one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.solver import INFINITY, Rows


@dataclass(frozen=True)
class Hidden:
    """What no safe pattern costs less than; `quantities` hit all cuts at that cost (None: not worked out)."""

    cost: int
    quantities: tuple[int, ...] | None


def cheapest(greedy: Greedy) -> Hidden:
    """Return the cheapest set that hits all proven cuts, besides what must be hidden anyway.

    What is small for anyone must be. Under a rule of fewer than two contributors the cuts of a rule-aware search rest
    on more than *Safe* asks (`Pattern.ceilings`): they do not count, and nothing is worked out.
    """
    system, cost = greedy.system, greedy.cost
    policy = system.programme.policy
    published = np.array([bool(cells) for cells in system.published])
    gone = (greedy.proof.needs.any(axis=0) | greedy.barred) & published & ~greedy.told
    forced = int(cost[gone].sum())
    if policy.rule_aware and policy.insiders and policy.min_contributors < 2:
        return Hidden(forced, None)
    cuts = {frozenset(q for q in cut if not greedy.told[q]) for cut in greedy.proven}
    cuts = {cut for cut in cuts if cut and not any(gone[q] for q in cut)}
    if not cuts:
        return Hidden(forced, ())
    # Among equals in cost the optimiser's choice follows the order of columns, so that follows the key.
    places = sorted({q for cut in cuts for q in cut}, key=greedy.tie)
    at = {q: i for i, q in enumerate(places)}
    rows = sorted(sorted(at[q] for q in cut) for cut in cuts)
    pointers = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.concatenate([np.array(row) for row in rows])
    matrix = sparse.csr_matrix((np.ones(len(columns)), columns, pointers), shape=(len(rows), len(places)))
    whole, ends = Rows.of(matrix), (np.zeros(len(places)), np.ones(len(places)))
    least = (np.ones(len(rows)), np.full(len(rows), INFINITY))
    prices = cost[places].astype(float)
    found = greedy.solver.solve(prices, whole, least, ends, whole=True)
    if found.x is not None:
        chosen = tuple(q for q, x in zip(places, found.x, strict=True) if x > 1 / 2)
        return Hidden(forced + int(cost[list(chosen)].sum()), chosen)
    found = greedy.solver.solve(prices, whole, least, ends)
    return Hidden(forced + (int(np.ceil(found.value - 1e-6)) if found.x is not None else 0), None)
