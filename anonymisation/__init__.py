"""Statistical disclosure control for small places: protect tables, attack them, compare ways to publish.

`Programme` says what is published and under which policy, `Counts` holds the true numbers, `protect` makes a `Release`,
and `audit` attacks it.
"""

from anonymisation.attack import audit
from anonymisation.counts import Counts
from anonymisation.programme import Policy, Programme
from anonymisation.protection import Protection, protect
from anonymisation.release import Release

__all__ = ["Counts", "Policy", "Programme", "Protection", "Release", "audit", "protect"]
