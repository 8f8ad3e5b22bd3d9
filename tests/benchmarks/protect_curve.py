"""What protecting costs as the work grows: `python -m tests.benchmarks.protect_curve [MUNICIPALITIES ...]`.

*three-way* and *small* first, then the first so many municipalities of *large* in its ten tables, with the policy of
large.toml, at last *large* itself with its counties. Each in a process of its own that gets so much processor time and
no more; what is not finished then is told as such, and larger sizes are not tried. Results go to
tests/benchmarks/results/protect-curve.md.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

from anonymisation import protect
from tests.benchmarks.audit_curve import load
from tests.benchmarks.disclosure import CASES, KEY, measured, who

RESULTS = Path(__file__).parent / "results" / "protect-curve.md"
NAMED = ("three-way", "small")
SIZES = ("1", "2", "4", "16", "64", "200", "large")
SECONDS = 400
HEAD = f"""# What protecting costs as the work grows

`python -m tests.benchmarks.protect_curve`: *three-way* and *small*, then the first so many municipalities of *large*,
ten tables of three dimensions, and *large* itself with its counties; threshold 4, width 1, one attacker, the public.
Processor seconds; memory is the most that the process held. *Cells* are distinct numbers, *secondary* those hidden that
are not small themselves. Each size had {SECONDS} s of processor time; after the first that was not finished, larger
ones were not tried.

| municipalities | cells | small | secondary | gap | protect (s) | memory (MB) |
| --- | --- | --- | --- | --- | --- | --- |
"""


def one(size: str) -> str:
    """Protect one size; return its line of the table."""
    if size in CASES:
        programme, counts = CASES[size].load()
    else:
        counts = load(int(size))
        programme = counts.programme
    begun = time.process_time()
    done = protect(programme, counts, key=KEY)
    spent = time.process_time() - begun
    cells = {who(programme, table, cell): cell.value for table, cell in done.release}
    named = {(line["table"], *line["key"]) for line in done.report["why"] if line["why"] == "small"}
    small = len({who(programme, table, cell) for table, cell in done.release if (table.id, *cell.key) in named})
    secondary = sum(value is None for value in cells.values()) - small
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    gap = f"{100 * done.report['gap']:.1f} %"
    return f"| {size} | {len(cells):,} | {small:,} | {secondary:,} | {gap} | {spent:.1f} | {most} |"


def main() -> None:
    """Measure the sizes asked for and write the results."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.protect_curve", description=__doc__)
    parser.add_argument("municipalities", nargs="*", default=(*NAMED, *SIZES), help="or three-way, small, large")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        print(one(asked.one))
        return
    lines = []
    for size in asked.municipalities:
        command = [sys.executable, "-m", "tests.benchmarks.protect_curve", "--one", size]
        done = subprocess.run(command, capture_output=True, text=True)
        finished = done.returncode == 0
        lines.append(done.stdout.strip() if finished else f"| {size} | | | | | not finished in {SECONDS} | |")
        print(lines[-1], flush=True)
        RESULTS.write_text(HEAD + "\n".join(lines) + f"\n\nMeasured with: {measured()}\n")
        if not finished:
            break


if __name__ == "__main__":
    main()
