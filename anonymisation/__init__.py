"""Statistical disclosure control for small places: protect tables, attack them, compare ways to publish.

`Programme` says what is published and under which policy, `Counts` holds the true numbers, `protect` makes a `Release`,
`audit` attacks it, and `compare` shows what other methods and coarser designs would give.
"""

from anonymisation.attack import audit
from anonymisation.comparison import Comparison, compare
from anonymisation.counts import Counts
from anonymisation.programme import Policy, Programme
from anonymisation.protection import Protection, protect
from anonymisation.release import Release

__all__ = ["Comparison", "Counts", "Policy", "Programme", "Protection", "Release", "audit", "compare", "protect"]
