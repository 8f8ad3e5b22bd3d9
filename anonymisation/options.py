"""What the methods other than suppression ask for in `[policy.<method>]`: frozen values, with their defaults.

>>> read_rounding({}, threshold=5, width=5)
Rounding(base=5, max_deviation=10, exact=((),))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from anonymisation.programme import Method, Policy
from anonymisation.reading import is_whole, unknown_keys

LARGEST = 1_000
"""Of bases and deviations."""


class OptionError(ValueError):
    """A line on what is wrong with one option."""


@dataclass(frozen=True)
class Rounding:
    """Rounding: no count of 1 to `base` - 1 is shown, and none is further than `max_deviation` from the truth.

    `exact` are the margins that are shown as they are: each a set of dimensions, all others at their total; the empty
    one is everyone.
    """

    base: int
    max_deviation: int
    exact: tuple[tuple[str, ...], ...] = ((),)


@dataclass(frozen=True)
class CellKey:
    """Cell keys: noise of at most `deviation` and at most `variance`; no count of 1 to `smallest` - 1 is shown."""

    deviation: int
    variance: float
    smallest: int = 1


@dataclass(frozen=True)
class Privacy:
    """Differential privacy: what this release spends of what may be spent on these people ever."""

    epsilon: float
    budget: float


def read_rounding(given: Mapping[str, Any], *, threshold: int, width: int) -> Rounding:
    """Read `[policy.round]`, where `width` is the largest of any table; raise `OptionError`."""
    _known(given, ("base", "exact", "max_deviation"))
    base = _whole(given, "base", default=max(2, threshold), least=2)
    most = _whole(given, "max_deviation", default=max(2 * base, base + width), least=base - 1)
    if most < width:
        raise OptionError(f"max_deviation must be at least {width}, the largest width: a shown 0 gives no wider range")
    exact = given.get("exact", [[]])
    if not isinstance(exact, Sequence) or any(not _names(margin) for margin in exact):
        raise OptionError("exact must be a list of lists of dimensions")
    return Rounding(base, most, tuple(sorted({tuple(sorted(margin)) for margin in exact})))


def read_cell_key(given: Mapping[str, Any], *, threshold: int, width: int) -> CellKey:
    """Read `[policy.cellkey]`, where `width` is the largest of any table; raise `OptionError`."""
    _known(given, ("deviation", "variance", "smallest"))
    deviation = _whole(given, "deviation", default=max(2, threshold) + width, least=1)
    if deviation < width:
        raise OptionError(f"deviation must be at least {width}, the largest width: a shown 0 gives no wider range")
    smallest = _whole(given, "smallest", default=min(3, deviation), least=1)
    if smallest > deviation:
        raise OptionError("smallest must be at most deviation")
    # Noise of a larger variance than even chances have would prefer the extremes.
    most = deviation * (deviation + 1) / 3
    variance = _number(given, "variance", default=min(float(deviation), most))
    if variance > most:
        raise OptionError(f"variance must be at most {most:.3f}, that of even chances up to deviation")
    return CellKey(deviation, variance, smallest)


def read_privacy(given: Mapping[str, Any], *, threshold: int, width: int) -> Privacy:
    """Read `[policy.dp]`; raise `OptionError`."""
    _known(given, ("epsilon", "budget"))
    epsilon, budget = _number(given, "epsilon", default=None), _number(given, "budget", default=None)
    if epsilon > budget:
        raise OptionError("epsilon must be at most the budget")
    return Privacy(epsilon, budget)


READERS: dict[Method, Callable[..., Rounding | CellKey | Privacy]] = {
    Method.ROUND: read_rounding,
    Method.CELLKEY: read_cell_key,
    Method.DP: read_privacy,
}


def _of(policy: Policy, reader: Callable[..., Any]) -> Any:
    return reader(dict(policy.options), threshold=policy.threshold, width=policy.width)


def rounding(policy: Policy) -> Rounding:
    """Return a checked policy's options for rounding."""
    found: Rounding = _of(policy, read_rounding)
    return found


def cell_key(policy: Policy) -> CellKey:
    """Return a checked policy's options for cell keys."""
    found: CellKey = _of(policy, read_cell_key)
    return found


def privacy(policy: Policy) -> Privacy:
    """Return a checked policy's options for differential privacy."""
    found: Privacy = _of(policy, read_privacy)
    return found


def _known(given: Mapping[str, Any], known: Sequence[str]) -> None:
    if unknown := unknown_keys(given, known):
        raise OptionError(f"unknown key {unknown[0]!r}")


def _names(margin: object) -> bool:
    if not isinstance(margin, Sequence) or isinstance(margin, str):
        return False
    return all(isinstance(name, str) for name in margin) and len(set(margin)) == len(margin)


def _whole(given: Mapping[str, Any], key: str, *, default: int, least: int) -> int:
    found = given.get(key, default)
    if not is_whole(found) or not least <= found <= LARGEST:
        raise OptionError(f"{key} must be a whole number from {least} to {LARGEST}")
    return int(found)


def _number(given: Mapping[str, Any], key: str, *, default: float | None) -> float:
    found = given.get(key, default)
    if found is None:
        raise OptionError(f"{key} is missing")
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found) or not 0 < found <= 10**6:
        raise OptionError(f"{key} must be a number above 0")
    return float(found)
