"""From counts to a release and its private report, by suppression."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from anonymisation.counts import Counts
from anonymisation.errors import NoSafeRelease
from anonymisation.programme import Programme
from anonymisation.release import Cell, Release, Why
from anonymisation.suppression.bound import lower_bound
from anonymisation.suppression.earlier import known, same_people
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.report import private_report
from anonymisation.suppression.rule import Rule
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import Bools, System, build


def suppress(
    programme: Programme, counts: Counts, *, history: Sequence[Release], key: bytes
) -> tuple[Release, dict[str, Any]]:
    """Return a safe release and its private report; raise `NoSafeRelease` where none was proven."""
    begun = time.monotonic()
    earlier = same_people(programme, history)
    system = build(programme, counts, also=[table for release in earlier for table in release.programme.tables])
    work = Work(programme.policy.work_limit)
    greedy = Greedy(system, Solver(work), key, known(system, counts, earlier))
    if greedy.repair() is not None:
        raise NoSafeRelease(f"no safe release of tables {', '.join(t.id for t in programme.tables)} was proven")
    witnesses = greedy.witnesses()
    if programme.policy.rule_aware:
        rule = Rule(greedy)
        after = rule.run() or rule.empty()
        if after is None:
            raise NoSafeRelease(f"no safe release of tables {', '.join(t.id for t in programme.tables)} was proven")
        greedy.pattern, witnesses = after, rule.witnesses()
    release = write(system, greedy.pattern.shown, counts, revision=0)
    seconds = time.monotonic() - begun
    report = private_report(greedy, release, witnesses, seconds=seconds, bound=lower_bound(greedy))
    return release, report


def write(system: System, shown: Bools, counts: Counts, *, revision: int) -> Release:
    """Return the release of a pattern; `shown` (q,)."""
    value = system.matrix @ system.truth
    known: dict[tuple[int, int], int | None] = {}
    for quantity in np.flatnonzero([bool(cells) for cells in system.published]):
        for place in system.published[quantity]:
            known[place] = int(value[quantity]) if shown[quantity] else None
    programme = system.programme
    cells = {}
    for number, table in enumerate(programme.tables):
        row = []
        for at, cell in enumerate(table.published(programme)):
            here = known.get((number, at))
            why = Why.WAITING if (number, at) not in known else Why.PROTECTED if here is None else None
            row.append(Cell(cell, here, why))
        cells[table.id] = tuple(row)
    empty = not any(cell.value is not None for row in cells.values() for cell in row)
    return Release(programme, counts.contributors, cells, revision, empty)
