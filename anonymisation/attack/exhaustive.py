"""Clause (iii) by looking at every world: where the search finds no cover in a small region, this decides.

It gives exact ranges, so that a release is refused for what it discloses and not for want of time.
"""

import numpy as np

from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.polytope import Ints, Polytope
from anonymisation.attack.quantities import Flags

MOST_WORLDS = 5_000
"""Partial worlds at any step up to which a region counts as small."""


MOST_UNKNOWNS = 60


def worlds(inside: Polytope, limit: int = MOST_WORLDS) -> Ints | None:
    """All worlds as rows, None if they are many; unknown by unknown, dropping what no rule allows any more."""
    order = inside.free
    if len(order) > MOST_UNKNOWNS:
        return None
    rows = inside.rows
    matrix = np.asarray(rows.matrix[:, order].toarray(), dtype=np.int64)
    start = np.where(inside.lower == inside.upper, inside.lower, 0)
    done = np.asarray(rows.matrix @ start)[np.newaxis, :]
    lower, upper = inside.lower[order], inside.upper[order]
    least = np.minimum(matrix * lower, matrix * upper)
    most = np.maximum(matrix * lower, matrix * upper)
    found = np.zeros((1, 0), dtype=np.int64)
    for at in range(len(order)):
        values = np.arange(lower[at], upper[at] + 1)
        if len(found) * len(values) > 20 * limit:
            return None
        found = np.hstack([np.repeat(found, len(values), axis=0), np.tile(values, len(found))[:, np.newaxis]])
        done = np.repeat(done, len(values), axis=0) + found[:, -1:] * matrix[:, at]
        low = done + least[:, at + 1 :].sum(axis=1)
        high = done + most[:, at + 1 :].sum(axis=1)
        fits = np.all((low <= rows.high) & (high >= rows.low), axis=1)
        found, done = found[fits], done[fits]
        if len(found) > limit:
            return None
    every = np.repeat(start[np.newaxis, :], len(found), axis=0)
    every[:, order] = found
    return every[inside.contains_all(every)] if len(every) else every


def decide(attackers: dict[int, Attacker], base: Ints) -> dict[int, tuple[Ints, Ints]] | None:
    """Exact least and greatest values over (iii) witnesses for each attacker's targets; None unless few worlds.

    Where an attacker has no witness at all, least is above greatest.
    """
    every = worlds(attackers[PUBLIC].insight.polytope)
    if every is None or not len(every):
        return None
    good = np.ones(len(every), dtype=bool)
    for attacker in attackers.values():
        good &= ~_exposed(attacker, every)
    found = {}
    for who, attacker in attackers.items():
        mine = every[good & attacker.insight.polytope.contains_all(every)]
        values = np.asarray(attacker.eyes.targets @ mine.T)
        none = np.full(len(values), 2**40)
        found[who] = (values.min(axis=1), values.max(axis=1)) if len(mine) else (none, -none)
    return found


def _exposed(attacker: Attacker, every: Ints) -> Flags:
    """In which worlds this attacker would find something small and narrow, by (i) and (ii)."""
    eyes = attacker.eyes
    width = eyes.quantities.width[eyes.kept]
    small = eyes.small(every)
    values = np.asarray(eyes.targets @ every.T).T
    _, group = np.unique(every[:, eyes.own], axis=0, return_inverse=True)
    found = np.zeros(len(every), dtype=bool)
    for number in range(int(group.max()) + 1):
        rows = np.flatnonzero(group.ravel() == number)
        narrow = (values[rows].max(axis=0) - values[rows].min(axis=0))[eyes.target] < width
        found[rows] = (small[rows] & narrow).any(axis=1)
    return found
