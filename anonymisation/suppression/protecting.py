"""From counts to a release and its private report, by suppression."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from anonymisation.costs import MOST_COST, is_cost
from anonymisation.counts import Counts
from anonymisation.errors import CostsError, NoSafeRelease
from anonymisation.programme import Programme
from anonymisation.release import Cell, Release, Why
from anonymisation.suppression.bound import cheapest
from anonymisation.suppression.covering import cover, is_large
from anonymisation.suppression.earlier import known, same_people
from anonymisation.suppression.exact import improve, outset
from anonymisation.suppression.greedy import Costs, Greedy
from anonymisation.suppression.report import private_report
from anonymisation.suppression.rule import Rule
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import Bools, System, build

Place = tuple[str, tuple[str, ...]]
DEFAULT_WORK = 20_000_000
"""Iterations and nodes, if the policy sets no limit: some minutes."""


def suppress(
    programme: Programme,
    counts: Counts,
    *,
    history: Sequence[Release],
    key: bytes,
    costs: Costs | None = None,
    barred: Collection[Place] = (),
    revision: int = 0,
) -> tuple[Release, dict[str, Any]]:
    """Return a safe release and its private report; raise `NoSafeRelease` where none was proven.

    `costs` of single cells replace what hiding them costs by default; cells that are `barred` are never shown.
    """
    begun = time.monotonic()
    earlier = same_people(programme, history)
    system = build(programme, counts, also=[release.programme for release in earlier])
    work = Work(programme.policy.work_limit or DEFAULT_WORK, time.thread_time() + programme.policy.time_limit)
    told, places = known(system, counts, earlier), _places(system)
    hidden = np.isin(np.arange(len(told)), [places[cell] for cell in barred if cell in places])
    greedy = Greedy(system, Solver(work), key, told, barred=hidden, own=_checked(costs or {}, programme))
    if is_large(greedy):
        found = cover(greedy)
        if found is None:
            raise unproven(programme)
        witnesses = found
    else:
        if greedy.repair(outset(greedy)) is not None:
            raise unproven(programme)
        improve(greedy)
        witnesses = sparse.csr_matrix(greedy.witnesses())
    if programme.policy.rule_aware:
        rule = Rule(greedy)
        after = rule.run() or rule.empty()
        if after is None:
            raise unproven(programme)
        greedy.pattern, witnesses = after, sparse.csr_matrix(rule.witnesses())
    release = write(system, greedy.pattern.shown, counts, revision=revision)
    seconds = time.monotonic() - begun
    report = private_report(greedy, release, witnesses, seconds=seconds, bound=cheapest(greedy).cost)
    return release, report


def values(programme: Programme, counts: Counts) -> dict[Place, int]:
    """Return the true value of each published cell that is about those who delivered."""
    system = build(programme, counts)
    value = system.matrix @ system.truth
    return {place: int(value[q]) for place, q in _places(system).items()}


def unproven(programme: Programme) -> NoSafeRelease:
    """Return the refusal, which names tables and never cells."""
    return NoSafeRelease(f"no safe release of tables {', '.join(t.id for t in programme.tables)} was proven")


def _places(system: System) -> dict[Place, int]:
    """Return the quantity of each published cell that is about those who delivered."""
    tables = system.programme.tables
    keys = [table.published(system.programme) for table in tables]
    return {(tables[t].id, keys[t][at]): q for q, cells in enumerate(system.published) for t, at in cells}


def _checked(costs: Costs, programme: Programme) -> Costs:
    published = {(table.id, key) for table, key in programme.cells()}
    problems = [f"costs: table {t}: no such cell {', '.join(key)}" for t, key in costs if (t, key) not in published]
    problems += [
        f"costs: table {t}: not a whole number from 0 to {MOST_COST}" for (t, _), n in costs.items() if not is_cost(n)
    ]
    if problems:
        raise CostsError(problems)
    return costs


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
