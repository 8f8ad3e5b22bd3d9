"""Costs, limits and sameness: what is hidden follows the costs, ends in time, and is the same every time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings

from anonymisation import Counts, Programme, audit, protect
from anonymisation.errors import CostsError, NoSafeRelease
from anonymisation.programme import EXAMPLE
from tests.oracle.compare import attacker
from tests.oracle.small import Setting, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PROGRAMME = Programme.parse(EXAMPLE)
COUNTS = Counts.from_tables(PROGRAMME, {"situation": np.array([[9, 6], [8, 1], [7, 5]])})
TOTAL = ("situation", ("REGION", "ALL"))
# What `same_bytes` gives for suppression on every Python at hand.
RELEASES = {
    "example": "4317d379b4499eba78f1bf17f6b81cd22b953109ec7ac25a26cd0da75a2b60f7",
    "three-way": "712197ac304fae6bcc67cc875860e79187e206b24bc685b1a75d985041df5ee8",
    "vt-2026-plain": "6a9185f2e4e8998c493e0f4327b5fa17e31c4479c803e95a4eb8eb4f6f0c2d87",
}


def test_costs_decide_what_is_hidden():
    assert TOTAL in protect(PROGRAMME, COUNTS).release.values
    dear = dict.fromkeys((("situation", ("A", "INNE")), ("situation", ("A", "UTE"))), 10_000)
    values = protect(PROGRAMME, COUNTS, costs=dear | {TOTAL: 0}).release.values
    assert ("situation", ("A", "INNE")) in values


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ({("situation", ("A", "NEI")): 1}, "costs: table situation: no such cell A, NEI"),
        ({TOTAL: -1}, "costs: table situation: not a whole number from 0 to 1000000000"),
        ({TOTAL: 1.5}, "costs: table situation: not a whole number from 0 to 1000000000"),
        ({TOTAL: True}, "costs: table situation: not a whole number from 0 to 1000000000"),
    ],
)
def test_costs_that_do_not_fit(costs: dict, message: str):
    with pytest.raises(CostsError) as refused:
        protect(PROGRAMME, COUNTS, costs=costs)
    assert refused.value.problems == (message,) or list(refused.value.problems) == [message]


@given(settings())
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
def test_limit_that_is_passed_at_once_is_still_safe(setting: Setting):
    programme = setting.counts.programme
    hasty = replace(programme, policy=replace(programme.policy, work_limit=1))
    counts = Counts.from_tables(hasty, dict(setting.counts.tables))
    try:
        release = protect(hasty, counts).release
    except NoSafeRelease:
        event("no safe release")
        return
    assert protect(hasty, counts).release.to_bytes() == release.to_bytes()
    assert attacker(Setting(counts, release)) == (True, True, {})


def test_time_limit_gives_what_the_work_limit_gives():
    hasty = replace(PROGRAMME, policy=replace(PROGRAMME.policy, work_limit=1))
    late = replace(PROGRAMME, policy=replace(PROGRAMME.policy, time_limit=1e-9))
    one = protect(hasty, Counts.from_tables(hasty, dict(COUNTS.tables))).release
    other = protect(late, Counts.from_tables(late, dict(COUNTS.tables))).release
    assert one.values == other.values
    assert audit(other, counts=Counts.from_tables(late, dict(COUNTS.tables))).safe
