"""From the fast pattern to the cheapest one, where that fits: the set cover over the cuts, again as cuts are met.

The cover is cheapest among all patterns that hit the cuts known so far. If it is safe, no safe pattern is cheaper. If
not, what is narrow in it gives new cuts (Fischetti and Salazar, Mathematical Programming 84, 1999).
"""

from __future__ import annotations

import numpy as np

from anonymisation.suppression.bound import cheapest
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.proof import Proof
from anonymisation.suppression.system import Bools

LEAST, SHARE = 8_000, 16
"""Iterations that the search for something cheaper may cost, and the part more of what the fast pattern cost."""
MOST_GAPS = 40
"""Cuts taken from one cover."""


def improve(greedy: Greedy) -> None:
    """Replace the pattern of `greedy` by the cheapest one, if it is found within the work; add the cuts met."""
    work = greedy.solver.work
    end = work.spent + LEAST + work.spent // SHARE
    candidates = np.array(greedy.candidates, dtype=np.int64)
    every = Pattern(greedy.system, greedy.told).showing(*candidates.tolist())
    published = np.array([bool(cells) for cells in greedy.system.published])
    while not work.over and work.spent < end:
        cover = cheapest(greedy)
        if cover.quantities is None or cover.cost >= greedy.cost[published & ~greedy.pattern.shown].sum():
            break
        trial = every.hiding(*cover.quantities)
        proof = Proof(greedy.system, greedy.smallness, greedy.moves, greedy.system.truth)
        proof.read(usable=_usable(greedy, trial))
        gaps = _gaps(greedy, trial, proof, end)
        if gaps is None:
            greedy.pattern, greedy.proof = trial, proof
        elif not gaps:
            break
        else:
            greedy.proven += gaps
    greedy.moves.drop(~_usable(greedy, greedy.pattern))


def _usable(greedy: Greedy, pattern: Pattern) -> Bools:
    """Tell which of the kept moves (k,) a pattern allows from the truth."""
    moves, system = greedy.moves, greedy.system
    matrix, most, _ = pattern.ceilings
    fits = moves.from_world(system.truth)
    fits &= ~(moves.effects[: moves.size, pattern.shown] != 0).any(axis=1)
    room = most - matrix @ system.truth
    fits &= (matrix @ moves.moves[: moves.size].T <= room[:, None]).all(axis=0)
    return fits


def _gaps(greedy: Greedy, trial: Pattern, proof: Proof, end: int) -> list[frozenset[int]] | None:
    """Return proven cuts that a pattern misses, none if no more can be told of it; None if it is safe."""
    search, found, safe = greedy.search.under(trial), list[frozenset[int]](), True
    for at, quantity in np.argwhere(proof.open()):
        gap = proof.settle(search, int(at), int(quantity))
        if gap is not None:
            safe = False
            if gap.proven and gap.stops not in found:
                found.append(gap.stops)
        if len(found) >= MOST_GAPS or greedy.solver.work.spent > end:
            return found
    return None if safe else found
