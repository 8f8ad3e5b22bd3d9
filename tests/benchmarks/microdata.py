"""Synthetic people for the disclosure benchmarks: always the same, and nobody real.

The draw uses `random.Random.random` alone, whose stream is the same in every version of Python. *small* has 600 people
in seven municipalities, *large* 150,000 in 356 municipalities of 15 counties.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

AGE = ("18-24", "25-34", "35-44", "45-54", "55-66", "67+")
SEX = ("M", "K")
HOUSING = (
    "owner", "private_rent", "municipal_rent", "with_family", "temporary", "institution", "shelter", "none",
)  # fmt: skip
NEED = ("none", "low", "moderate", "high", "very_high", "unclear")
PERSONAL = ("age", "sex", "housing", "need")

AGE_WEIGHTS = (0.14, 0.22, 0.21, 0.18, 0.15, 0.10)
MEN = 0.63
# By age: the older own, the younger live with family or for a while somewhere.
HOUSING_WEIGHTS = (
    (0.03, 0.25, 0.14, 0.24, 0.16, 0.04, 0.06, 0.08),
    (0.06, 0.31, 0.20, 0.10, 0.16, 0.05, 0.05, 0.07),
    (0.11, 0.30, 0.25, 0.05, 0.14, 0.06, 0.04, 0.05),
    (0.15, 0.26, 0.29, 0.03, 0.12, 0.07, 0.04, 0.04),
    (0.22, 0.20, 0.31, 0.02, 0.09, 0.10, 0.03, 0.03),
    (0.30, 0.13, 0.32, 0.02, 0.05, 0.16, 0.01, 0.01),
)
# By housing.
NEED_WEIGHTS = (
    (0.28, 0.34, 0.22, 0.10, 0.03, 0.03),
    (0.16, 0.30, 0.29, 0.16, 0.05, 0.04),
    (0.08, 0.22, 0.33, 0.24, 0.09, 0.04),
    (0.12, 0.26, 0.31, 0.20, 0.06, 0.05),
    (0.03, 0.11, 0.27, 0.34, 0.20, 0.05),
    (0.03, 0.09, 0.22, 0.34, 0.28, 0.04),
    (0.01, 0.05, 0.18, 0.36, 0.35, 0.05),
    (0.01, 0.04, 0.16, 0.34, 0.38, 0.07),
)
INHABITANTS = {"K1": 1200, "K2": 1480, "K3": 1750, "K4": 2100, "K5": 2560, "K6": 3130, "K7": 3700}
COUNTIES = (1, 23, 46, 27, 43, 41, 38, 18, 18, 51, 6, 23, 15, 3, 3)
"""How many municipalities each of the fifteen counties has."""

Person = tuple[str, ...]


@dataclass(frozen=True)
class People:
    """Columns, and one row for each person."""

    columns: tuple[str, ...]
    rows: tuple[Person, ...]

    def write(self, path: Path, columns: Sequence[str]) -> None:
        """Write counts over some of the columns as C.csv with `n`."""
        places = [self.columns.index(name) for name in columns]
        found = Counter(tuple(row[at] for at in places) for row in self.rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*columns, "n"])
            writer.writerows([*key, n] for key, n in sorted(found.items()))


def small() -> People:
    """Return 600 people in seven municipalities."""
    return _people(Random(20240601), tuple(INHABITANTS), tuple(INHABITANTS.values()), 600)


def large() -> People:
    """Return 150,000 people in 356 municipalities, of 200 to 200,000 inhabitants, more of them small."""
    random = Random(20240602)
    names = municipalities()
    weights = [200 * (1000 ** (random.random() ** 2)) for _ in names]
    return _people(random, names, weights, 150_000)


def municipalities() -> tuple[str, ...]:
    """Return the 356 municipalities of *large*, county by county: M0101 is the first of county F01."""
    return tuple(f"M{county:02d}{at:02d}" for county, size in enumerate(COUNTIES, 1) for at in range(1, size + 1))


def _people(random: Random, names: Sequence[str], weights: Sequence[float], number: int) -> People:
    ends = list(accumulate(weights))
    rows = []
    for _ in range(number):
        place = names[bisect_right(ends, random.random() * ends[-1])]
        rows.append((place, *_facts(random)))
    return People(("municipality", *PERSONAL), tuple(rows))


def _facts(random: Random) -> Iterator[str]:
    age = _pick(random, AGE_WEIGHTS)
    yield AGE[age]
    yield SEX[0] if random.random() < MEN else SEX[1]
    housing = _pick(random, HOUSING_WEIGHTS[age])
    yield HOUSING[housing]
    yield NEED[_pick(random, NEED_WEIGHTS[housing])]


def _pick(random: Random, weights: Sequence[float]) -> int:
    left = random.random() * sum(weights)
    for at, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return at
    return len(weights) - 1
