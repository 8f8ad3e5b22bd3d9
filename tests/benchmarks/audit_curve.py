"""What an audit costs as the work grows: `python -m tests.benchmarks.audit_curve [MUNICIPALITIES ...]`.

The first so many municipalities of *large*, in its ten tables. The releases are no product of the suppressor, so that
the curve is the attacker's alone: every count that is not 0 and below a limit is hidden, whatever its table. The public
attacks each size with the truth, in a process of its own that gets so much processor time and no more; what is not
finished then is told as such. Results go to tests/benchmarks/results/audit-curve.md.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from anonymisation import Counts, Programme, audit
from anonymisation.release import Cell, Release, Why
from tests.benchmarks import microdata
from tests.benchmarks.disclosure import PROGRAMMES, measured

RESULTS = Path(__file__).parent / "results" / "audit-curve.md"
SIZES = (1, 4, 16, 64, 128, 200, 356)
LIMIT = 30
"""Counts from this on are shown."""
SECONDS = 300
HEAD = """# What an audit costs as the work grows

`python -m tests.benchmarks.audit_curve`: the first so many municipalities of *large*, ten tables of three dimensions;
hidden is every count from 1 to {limit}. One attacker, the public, with the truth. Processor seconds; memory is the most
that the process held. *Cells* are published cells; each size had {seconds} s of processor time.

| municipalities | cells | hidden | quantities | audit (s) | memory (MB) | verdict |
| --- | --- | --- | --- | --- | --- | --- |
"""


def load(municipalities: int) -> Counts:
    """The counts of the first so many municipalities."""
    whole = Programme.load(PROGRAMMES / "large.toml")
    wanted = whole.dimension("municipality").codes[:municipalities]
    dimensions = tuple(replace(d, codes=wanted, levels=()) if d.name == "municipality" else d for d in whole.dimensions)
    tables = tuple(
        replace(t, levels=tuple(tuple(one for one in levels if one != "county") for levels in t.levels))
        for t in whole.tables
    )
    programme = Programme.from_json(replace(whole, dimensions=dimensions, tables=tables, contributor=None).to_json())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.csv"
        microdata.large().write(path, [d.name for d in programme.dimensions])
        at = [d.name for d in programme.dimensions].index("municipality")
        head, *rows = path.read_text().splitlines()
        path.write_text("\n".join([head, *(row for row in rows if row.split(",")[at] in set(wanted))]) + "\n")
        return Counts.load(path, programme)


def hide(counts: Counts) -> Release:
    """A release that hides every count from 1 to the limit."""
    programme = counts.programme
    cells = {}
    for table in programme.tables:
        dimensions = [programme.dimension(name) for name in table.axes(programme)]
        sums = counts.tables[table.id].astype(np.int64)
        for axis, dimension in enumerate(dimensions):
            picked = [sums.take(list(members), axis=axis).sum(axis=axis) for members in dimension.members.values()]
            sums = np.stack(picked, axis=axis)
        place = [{code: at for at, code in enumerate(dimension.members)} for dimension in dimensions]
        row = []
        for key in table.published(programme):
            # Without the contributor's axis a table publishes sums over everyone.
            whole = (*key, *(dimension.total for dimension in dimensions[len(key) :]))
            value = int(sums[tuple(at[code] for at, code in zip(place, whole, strict=True))])
            row.append(Cell(key, None, Why.PROTECTED) if 0 < value < LIMIT else Cell(key, value))
        cells[table.id] = tuple(row)
    return Release(programme, counts.contributors, cells, 0)


def one(municipalities: int) -> str:
    """Attack one size; return its line of the table."""
    counts = load(municipalities)
    release = hide(counts)
    begun = time.process_time()
    report = audit(release, counts=counts)
    spent = time.process_time() - begun
    (public,) = report.attackers
    hidden = sum(cell.value is None for _, cell in release)
    verdict = "safe" if report.safe else f"{len(public.disclosed)} disclosed, {public.unfinished} not finished"
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    count = sum(1 for _ in release)
    return f"| {municipalities} | {count:,} | {hidden:,} | {public.checked:,} | {spent:.1f} | {most} | {verdict} |"


def main() -> None:
    """Measure the sizes asked for and write the results."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.audit_curve", description=__doc__)
    parser.add_argument("municipalities", nargs="*", type=int, default=SIZES)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        print(one(asked.one))
        return
    lines = []
    for size in asked.municipalities or SIZES:
        command = [sys.executable, "-m", "tests.benchmarks.audit_curve", "--one", str(size)]
        done = subprocess.run(command, capture_output=True, text=True)
        lines.append(
            done.stdout.strip() if done.returncode == 0 else f"| {size} | | | | > {SECONDS} | | not finished |"
        )
        print(lines[-1], flush=True)
        told = HEAD.format(limit=LIMIT - 1, seconds=SECONDS) + "\n".join(lines)
        RESULTS.write_text(f"{told}\n\nMeasured with: {measured()}\n")


if __name__ == "__main__":
    main()
