"""Statistical disclosure control for small places: protect tables, attack them, compare ways to publish.

`Programme` says what is published and under which policy, `Counts` holds the true numbers, `protect` makes a `Release`,
`audit` attacks it, and `compare` shows what other methods and coarser designs would give.

What is named here is loaded when it is first asked for: whoever only reads a programme need not wait for SciPy and
HiGHS.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anonymisation.attack import audit
    from anonymisation.comparison import Comparison, compare
    from anonymisation.counts import Counts
    from anonymisation.programme import Policy, Programme
    from anonymisation.protection import Protection, protect
    from anonymisation.release import Release

__all__ = ["Comparison", "Counts", "Policy", "Programme", "Protection", "Release", "audit", "compare", "protect"]

_LIES_IN = {
    "Comparison": "comparison",
    "Counts": "counts",
    "Policy": "programme",
    "Programme": "programme",
    "Protection": "protection",
    "Release": "release",
    "audit": "attack",
    "compare": "comparison",
    "protect": "protection",
}


def __getattr__(name: str) -> Any:
    if name not in _LIES_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_LIES_IN[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
