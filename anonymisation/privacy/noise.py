"""Exact whole-number noise through OpenDP, which is an optional extra."""

from __future__ import annotations

from math import exp, inf, nextafter, sqrt

import numpy as np

from anonymisation.cells import Ints
from anonymisation.errors import MissingExtra


def discrete_laplace(values: Ints, *, sensitivity: int, epsilon: float) -> tuple[Ints, float]:
    """Return (c,) `values` with discrete Laplace noise, and its scale; raise `MissingExtra` without OpenDP.

    `sensitivity` is the most cells that one person is in. OpenDP draws from the operating system's secure source; it
    cannot be seeded.
    """
    try:
        import opendp.prelude as dp  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise MissingExtra("method dp needs OpenDP: install the extra dp, pip install 'bu-vett[dp]'") from None
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64"), size=len(values)), dp.l1_distance(T="i64")
    scale = sensitivity / epsilon
    measure = dp.m.make_laplace(*space, scale=scale)
    while measure.map(sensitivity) > epsilon:  # type: ignore[no-untyped-call]
        # OpenDP rounds its proof up: a hair more noise keeps it within epsilon.
        scale = nextafter(scale, inf)
        measure = dp.m.make_laplace(*space, scale=scale)
    return np.array(measure(values.tolist()), dtype=np.int64), scale


def standard_deviation(scale: float) -> float:
    """Return that of discrete Laplace noise: its variance is 2 q / (1 - q)**2 with q = exp(-1 / scale).

    >>> round(standard_deviation(1.0), 3)
    1.357
    """
    q = exp(-1 / scale)
    return sqrt(2 * q) / (1 - q)
