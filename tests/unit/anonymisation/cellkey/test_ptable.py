"""Perturbation tables: the Handbook's worked example, and what a table of the largest entropy must hold."""

import doctest
import hashlib
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize

from anonymisation.cellkey import PTable, maximum_entropy, ptable

# Handbook on SDC, 2nd ed., section 5.4: a fictional table, and three record keys.
HANDBOOK = [
    {0: Decimal(1)},
    {-1: Decimal("0.5"), 1: Decimal("0.5")},
    {0: Decimal("0.8"), 1: Decimal("0.2")},
    {-1: Decimal("0.3"), 0: Decimal("0.4"), 1: Decimal("0.3")},
]
RECORDS = {"A": "0.9", "B": "0.3", "C": "0.6"}
SETTINGS = [(5, 5.0, 3), (5, 5.0, 1), (2, 1.0, 2), (1, 0.6, 1), (3, 0.3, 3)]


def test_handbook_worked_example():
    keys = [int(Decimal(key) * 2**64) for key in RECORDS.values()]
    cell_key = sum(keys) % 2**64
    assert round(cell_key / 2**64, 9) == 0.8
    found = PTable.of(HANDBOOK).perturb(np.array([3]), np.array([cell_key], dtype=np.uint64))
    assert found.tolist() == [4]


@pytest.mark.parametrize(
    ("count", "share", "perturbed"),
    [(0, "0.99", 0), (1, "0.49", 0), (1, "0.5", 2), (2, "0.79", 2), (2, "0.8", 3), (3, "0.3", 3), (7, "0.1", 6)],
)
def test_handbook_table_between_its_bounds(count: int, share: str, perturbed: int):
    key = np.array([int((Decimal(share) * 2**64).to_integral_value(rounding="ROUND_CEILING"))], dtype=np.uint64)
    assert PTable.of(HANDBOOK).perturb(np.array([count]), key).tolist() == [perturbed]


def rows(table: PTable):
    """Every row as deviations and probabilities."""
    for count, (deviations, ends) in enumerate(zip(table.deviations, table.ends, strict=True)):
        starts = (0, *ends[:-1])
        yield count, np.array(deviations), np.array([(b - a) / 2**64 for a, b in zip(starts, ends, strict=True)])


@pytest.mark.parametrize(("deviation", "variance", "smallest"), SETTINGS)
def test_every_row_is_unbiased_bounded_and_shows_no_small_count(deviation: int, variance: float, smallest: int):
    for count, off, chance in rows(maximum_entropy(deviation, variance, smallest)):
        assert chance.min() > 0 or count == 0 or abs(off[chance.argmin()]) == deviation
        assert chance.sum() == pytest.approx(1, abs=1e-12)
        assert (off * chance).sum() == pytest.approx(0, abs=1e-12)
        assert np.abs(off).max() <= deviation
        assert all(count + v == 0 or count + v >= smallest for v in off)
        if count >= deviation + smallest:
            assert (off * off * chance).sum() == pytest.approx(variance, abs=1e-9)
        if count == 0:
            assert off.tolist() == [0]


@pytest.mark.parametrize(("deviation", "variance", "smallest"), SETTINGS[:3])
def test_no_other_row_has_more_entropy(deviation: int, variance: float, smallest: int):
    """Against a general optimiser that knows nothing of the form of the answer."""
    for count, off, chance in rows(maximum_entropy(deviation, variance, smallest)):
        if count == 0 or len(off) == 2:
            continue
        most = max(variance, (off * off * chance).sum())
        found = minimize(
            lambda p: float((p * np.log(np.maximum(p, 1e-300))).sum()),
            np.full(len(off), 1 / len(off)),
            bounds=[(1e-9, 1)] * len(off),
            constraints=[
                {"type": "eq", "fun": lambda p: p.sum() - 1},
                {"type": "eq", "fun": lambda p, off=off: p @ off},
                {"type": "ineq", "fun": lambda p, off=off, most=most: most - p @ (off * off)},
            ],
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-12},
        )
        assert (chance * np.log(chance)).sum() <= found.fun + 1e-6


def test_two_points_where_no_less_variance_is_possible():
    count, off, chance = list(rows(maximum_entropy(3, 0.3, 3)))[1]
    assert (count, off.tolist(), chance.round(6).tolist()) == (1, [-1, 2], [0.666667, 0.333333])


def test_noise_over_all_keys_is_that_of_the_table():
    table = maximum_entropy(3, 2.0, 2)
    keys = (np.arange(4096, dtype=np.uint64) << np.uint64(52)) + np.uint64(2**51)
    for count, off, chance in rows(table):
        found = table.perturb(np.full(4096, count), keys) - count
        for deviation, share in zip(off, chance, strict=True):
            assert (found == deviation).mean() == pytest.approx(share, abs=1 / 2048)


def test_table_is_the_same_everywhere():
    told = repr([maximum_entropy(*setting) for setting in SETTINGS]).encode()
    assert hashlib.sha256(told).hexdigest() == "86a9b7d302cc315d96bd9942572ec190dcf5e6579cf65185c6b84f17f0a35b3e"


def test_rows_beyond_the_last_are_equal():
    table = maximum_entropy(2, 1.0, 2)
    for one, key in product((4, 5, 100), (0, 2**63, 2**64 - 1)):
        found = table.perturb(np.array([one, 4]), np.array([key, key], dtype=np.uint64))
        assert found[0] - one == found[1] - 4


def test_doctest():
    assert doctest.testmod(ptable).failed == 0
