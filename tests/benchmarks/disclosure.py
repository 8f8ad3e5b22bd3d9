"""Protecting and attacking whole programmes: `python -m tests.benchmarks.disclosure [CASE ...]`.

Each case is protected, and its release attacked with the truth, in a process of its own, so that processor time and
memory are the case's alone. What is measured goes to tests/benchmarks/results/disclosure.json and, as tables, to
disclosure.md beside it; cases that are not asked for keep their last figures.

`--only protect` leaves the attack out. `--only audit` attacks the release that `--keep DIR` kept last time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from anonymisation import Counts, Programme, Release, audit, protect
from anonymisation.errors import NoSafeRelease
from anonymisation.programme import Table
from anonymisation.release import Cell
from tests.benchmarks import microdata

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results" / "disclosure"
PROGRAMMES = HERE / "programmes"
VT_2026 = ROOT / "platform" / "buvett" / "releases" / "programmes" / "vt-2026.toml"
KEY = b"benchmark"


@dataclass(frozen=True)
class Case:
    """A programme, where its people come from, and the figure to reach."""

    programme: Path
    people: Callable[[], microdata.People] | None
    goal: str
    rule_aware: bool | None = None

    def load(self) -> tuple[Programme, Counts]:
        """Return the programme and its counts."""
        programme = Programme.load(self.programme)
        if self.people is None:
            counts = Counts.load(ROOT / "tests/data/vt-2026/counts.json", programme)
        else:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "counts.csv"
                self.people().write(path, [dimension.name for dimension in programme.dimensions])
                counts = Counts.load(path, programme)
        if self.rule_aware is not None:
            programme = replace(programme, policy=replace(programme.policy, rule_aware=self.rule_aware))
            counts = Counts.from_tables(programme, dict(counts.tables), contributors=counts.contributors)
        return programme, counts


CASES = {
    "vt-2026": Case(VT_2026, None, "safe, gap ≤ 2 %, protect and audit < 5 s together"),
    "vt-2026-plain": Case(VT_2026, None, "the same without clause (iii)", rule_aware=False),
    "three-way": Case(PROGRAMMES / "three-way.toml", microdata.small, "≤ 36 secondary, < 3 s"),
    "small": Case(PROGRAMMES / "small.toml", microdata.small, "< 130 secondary, < 5 s"),
    "small-insiders": Case(PROGRAMMES / "small-insiders.toml", microdata.small, "safe, < 60 s, gap reported"),
    "large": Case(PROGRAMMES / "large.toml", microdata.large, "< 5 min, < 4 GB"),
    "large-insiders": Case(PROGRAMMES / "large-insiders.toml", microdata.large, "< 15 min"),
}


def who(programme: Programme, table: Table, cell: Cell) -> frozenset[tuple[str, str]]:
    """Return who a cell counts, so that the margins that tables share are one number."""
    totals = (programme.dimension(name).total for name in table.dimensions)
    pairs = zip(table.dimensions, cell.key, totals, strict=True)
    return frozenset((name, code) for name, code, total in pairs if code != total)


def run(name: str, only: str, kept: Path) -> dict[str, object]:
    """Protect and attack one case; return its figures."""
    programme, counts = CASES[name].load()
    figures: dict[str, object] = {}
    if only != "audit":
        figures["protect"] = _protect(programme, counts, kept)
    if only != "protect" and kept.exists():
        release = Release.load(kept)
        begun, clock = time.process_time(), time.monotonic()
        report = audit(release, counts=counts)
        figures["audit"] = _spent(begun, clock) | {"safe": report.safe, "complete": report.complete}
    return figures


def _protect(programme: Programme, counts: Counts, kept: Path) -> dict[str, object]:
    begun, clock = time.process_time(), time.monotonic()
    try:
        done = protect(programme, counts, key=KEY)
    except NoSafeRelease:
        kept.unlink(missing_ok=True)
        return _spent(begun, clock) | {"refused": True}
    spent = _spent(begun, clock)
    kept.write_bytes(done.release.to_bytes())
    cells = {who(programme, table, cell): cell.value for table, cell in done.release}
    whole = {key: value for key, value in cells.items() if value is not None}
    report = done.report
    reasons: dict[str, int] = {}
    for entry in report["why"]:
        reasons[entry["why"]] = reasons.get(entry["why"], 0) + 1
    hidden = len(cells) - len(whole)
    small = {(entry["table"], *entry["key"]) for entry in report["why"] if entry["why"] == "small"}
    primary = len({who(programme, table, cell) for table, cell in done.release if (table.id, *cell.key) in small})
    return spent | {
        "cells": len(cells),
        "small": primary,
        "hidden": hidden,
        "secondary": hidden - primary,
        "shown_above_zero": sum(value > 0 for value in whole.values()),
        "cost": report["cost"],
        "bound": report["bound"],
        "gap": report["gap"],
        "narrowest": report["narrowest"],
        "why": reasons,
    }


def _spent(begun: float, clock: float) -> dict[str, object]:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "cpu": round(time.process_time() - begun, 2),
        "clock": round(time.monotonic() - clock, 2),
        "megabytes": round(most / 1024),
    }


def render(figures: dict[str, dict[str, dict[str, object]]]) -> str:
    """Return the tables."""
    lines = [
        "# Disclosure control: what it costs",
        "",
        "`python -m tests.benchmarks.disclosure`; each case in a process of its own. *Cells* are distinct numbers: a",
        "margin that tables share counts once. *Small* are those that are small to everyone, *secondary* all others",
        "that are hidden. *Gap* is how far the cost may be above that of the cheapest safe pattern, by a proven bound.",
        "Time is processor time in seconds; memory is the most that the process held, in MB. *Pace* is the processor",
        "time of ten million additions just before: the same machine is not as quick every day.",
        "",
        "| case | cells | small | secondary | above 0 | gap | protect (s) | memory | audit (s) | verdict | to reach |",
        "|" + " --- |" * 11,
    ]
    for name in CASES:
        made, attacked = figures.get(name, {}).get("protect", {}), figures.get(name, {}).get("audit", {})
        gap = f"{100 * float(str(made['gap'])):.1f} %" if "gap" in made else ""
        verdict = {(True, True): "safe", (False, True): "NOT safe", (False, False): "not finished"}
        verdict_told = verdict[bool(attacked["safe"]), bool(attacked["complete"])] if attacked else ""
        columns = [
            name,
            *("refused" if made.get("refused") and key == "cells" else str(made.get(key, "")) for key in (
                "cells", "small", "secondary", "shown_above_zero"
            )),
            gap,
            *(str(made.get(key, "")) for key in ("cpu", "megabytes")),
            str(attacked.get("cpu", "")),
            verdict_told,
            CASES[name].goal,
        ]  # fmt: skip
        lines.append("| " + " | ".join(columns) + " |")
    lines += ["", "Measured with:", ""]
    for name in CASES:
        for part, found in figures.get(name, {}).items():
            lines.append(f"- {name}, {part}: {found['measured']}")
    return "\n".join(lines) + "\n"


def measured() -> str:
    """Say when, with what, and how quick the machine was."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "highspy"))
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, pace {pace():.2f} s"
    return f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {packages}, {machine}"


def pace() -> float:
    """Return the processor time of ten million additions: the same machine is not as quick every day."""
    begun, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - begun


def main() -> None:
    """Measure the cases asked for and write the results."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.disclosure", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--only", choices=("protect", "audit"), default="")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where releases are kept, for a later --only audit")
    parser.add_argument("--limit", type=float, default=1800, metavar="SECONDS", help="for each case")
    parser.add_argument("--dry-run", action="store_true", help="tell the figures, leave the results as they are")
    parser.add_argument("--one", metavar="FILE", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    unknown = [name for name in asked.cases if name not in CASES]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}")
    with tempfile.TemporaryDirectory() as folder:
        kept = asked.keep or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        if asked.one:
            asked.one.write_text(json.dumps(run(asked.cases[0], asked.only, kept / f"{asked.cases[0]}.json")))
            return
        for name in asked.cases or CASES:
            answer = Path(folder) / "figures.json"
            command = [
                sys.executable,
                "-m",
                "tests.benchmarks.disclosure",
                name,
                "--one",
                str(answer),
                "--keep",
                str(kept),
            ]
            when = measured()
            try:
                subprocess.run(
                    [*command, *(["--only", asked.only] if asked.only else [])], check=True, timeout=asked.limit
                )
            except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as problem:
                print(f"{name}: {type(problem).__name__}", file=sys.stderr)
                continue
            figures = {part: {**found, "measured": when} for part, found in json.loads(answer.read_text()).items()}
            print(json.dumps({name: figures}, ensure_ascii=False))
            if not asked.dry_run:
                _store(name, figures)


def _store(name: str, figures: dict[str, dict[str, object]]) -> None:
    path = RESULTS.with_suffix(".json")
    known = json.loads(path.read_text()) if path.exists() else {}
    known[name] = {**known.get(name, {}), **figures}
    path.write_text(json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    RESULTS.with_suffix(".md").write_text(render(known))


if __name__ == "__main__":
    main()
