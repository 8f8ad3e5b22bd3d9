"""Perturbation tables: how a count and a cell key become noise.

Probabilities are worked out with decimal numbers of a fixed length, which are the same on every machine, and kept as
whole 2**-64ths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import cache

import numpy as np
from numpy.typing import NDArray

ONE = 2**64
DIGITS = 30
NEWTON_STEPS = 200
NEAR = Decimal("1e-21")

Weights = Mapping[int, Decimal]


@dataclass(frozen=True)
class PTable:
    """For each original count the deviations in ascending order, and the cell key (in 2**-64ths) at which each ends.

    Counts beyond the last row have the last row's noise.
    """

    deviations: tuple[tuple[int, ...], ...]
    ends: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, rows: Sequence[Weights]) -> PTable:
        """Return the table with the probabilities `rows[count][deviation]`.

        >>> PTable.of([{0: Decimal(1)}, {-1: Decimal("0.5"), 1: Decimal("0.5")}]).ends[1] == (2**63, 2**64)
        True
        """
        deviations, ends = [], []
        for row in rows:
            total, here = Decimal(0), []
            for deviation in sorted(row):
                total += row[deviation]
                here.append(int((total * ONE).to_integral_value()))
            here[-1] = ONE
            deviations.append(tuple(sorted(row)))
            ends.append(tuple(here))
        return cls(tuple(deviations), tuple(ends))

    def perturb(self, counts: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return (c,) the counts with their noise; `keys` (c,) are the cell keys."""
        last = len(self.deviations) - 1
        out = counts.copy()
        for row in np.unique(np.minimum(counts, last)):
            here = np.minimum(counts, last) == row
            ends = np.array(self.ends[row][:-1], dtype=np.uint64)
            out[here] += np.array(self.deviations[row])[np.searchsorted(ends, keys[here], side="right")]
        return out


@cache
def maximum_entropy(deviation: int, variance: float, smallest: int) -> PTable:
    """Return the table of the largest entropy (Giessing and Tent 2019).

    Every row is unbiased, stays within `deviation`, shows 0 or at least `smallest`, and has at most `variance`, or
    the least variance that is possible where that is more. 0 stays 0. Rows from `deviation + smallest` on are equal.
    """
    rows: list[Weights] = [{0: Decimal(1)}]
    with localcontext(Context(prec=DIGITS)):
        for count in range(1, deviation + smallest + 1):
            support = [v for v in range(-deviation, deviation + 1) if count + v == 0 or count + v >= smallest]
            rows.append(_row(support, Decimal(repr(variance))))
    return PTable.of(rows)


def _row(support: Sequence[int], variance: Decimal) -> Weights:
    """Return the unbiased probabilities of the largest entropy and at most a variance."""
    mean_only = _newton(support, variance, bound=False)
    if _moment(mean_only, 2) <= variance:
        return mean_only
    low, high = max(v for v in support if v < 0), min(v for v in support if v > 0)
    if 0 not in support and Decimal(-low * high) >= variance:
        # Two points next to 0: less variance there is not.
        return {low: Decimal(high) / (high - low), high: Decimal(-low) / (high - low)}
    return _newton(support, variance, bound=True)


def _newton(support: Sequence[int], variance: Decimal, *, bound: bool) -> Weights:
    """Minimise the convex dual, log of the sum of exp(a v + b (v**2 - variance)), by damped Newton steps."""
    a = b = Decimal(0)
    for _ in range(NEWTON_STEPS):
        row = _weights(support, a, b)
        first, second = _moment(row, 1), _moment(row, 2)
        slope = (first, second - variance if bound else Decimal(0))
        if abs(slope[0]) < NEAR and abs(slope[1]) < NEAR:
            return row
        aa = second - first * first
        ab = _moment(row, 3) - first * second
        bb = _moment(row, 4) - second * second
        if bound:
            det = aa * bb - ab * ab
            step = ((bb * slope[0] - ab * slope[1]) / det, (aa * slope[1] - ab * slope[0]) / det)
        else:
            step = (slope[0] / aa, Decimal(0))
        part, now = Decimal(1), _dual(support, variance, a, b, bound=bound)
        while _dual(support, variance, a - part * step[0], b - part * step[1], bound=bound) > now and part > NEAR:
            part /= 2
        a, b = a - part * step[0], b - part * step[1]
    return _weights(support, a, b)


def _dual(support: Sequence[int], variance: Decimal, a: Decimal, b: Decimal, *, bound: bool) -> Decimal:
    total = sum(((a * v + b * v * v).exp() for v in support), Decimal(0))
    return total.ln() - (b * variance if bound else 0)


def _weights(support: Sequence[int], a: Decimal, b: Decimal) -> Weights:
    raw = {v: (a * v + b * v * v).exp() for v in support}
    total = sum(raw.values(), Decimal(0))
    return {v: weight / total for v, weight in raw.items()}


def _moment(row: Weights, power: int) -> Decimal:
    return sum((weight * v**power for v, weight in row.items()), Decimal(0))
