"""The bound on the cost of any safe pattern against the cheapest one: all patterns of small regions, judged in turn."""

from itertools import combinations

import pytest
from hypothesis import HealthCheck, assume, event, given
from hypothesis import settings as hypothesis_settings

from anonymisation import Counts, protect
from anonymisation.errors import NoSafeRelease
from anonymisation.suppression.greedy import costs
from anonymisation.suppression.system import build
from tests.oracle.adapter import publish
from tests.oracle.compare import oracle
from tests.oracle.small import Setting, settings

MOST_CELLS = 6
"""Different published numbers: 64 patterns."""
MOST_WORLDS = 400
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def cheapest(counts: Counts) -> int | None:
    """What the cheapest safe pattern costs; None where the oracle cannot tell or there is none."""
    programme = counts.programme
    system = build(programme, counts)
    cost = costs(system, {})
    tables = [(table.id, table.published(programme)) for table in programme.tables]
    names = {
        q: {(tables[t][0], tables[t][1][at]) for t, at in cells} for q, cells in enumerate(system.published) if cells
    }
    assume(len(names) <= MOST_CELLS)
    patterns = [some for size in range(len(names) + 1) for some in combinations(names, size)]
    for hidden in sorted(patterns, key=lambda some: cost[list(some)].sum()):
        release = publish(counts, set().union(*(names[q] for q in hidden)))
        found = oracle(Setting(counts, release), limit=MOST_WORLDS)
        if found is None:
            return None
        if not found:
            return int(cost[list(hidden)].sum())
    return None


def check(setting: Setting) -> None:
    """No safe pattern costs less than the bound."""
    least = cheapest(setting.counts)
    assume(least is not None)
    try:
        report = protect(setting.counts.programme, setting.counts).report
    except NoSafeRelease:
        return
    reached = "the cheapest" if report["cost"] == least else "dearer" if report["cost"] > least else "cheaper"
    event(f"hidden: {report['hidden'] > 0}, {reached}, proven: {report['cost'] == report['bound']}")
    assert report["bound"] <= least


@given(settings(rule_aware=False))
@hypothesis_settings(max_examples=8, deadline=None, suppress_health_check=SLOW)
def test_no_safe_pattern_costs_less_than_the_bound(setting: Setting):
    check(setting)


@given(settings(rule_aware=True))
@hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=SLOW)
def test_no_rule_aware_pattern_costs_less_than_the_bound(setting: Setting):
    check(setting)


@pytest.mark.long
@given(settings())
@hypothesis_settings(max_examples=1500, deadline=None, suppress_health_check=SLOW)
def test_no_safe_pattern_costs_less_than_the_bound_at_length(setting: Setting):
    check(setting)
