"""Every release of small regions is judged by enumeration of all its worlds: the oracle reads *Safe* aloud."""

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings

from anonymisation import Counts, Programme, Release, protect
from anonymisation.errors import NoSafeRelease
from anonymisation.programme import EXAMPLE
from tests.oracle.compare import attacker, oracle
from tests.oracle.small import Setting, settings


def protected(setting: Setting) -> Release | None:
    """The release, or None where there is none: a list of one code that everyone has tells of everyone."""
    programme = setting.counts.programme
    try:
        return protect(programme, setting.counts).release
    except NoSafeRelease:
        assert any(len(d.codes) == 1 for d in programme.dimensions if d.name != programme.contributor)
        event("no safe release")
        return None


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@given(settings(rule_aware=False))
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_protect_is_safe_to_the_oracle(setting: Setting):
    release = protected(setting)
    assert release is None or not oracle(Setting(setting.counts, release))


@given(settings(rule_aware=True))
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_protect_rule_aware_is_safe_to_the_oracle(setting: Setting):
    release = protected(setting)
    assert release is None or not oracle(Setting(setting.counts, release))


@given(settings())
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
def test_protect_is_safe_to_the_attacker(setting: Setting):
    release = protected(setting)
    assert release is None or attacker(Setting(setting.counts, release)) == (True, True, {})


@given(settings())
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
def test_protect_shows_the_truth_only(setting: Setting):
    release = protected(setting)
    if release is None:
        return
    everything = {k: v for k, v in setting.release.values.items() if k in release.values}
    assert {k: v for k, v in release.values.items() if k in everything} == everything


@given(settings())
@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
def test_protect_same_input_same_bytes(setting: Setting):
    first, second = protected(setting), protected(setting)
    assert (first and first.to_bytes()) == (second and second.to_bytes())


@given(settings(history=True))
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_protect_is_safe_with_history_to_the_oracle(setting: Setting):
    try:
        release = protect(setting.counts.programme, setting.counts, history=setting.earlier).release
    except NoSafeRelease:
        event("no safe release")
        return
    assert not oracle(Setting(setting.counts, release, setting.earlier, setting.earlier_counts))


@pytest.mark.long
@given(settings())
@hypothesis_settings(max_examples=1500, deadline=None, suppress_health_check=SLOW)
def test_protect_is_safe_to_the_oracle_at_length(setting: Setting):
    release = protected(setting)
    assert release is None or not oracle(Setting(setting.counts, release))


@pytest.mark.long
@given(settings(rule_aware=True))
@hypothesis_settings(max_examples=1500, deadline=None, suppress_health_check=SLOW)
def test_protect_rule_aware_is_safe_to_the_attacker_at_length(setting: Setting):
    release = protected(setting)
    assert release is None or attacker(Setting(setting.counts, release)) == (True, True, {})


def test_sum_over_places_of_which_one_delivered_has_too_few_contributors():
    """The total is one place's alone, and says so to whoever knows who waits: with two asked for it is not shown."""
    text = EXAMPLE.replace("= 5", "= 2\nmin_contributors = 2").replace('["place", "situation"]', '["situation"]')
    programme = Programme.parse(text)
    counts = Counts.from_tables(programme, {"situation": np.array([[4, 0, 0], [3, 0, 0]])}, contributors=("A",))
    release = protect(programme, counts).release
    assert not set(release.values.values()) & {3, 4, 7}
    assert attacker(Setting(counts, release)) == (True, True, {})
