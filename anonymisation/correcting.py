"""Corrections: the next revision of a release is about other people, and the difference must not be small and narrow.

What was hidden stays hidden, and so does what changed by little. The rest is made as if alone; then the attacker
subtracts. What it can work out about the difference rests on shown cells, so these are hidden and it is asked again.
What never was shown cannot be subtracted, so at the latest the empty release holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anonymisation.attack import audit
from anonymisation.attack.report import AuditReport
from anonymisation.counts import Counts
from anonymisation.programme import Programme, Table
from anonymisation.release import Release
from anonymisation.suppression.greedy import Costs
from anonymisation.suppression.protecting import Place, suppress, unproven, values

ROUNDS = 12
"""Times that the attacker is asked before everything is hidden."""


def next_revision(programme: Programme, history: Sequence[Release]) -> int:
    """Return the revision that a release after these has; 0 where none of them is of the same programme and period."""
    before = [r.revision for r in history if (r.programme.id, r.programme.period) == (programme.id, programme.period)]
    return max(before, default=-1) + 1


def correct(
    programme: Programme, counts: Counts, *, history: Sequence[Release], key: bytes, costs: Costs | None = None
) -> tuple[Release, dict[str, Any]]:
    """Return a correction that tells nothing small about the difference; raise `NoSafeRelease` if none was proven."""
    revision = next_revision(programme, history)
    barred = _begin(programme, counts, history, revision)
    everything = set(values(programme, counts))
    for turn in range(ROUNDS + 1):
        release, report = suppress(
            programme, counts, history=history, key=key, costs=costs, barred=barred, revision=revision
        )
        found = audit(release, history=history, counts=counts)
        if found.safe and found.complete:
            return release, report | {"attackers": len(found.attackers)}
        if release.empty:
            break
        more = _behind(release, found) - barred
        barred = barred | more if more and turn < ROUNDS - 1 else everything
    raise unproven(programme)


def _begin(programme: Programme, counts: Counts, history: Sequence[Release], revision: int) -> set[Place]:
    """Return the cells that were hidden in the revision before, and those that would tell a small difference."""
    barred: set[Place] = set()
    now = values(programme, counts)
    for release in history:
        if (release.programme.id, release.programme.period, release.revision) != (
            programme.id,
            programme.period,
            revision - 1,
        ):
            continue
        for table, cell in programme.cells():
            before = release.values.get((table.id, cell))
            if before is None or 0 < abs(now.get((table.id, cell), 0) - before) < table.threshold:
                barred.add((table.id, cell))
    return barred


def _behind(release: Release, found: AuditReport) -> set[Place]:
    """Return the shown cells that the exposed differences rest on: themselves, else all that share people with them."""
    told = [exposed for attacker in found.attackers for exposed in attacker.disclosed]
    behind = {(exposed.table, exposed.key) for exposed in told} & set(release.values)
    if not behind:
        for exposed in told:
            table = release.programme.table(exposed.table)
            behind |= {
                (table.id, cell.key)
                for cell in release.cells[table.id]
                if cell.value is not None and _meet(release.programme, table, cell.key, exposed.key)
            }
    return behind


def _meet(programme: Programme, table: Table, one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether two cells of a table count some of the same people."""
    for name, a, b in zip(table.dimensions, one, other, strict=False):
        dimension = programme.dimension(name)
        if not dimension.multi and not set(dimension.members[a]) & set(dimension.members[b]):
            return False
    return True
