"""From the fast pattern to the cheapest one, where that fits: the set cover over the cuts, again as cuts are met.

The cover is cheapest among all patterns that hit the cuts known so far. If it is safe, no safe pattern is cheaper. If
not, it is hidden on from there, and what was narrow in it gives new cuts (Fischetti and Salazar, Mathematical
Programming 84, 1999).
"""

from __future__ import annotations

import numpy as np

from anonymisation.suppression.bound import cheapest
from anonymisation.suppression.greedy import Greedy

LEAST, SHARE = 4_000, 4
"""Iterations after which no new cover is begun, and one part in `SHARE` more of what the fast pattern cost."""


PART = 12
"""One cut for so many candidates is looked for at the outset."""


def outset(greedy: Greedy) -> tuple[int, ...]:
    """Return what to hide to begin with: the cheapest that hits some cuts of the pattern that shows all candidates."""
    search, left = greedy.search.under(greedy.every), len(greedy.candidates) // PART
    for at, quantity in np.argwhere(greedy.proof.open()):
        if not left or greedy.solver.work.over:
            break
        gap = greedy.proof.settle(search, int(at), int(quantity))
        if gap is not None:
            greedy.cut(gap)
            left -= 1
    return cheapest(greedy).quantities or ()


def improve(greedy: Greedy) -> None:
    """Replace the pattern of `greedy` by the cheapest one that is found within the work.

    Past the limits of the policy it stays the fast pattern.
    """
    work, fast = greedy.solver.work, (greedy.pattern, greedy.proof, greedy.moves)
    end = LEAST + work.spent + work.spent // SHARE
    before: tuple[int, ...] | None = None
    while not work.over and (before is None or work.spent < end):
        cover = cheapest(greedy)
        if cover.quantities is None or cover.quantities == before:
            break
        if cover.cost >= greedy.price:
            return
        before = cover.quantities
        greedy.again(before)
    if before is None:
        # No cut counts: what the fast pattern hid is shown again where that holds.
        greedy.again([q for q in greedy.candidates if not greedy.pattern.shown[q]])
    if work.over:
        greedy.pattern, greedy.proof, greedy.moves = fast
