"""What linear equations leave open, exactly: elimination modulo a prime, lifted to whole numbers and proven there.

Modulo a prime nothing is rounded, but a prime may be unlucky: it can only make rows dependent that are not, so the rank
found is at most the true one, and what it calls fixed may be open. That is the unsafe direction for an attacker. So the
directions that it finds are lifted to whole numbers (rational reconstruction) and multiplied out: n - r independent
whole directions that keep every equation prove that the true rank is at most r as well. Then they span all there is.
"""

import numpy as np

from anonymisation.attack.polytope import Ints

PRIMES = (2_147_483_647, 2_147_483_629)
"""Below 2**31, so that a product of two residues fits 64 bits."""
MOST_WHOLE = 10_000
"""Size of the entries that a lifted direction may have. A wrong one of such a size would be found out all the same."""
DENOMINATORS = range(1, 65)


def directions(equations: Ints) -> Ints | None:
    """Whole columns (n, n - rank) that span all x with `equations` @ x = 0; None where that could not be proven.

    `equations` (m, n) has whole entries of at most `MOST_WHOLE` in size, n at most some thousands.
    """
    if np.abs(equations).max(initial=0) > MOST_WHOLE:
        return None
    for prime in PRIMES:
        found = _lifted(*reduced(equations, prime), prime)
        # At most MOST_WHOLE ** 2 times n: far below 2**63.
        if found is not None and not (equations @ found).any():
            return found
    return None


def reduced(equations: Ints, prime: int) -> tuple[Ints, Ints]:
    """The reduced row echelon form modulo a prime, without rows of zeros, and the columns of its pivots."""
    table = equations % prime
    pivots: list[int] = []
    for column in range(table.shape[1]):
        row = len(pivots)
        if row == len(table):
            break
        below = row + np.flatnonzero(table[row:, column])
        if not len(below):
            continue
        # The shortest row fills the others least.
        best = below[np.count_nonzero(table[below], axis=1).argmin()]
        if best != row:
            table[[row, best]] = table[[best, row]]
        used = column + np.flatnonzero(table[row, column:])
        table[row, used] = table[row, used] * pow(int(table[row, column]), -1, prime) % prime
        others = np.flatnonzero(table[:, column])
        others = others[others != row]
        here = np.ix_(others, used)
        table[here] = (table[here] - table[others, column][:, np.newaxis] * table[row, used]) % prime
        pivots.append(column)
    return table[: len(pivots)], np.array(pivots, dtype=np.int64)


def _lifted(table: Ints, pivots: Ints, prime: int) -> Ints | None:
    """One whole direction for each column without a pivot; None where the residues are of no small fractions."""
    unknowns = table.shape[1]
    free = np.setdiff1d(np.arange(unknowns), pivots)
    found = np.zeros((unknowns, len(free)), dtype=np.int64)
    open_ = np.arange(len(free))
    for denominator in DENOMINATORS:
        if not len(open_):
            break
        whole = table[:, free[open_]] * denominator % prime
        whole[whole > prime // 2] -= prime
        fits = np.abs(whole).max(axis=0, initial=0) <= MOST_WHOLE
        found[np.ix_(pivots, open_[fits])] = -whole[:, fits]
        found[free[open_[fits]], open_[fits]] = denominator
        open_ = open_[~fits]
    return None if len(open_) else found
