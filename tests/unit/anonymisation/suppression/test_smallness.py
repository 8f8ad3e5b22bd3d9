"""What is small in any world, against a count that looks at one quantity and one unknown at a time."""

import numpy as np
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation import Counts
from anonymisation.suppression.smallness import Smallness
from anonymisation.suppression.system import System, build
from tests.oracle.adapter import programme_of
from tests.oracle.small import TABLES, Setting, programme_text, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def slowly(system: System, world: list[int], attacker: int) -> list[bool]:
    """For each quantity whether it is small; one after the other."""
    rows = system.matrix.toarray().tolist()
    owner = system.owner.tolist()

    def value(row: list[int], *, without: int) -> int:
        return sum(r * w for r, w, o in zip(row, world, owner, strict=True) if without < 0 or o != without)

    found = []
    for q, row in enumerate(rows):
        small = system.small_from[q] <= value(row, without=attacker) < system.small_to[q]
        if system.margin_of[q] >= 0:
            small = small and value(rows[system.margin_of[q]], without=attacker) > 0
        if q in system.sums:
            giving = sum(
                sum(r * w for r, w, o in zip(row, world, owner, strict=True) if o == c) > 0
                for c in range(len(system.contributors))
            )
            small = small or 0 < giving < system.programme.policy.min_contributors
        others = any(r and o != attacker for r, o in zip(row, owner, strict=True))
        found.append(bool(small and (attacker < 0 or others)))
    return found


@given(settings(), st.data())
@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
def test_small_equals_slow_count(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    judge = Smallness(system)
    numbers = st.lists(st.integers(0, 4), min_size=len(system.truth), max_size=len(system.truth))
    for world in (system.truth.tolist(), data.draw(numbers)):
        for attacker in range(-1, len(system.contributors)):
            assert judge.small(np.array(world), attacker).tolist() == slowly(system, world, attacker)


def places(policy: str, values: list[int]) -> Smallness:
    """A region of one table of three places."""
    programme = programme_of(programme_text(places=3, kinds=1, tables=TABLES["places"], policy=policy))
    return Smallness(build(programme, Counts.from_tables(programme, {"places": np.array(values)})))


def test_threshold_is_not_small_and_one_below_is():
    judge = places("threshold = 3\nmin_contributors = 1", [3, 2, 0])
    small = judge.small(judge.system.truth, -1)
    assert sorted(judge.values(judge.system.truth, -1)[small].tolist()) == [2]


def test_own_part_is_taken_away():
    judge = places("threshold = 3\nmin_contributors = 1", [3, 2, 9])
    # Without the 9 that the third knows, all are 5; its own cell is no quantity for it.
    assert sorted(judge.values(judge.system.truth, 2).tolist()) == [0, 2, 3, 5]
    assert judge.small(judge.system.truth, 2).sum() == 1


def test_sum_from_too_few_is_small_and_from_enough_is_not():
    for values, least, few in (([9, 9, 0], 3, 1), ([9, 9, 9], 3, 0), ([0, 0, 0], 3, 0), ([9, 0, 0], 1, 0)):
        judge = places(f"threshold = 3\nmin_contributors = {least}", values)
        assert len(judge.few(judge.system.truth)) == few
