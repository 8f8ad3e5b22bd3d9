"""How far walks led: for whoever's own counts they left alone, and for nobody else."""

import numpy as np

from anonymisation.attack.shared import MOST_OWNERS, SLOTS, Shared


def reached(shared, base, who, target=0):
    low, high = shared.reach(base, who)
    return int(low[target]), int(high[target])


def test_shared_walk_is_for_those_whose_counts_it_left_alone():
    base, shared = np.zeros(6, dtype=np.int64), Shared(2, np.array([0, 0, 1, 1, 2, 2]))
    shared.keep(base, np.array([0, 2]), 0, 1, 4)
    shared.keep(base, np.array([2, 4]), 0, -1, -3)
    assert reached(shared, base, []) == (-3, 4)
    assert reached(shared, base, [0]) == (-3, 0)
    assert reached(shared, base, [1]) == (0, 0)
    assert reached(shared, base, [2]) == (0, 4)
    assert reached(shared, base, [0, 2]) == (0, 0)
    assert reached(shared, base, [], target=1) == (0, 0)


def test_shared_keeps_several_walks_and_the_greatest():
    base, shared = np.zeros(6, dtype=np.int64), Shared(1, np.array([0, 0, 1, 1, 2, 2]))
    for unknown, change in ((0, 5), (2, 4), (4, 3)):
        shared.keep(base, np.array([unknown]), 0, 1, change)
    assert SLOTS == 3
    assert [reached(shared, base, [who])[1] for who in (0, 1, 2)] == [4, 5, 5]


def test_shared_forgets_what_it_cannot_tell():
    base, owner = np.zeros(40, dtype=np.int64), np.arange(40)
    shared = Shared(1, owner)
    shared.keep(base, np.arange(MOST_OWNERS + 1), 0, 1, 9)
    shared.keep(base, np.array([3]), 0, 1, -2)
    assert reached(shared, base, []) == (0, 0)
    # From another world a walk may not be possible at all.
    shared.keep(base, np.array([3]), 0, 1, 2)
    shared.keep(base.copy(), np.array([4]), 0, 1, 7)
    assert reached(shared, base, []) == (0, 2)
    assert reached(shared, base.copy(), []) == (0, 0)
    # Unknowns that are nobody's are everybody's.
    nobody = Shared(1, np.full(40, -1))
    nobody.keep(base, np.array([3]), 0, 1, 2)
    assert reached(nobody, base, []) == (0, 0)
