"""`protect`: from a programme and its true counts to a release that is safe, or to a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anonymisation.attack import audit
from anonymisation.cellkey import perturb_counts
from anonymisation.correcting import correct, next_revision
from anonymisation.counts import Counts
from anonymisation.errors import CostsError, CountsError, NoSafeRelease
from anonymisation.privacy import privatise
from anonymisation.programme import Method, Programme
from anonymisation.reading import canonical
from anonymisation.release import Release
from anonymisation.rounding import round_counts
from anonymisation.suppression.protecting import suppress


@dataclass(frozen=True)
class Protection:
    """A release, and the private report that must never be published."""

    release: Release
    report: Mapping[str, Any]

    def report_bytes(self) -> bytes:
        """Return the private report as canonical JSON."""
        return canonical(self.report)


def protect(
    programme: Programme,
    counts: Counts,
    *,
    history: Sequence[Release] = (),
    key: bytes = b"",
    costs: Mapping[tuple[str, tuple[str, ...]], int] | None = None,
) -> Protection:
    """Return a safe release of `counts` and the private report on how it came about.

    `history` are earlier releases of the same population; `key` is the secret that breaks ties. Raises `InputError`
    for input that does not fit, `NoSafeRelease` where nothing safe exists or none was proven within the limits.
    `costs` say, by table and key, what hiding a cell costs, from 0 to 10**9 (`costs.load_costs` reads them from a CSV):
    by default most for totals over contributors, then for large counts. Only suppression takes any. With an earlier
    revision of the same programme and period in `history` the release is a correction: its people are others, and
    nothing small may be told about the difference.

    >>> from anonymisation.programme import EXAMPLE
    >>> programme = Programme.parse(EXAMPLE)
    >>> cells = {"A": (9, 6), "B": (8, 1), "C": (7, 5)}
    >>> import numpy as np
    >>> counts = Counts.from_tables(programme, {"situation": np.array(list(cells.values()))})
    >>> release = protect(programme, counts).release
    >>> release.values[("situation", ("REGION", "ALL"))]
    36
    >>> ("situation", ("B", "UTE")) in release.values
    False
    """
    if counts.programme != programme:
        raise CountsError("counts: they are of another programme")
    if costs and programme.policy.method is not Method.SUPPRESS:
        raise CostsError(f"costs: method {programme.policy.method} hides no cells; only suppress takes costs")
    match programme.policy.method:
        case Method.SUPPRESS:
            make = correct if next_revision(programme, history) else suppress
            release, report = make(programme, counts, history=history, key=key, costs=costs)
        case Method.ROUND:
            release, report = round_counts(counts, history=history, key=key)
            report = _attacked(release, counts, history, report)
        case Method.CELLKEY:
            release, report = perturb_counts(counts, history=history)
            report = _attacked(release, counts, history, report)
        case Method.DP:
            # Nothing to attack: the promise is about the noise, and the ledger has been asked.
            release, report = privatise(counts, history=history)
    return Protection(release, report)


def _attacked(release: Release, counts: Counts, history: Sequence[Release], report: dict[str, Any]) -> dict[str, Any]:
    """Play every attacker against a perturbed release: only what none of them breaks is given away."""
    found = audit(release, history=history, counts=counts)
    if not found.safe:
        raise _refusal(release.programme, broken=any(attacker.disclosed for attacker in found.attackers))
    return report | {"attackers": len(found.attackers)}


def _refusal(programme: Programme, *, broken: bool) -> NoSafeRelease:
    names, policy = ", ".join(table.id for table in programme.tables), programme.policy
    what = f"the attacker breaks what method {policy.method} made"
    if not broken:
        what = f"not every attacker was shown to fail against what method {policy.method} made"
    ways = "allow a larger deviation, fewer exact totals or fewer tables"
    return NoSafeRelease(f"tables {names}: {what}; {ways}" + (", or leave out rule_aware" if policy.rule_aware else ""))
