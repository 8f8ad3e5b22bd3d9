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
    before: Release, after: Release, counts: tuple[Counts, Counts], *, cap: int, limit: int = 3_000, who: str = "public"
) -> set[Key] | None:
    """The cells whose change someone learns, a contributor by its own counts; None where there are too many worlds."""
    ranges = []
    for release, true in zip((before, after), counts, strict=True):
        where = region(release)
        worlds = enumerate_worlds(where, cap, limit)
        if worlds is None:
            return None
        world = true_world(where, [true])
        verdict, truth = Verdict(where, worlds), Verdict(where, world[np.newaxis, :])
        # Who did not deliver to one of them knew nothing of its own there.
        one = who if who in verdict.by_attacker else "public"
        alike = (worlds[:, verdict.own[one]] == world[verdict.own[one]]).all(axis=1)
        keys = [(q.table.id, q.key, q.margin) for q in verdict.by_attacker[one]]
        values, actual = verdict.values[one][alike], truth.values[one][0]
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
