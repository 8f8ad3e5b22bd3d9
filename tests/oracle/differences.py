"""A correction read aloud: whoever saw both revisions tries every pair of worlds, one of each.

y = x + d is about other people, so any world of x goes with any world of y. A quantity of d is told if its size is
small, its sizes over all pairs lie closer together than the width, and it is not proven to be 0.
"""

import numpy as np

from anonymisation import Counts, Release
from tests.oracle.adapter import region, true_world
from tests.oracle.safe import Verdict
from tests.oracle.worlds import enumerate_worlds

Key = tuple[str, tuple[str, ...]]


def told(
    before: Release, after: Release, counts: tuple[Counts, Counts], *, cap: int, limit: int = 3_000
) -> set[Key] | None:
    """The cells whose change the public learns; None where there are too many worlds to look at."""
    ranges = []
    for release, true in zip((before, after), counts, strict=True):
        where = region(release)
        worlds = enumerate_worlds(where, cap, limit)
        if worlds is None:
            return None
        verdict = Verdict(where, worlds)
        truth = Verdict(where, true_world(where, [true])[np.newaxis, :])
        keys = [(q.table.id, q.key, q.margin) for q in verdict.by_attacker["public"]]
        values, actual = verdict.values["public"], truth.values["public"][0]
        ranges.append({key: (values[:, at], int(actual[at])) for at, key in enumerate(keys)})
    first, second = ranges
    tables = {t.id: t for t in region(after).current.tables}
    found = set()
    for key in first.keys() & second.keys():
        sizes = np.abs(np.subtract.outer(second[key][0], first[key][0]))
        size = abs(second[key][1] - first[key][1])
        table = tables[key[0]]
        small = (0 if table.zeros_small else 1) <= size < table.threshold
        if small and sizes.max() > 0 and sizes.max() - sizes.min() < table.width:
            found.add((key[0], key[1]))
    return found
