"""Other years of `vt-2026`: `python -m tests.benchmarks.other_years [YEAR ...]`.

The seven registers are one year. Others are drawn around it: as many people as chance has it (Poisson) in each
municipality, and for each list their codes as they are there, drawn to what the region has. Each is protected by the
programme's own policy and attacked with the truth. Results go to tests/benchmarks/results/other-years.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from anonymisation import Counts, audit, protect
from tests.benchmarks.disclosure import CASES, measured

RESULTS = Path(__file__).parent / "results" / "other-years.md"
YEARS = 20
DRAWN = 2
"""People whose codes are the region's, added to each municipality before its own are drawn."""
HEAD = """# Other years of `vt-2026`

`python -m tests.benchmarks.other_years`: registers drawn around the seven (see there), protected by the programme's own
policy, with `rule_aware`, and attacked with the truth. *Shown* are cells above 0 of 253 distinct numbers, counted in
every table that has them. Processor seconds.

| year | people | shown | gap | protect (s) | audit (s) | verdict |
| --- | --- | --- | --- | --- | --- | --- |
"""


def year(number: int) -> Counts:
    """Return the counts of a year; every table's dimensions are the municipality and one list."""
    programme, known = CASES["vt-2026"].load()
    random = np.random.default_rng(number)
    lists: dict[tuple[str, ...], np.ndarray] = {}
    for table in programme.tables:
        lists.setdefault(table.axes(programme), np.asarray(known.tables[table.id]))
    people = random.poisson(known.tables["support"].sum(axis=1)).clip(1)
    drawn = {}
    for axes, counts in lists.items():
        own = axes.index(str(programme.contributor))
        here, several = np.moveaxis(counts, own, 0).astype(float), programme.dimension(axes[1 - own]).multi
        region = here.sum(axis=0)
        codes = np.zeros(here.shape, np.int64)
        for at, number_of in enumerate(people):
            if several:
                share = (here[at, :-1] + DRAWN * region[:-1] / region[-1]) / (here[at, -1] + DRAWN)
                codes[at] = [*random.binomial(number_of, share.clip(0, 1)), number_of]
            else:
                share = here[at] + DRAWN * region / region.sum()
                codes[at] = random.multinomial(number_of, share / share.sum())
        drawn[axes] = np.moveaxis(codes, 0, own)
    return Counts.from_tables(programme, {table.id: drawn[table.axes(programme)] for table in programme.tables})


def main() -> None:
    """Protect and attack what was asked for, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.benchmarks.other_years")
    parser.add_argument("years", nargs="*", type=int, metavar="YEAR")
    years = parser.parse_args().years or range(YEARS)
    lines = []
    for number in years:
        counts = year(number)
        begun = time.process_time()
        done = protect(counts.programme, counts, key=b"year %d" % number)
        between = time.process_time()
        report = audit(done.release, counts=counts)
        end = time.process_time()
        verdict = "safe" if report.safe and report.complete else "not safe" if report.complete else "not finished"
        shown = sum(bool(cell.value) for _, cell in done.release)
        total = int(counts.tables["support"].sum())
        spent = f"{between - begun:.1f} | {end - between:.1f}"
        lines.append(f"| {number} | {total} | {shown} | {done.report['gap']:.1%} | {spent} | {verdict} |")
        print(lines[-1], flush=True)
    RESULTS.write_text(HEAD + "\n".join(lines) + f"\n\nMeasured with: {measured()}.\n", encoding="utf-8")


if __name__ == "__main__":
    main()
