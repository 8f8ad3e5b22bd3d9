"""Rounding against the best peer: `python -m tests.benchmarks.rounding`.

*small* of the other benchmarks, base 3, the total of everyone exact, under five keys; figures over the cells that are
not 0 in truth, each once though several tables show it. The peer is SmallCountRounding 1.2.5 on the same cells, as
measured for this project: its total of 600 becomes 601. Writes results/rounding.md, with what the attack on the first
of the releases costs.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from anonymisation import Counts, Programme, audit, cells
from anonymisation.rounding import round_counts
from tests.benchmarks import microdata

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "rounding.md"
ROUND = '[policy]\nmethod = "round"\nround = { base = 3, max_deviation = 7, exact = [[]] }'
KEYS = [f"benchmark {number}".encode() for number in range(1, 6)]
PEER = ("SmallCountRounding", 1637, 7, 1.46, "601, not 600", 0.7)
Figures = tuple[str, int, int, float, str, float]


def counts() -> Counts:
    """Return the counts of *small* under a rounding policy."""
    text = (HERE / "programmes" / "small.toml").read_text(encoding="utf-8")
    programme = Programme.parse(text.replace("[policy]", ROUND))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.csv"
        microdata.small().write(path, [dimension.name for dimension in programme.dimensions])
        return Counts.load(path, programme)


def attack(given: Counts) -> str:
    """Tell what the attack on a release costs, and its verdict."""
    release, _ = round_counts(given, history=(), key=KEYS[0])
    begun = time.process_time()
    report = audit(release, counts=given)
    verdict = "safe" if report.safe else "NOT safe"
    return f"The attack on the first: {verdict}, {time.process_time() - begun:.0f} processor seconds."


def measure(given: Counts) -> Iterator[Figures]:
    """Give for each key: cells, largest and mean deviation, the total, and processor seconds."""
    found = cells.of(given)
    truth = found.sums(given.tables)
    everyone = found.people.index(())
    for key in KEYS:
        begun = time.process_time()
        release, _ = round_counts(given, history=(), key=key)
        spent = time.process_time() - begun
        value = np.zeros_like(truth)
        for table in given.programme.tables:
            for at, cell in zip(found.places[table.id], release.cells[table.id], strict=True):
                value[at] = cell.value
        off = np.abs(value - truth)[truth > 0]
        total = f"{value[everyone]} of {truth[everyone]}"
        yield key.decode(), len(off), int(off.max()), float(off.mean()), total, spent


def main() -> None:
    """Measure and write the results."""
    given = counts()
    rows = [*measure(given), PEER]
    told = [
        f"| {name} | {number:,} | {most} | {mean:.2f} | {total} | {spent:.1f} |"
        for name, number, most, mean, total, spent in rows
    ]
    cores, load = os.cpu_count(), os.getloadavg()[0]
    versions = f"Python {platform.python_version()}, numpy {version('numpy')}, scipy {version('scipy')}"
    text = "\n".join(
        [
            "# Rounding: how far from the truth",
            "",
            *(line for line in str(__doc__).splitlines()[2:6]),
            "",
            "| key | cells above 0 | largest deviation | mean deviation | total of everyone | processor seconds |",
            "|" + " --- |" * 6,
            *told,
            "",
            attack(given),
            f"Measured {datetime.now(UTC):%Y-%m-%d}, {versions}, {cores} cores, load {load:.1f}.",
            "",
        ]
    )
    RESULTS.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
