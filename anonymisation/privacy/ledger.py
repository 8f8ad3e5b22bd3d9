"""What releases have spent of a population's budget: events say what was released, the ledger what it costs.

A release that does not say what it did is refused, never counted as free (as in Google's dp_accounting). Meanings of an
event never change; new mechanisms get new names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import fsum, isfinite
from typing import Any

from anonymisation.errors import HistoryError, NoSafeRelease
from anonymisation.programme import Method
from anonymisation.release import Release

DISCRETE_LAPLACE = "discrete_laplace"
ADD_OR_REMOVE_ONE = "add_or_remove_one"
ROUNDING_ERROR = 1e-9


@dataclass(frozen=True)
class Event:
    """Noise of `scale` on cells of which one person is in at most `sensitivity`; neighbours differ by one person."""

    epsilon: float
    scale: float
    sensitivity: int
    mechanism: str = DISCRETE_LAPLACE
    neighbours: str = ADD_OR_REMOVE_ONE

    def to_json(self) -> dict[str, Any]:
        """Return the event as a release states it."""
        return asdict(self)

    @classmethod
    def read(cls, release: Release) -> Event:
        """Return the event of a release; raise `HistoryError` where its cost is not known."""
        told = release.stated.get("event")
        where = f"history ({release.programme.id} {release.programme.period})"
        if release.programme.policy.method is not Method.DP:
            method = release.programme.policy.method
            raise HistoryError(f"{where}: its cost is not known: method {method} has no bound on it")
        if not isinstance(told, Mapping) or set(told) != set(cls.__dataclass_fields__):
            raise HistoryError(f"{where}: its cost is not known: it states no event")
        numbers = (told["epsilon"], told["scale"], told["sensitivity"])
        if (told["mechanism"], told["neighbours"]) != (DISCRETE_LAPLACE, ADD_OR_REMOVE_ONE):
            raise HistoryError(f"{where}: its cost is not known: another mechanism or other neighbours")
        if any(isinstance(n, bool) or not isinstance(n, int | float) or not isfinite(n) or n <= 0 for n in numbers):
            raise HistoryError(f"{where}: its cost is not known: numbers that cannot be")
        event = cls(**told)
        if event.epsilon < event.sensitivity / event.scale - ROUNDING_ERROR:
            raise HistoryError(f"{where}: states a lower epsilon than its noise has")
        return event


def spent(releases: Sequence[Release]) -> float:
    """Return the sum of the epsilons of releases about one population (basic composition); each counts once."""
    return fsum(Event.read(release).epsilon for release in {r.to_bytes(): r for r in releases}.values())


def check_affordable(epsilon: float, budget: float, history: Sequence[Release]) -> None:
    """Raise `NoSafeRelease` where `epsilon` more would overrun the budget."""
    already = spent(history)
    if already + epsilon > budget + ROUNDING_ERROR:
        raise NoSafeRelease(
            f"the budget is spent: {already:g} of {budget:g} is used, and this release would take {epsilon:g}"
        )
