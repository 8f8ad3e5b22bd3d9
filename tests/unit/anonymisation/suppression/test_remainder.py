"""What shown sums leave: it follows from them in every world, and tells how much a contributor's part may be."""

import numpy as np
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation import Counts, Programme
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.remainder import least_rest, remainders
from anonymisation.suppression.system import System, build
from tests.oracle.small import TABLES, Setting, programme_text, settings
from tests.unit.anonymisation.suppression.test_unit import draw_pattern

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def row(values: list[int], policy: str) -> System:
    """Places in a row, whose sum can be shown."""
    text = programme_text(places=len(values), kinds=1, tables=TABLES["places"], policy=policy)
    programme = Programme.parse(text)
    return build(programme, Counts.from_tables(programme, {"places": np.array(values)}))


def showing(system: System, *values: int) -> Pattern:
    """Show the published numbers that have these values."""
    cells = np.array([bool(some) for some in system.published])
    return Pattern(system, cells & np.isin(system.value, values))


@given(settings(), st.data())
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_remainder_follows_from_its_sources(setting: Setting, data: st.DataObject):
    system = build(setting.counts.programme, setting.counts)
    pattern = draw_pattern(data, system)
    found = list(remainders(system.splits, pattern.shown, system.value))
    event(f"remainders: {min(len(found), 3)}")
    for one in found:
        assert pattern.shown[list(one.sources)].all()
        leaves, parts = system.matrix[list(one.leaves)].sum(axis=0), system.matrix[list(one.parts)].sum(axis=0)
        assert one.value == system.value[list(one.leaves)].sum() == system.value[list(one.parts)].sum() > 0
        if len(system.blocks) == 1:
            # One source is the whole, the others are taken out of it: an identity between rows holds in every world.
            known = system.matrix[list(one.sources)].toarray()
            whole = known[known.sum(axis=1).argmax()]
            assert (2 * whole - known.sum(axis=0) == leaves).all()
            assert (leaves == parts).all()


def test_part_must_leave_what_is_not_small():
    # 9 in all: a place that has 7 or 8 knows that the others have 1 or 2 together, small and narrow. (All 9 would do by
    # the letter without min_contributors, and is left out too: `Pattern.ceilings`.)
    system = row([4, 3, 2], "threshold = 3\nwidth = 3\nrule_aware = true")
    matrix, most, sources = showing(system, 9).ceilings
    assert matrix.toarray().tolist() == np.eye(3).tolist()
    assert most.tolist() == [6, 6, 6]
    assert {len(some) for some in sources} == {1}


def test_nothing_follows_where_no_sum_is_shown_or_nobody_knows_the_rule():
    system = row([4, 3, 2], "threshold = 3\nwidth = 3\nrule_aware = true")
    assert showing(system).ceilings[0].shape[0] == 0
    other = row([4, 3, 2], "threshold = 3\nwidth = 3\nrule_aware = false")
    assert showing(other, 9).ceilings[0].shape[0] == 0


def test_rest_is_the_least_of_threshold_and_width():
    for threshold, width, rest in ((3, 5, 3), (5, 5, 5)):
        system = row([9, 9, 9], f"threshold = {threshold}\nwidth = {width}\nrule_aware = true")
        (one,) = remainders(system.splits, showing(system, 27).shown, system.value)
        few = np.isin(np.arange(len(system.value)), system.sums)
        assert least_rest(one, system.small_from, system.small_to, system.width, few=few) == rest
