"""Differential privacy has no worlds to enumerate: what is checked is that the ledger's budget was not overrun.

Budgets add up (basic composition, Dwork and Roth 2014, Theorem 3.16) over every release about the same population,
whatever its period: a person may be in all of them.
"""

from collections.abc import Sequence

from anonymisation.attack.report import AttackerReport, AuditReport, Exposed
from anonymisation.errors import HistoryError, ReleaseError
from anonymisation.programme import Method
from anonymisation.release import Release


def audit(release: Release, history: Sequence[Release]) -> AuditReport:
    """Whether the epsilons stated by this and all earlier releases stay within the policy's budget.

    Raises ReleaseError where one does not state its epsilon or the policy no budget, HistoryError where an earlier
    release of the population is of a method that has no epsilon: what it told about a person has no bound.
    """
    for earlier in history:
        told = earlier.programme
        if told.population == release.programme.population and not _private(earlier):
            msg = f"history: {told.id} {told.period} spent an unknown part of the budget (method {told.policy.method})"
            raise HistoryError(msg)
    spent = sum(_number(r, "epsilon") for r in {r.to_bytes(): r for r in (release, *history)}.values() if _private(r))
    limit = dict(release.programme.policy.options).get("budget")
    if not isinstance(limit, int | float):
        msg = f"release {release.programme.id}: the policy names no budget"
        raise ReleaseError(msg)
    over = (Exposed("budget", (), 0, None),) if spent > limit + 1e-9 else ()
    return AuditReport((AttackerReport("public", 1, over),))


def _private(release: Release) -> bool:
    return release.programme.policy.method is Method.DP


def _number(release: Release, name: str) -> float:
    stated = release.stated.get(name)
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not stated > 0:
        msg = f"release {release.programme.id}: does not state its {name}"
        raise ReleaseError(msg)
    return float(stated)
