"""Corrections: other people, so the difference between two revisions must not be small and narrow."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation import Counts, Programme, Release, audit, protect
from anonymisation.errors import HistoryError, NoSafeRelease
from anonymisation.programme import EXAMPLE
from tests.oracle.differences import told
from tests.oracle.small import MOST_PEOPLE, Setting, draw_counts, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PROGRAMME = Programme.parse(EXAMPLE)
BEFORE = ((9, 6), (8, 1), (7, 5))


def counts(*rows: tuple[int, int]) -> Counts:
    return Counts.from_tables(PROGRAMME, {"situation": np.array(rows)})


def shown(release: Release) -> dict[str, int]:
    return {"/".join(key): value for (_, key), value in release.values.items()}


def test_small_difference_is_not_told():
    first = protect(PROGRAMME, counts(*BEFORE)).release
    second = protect(PROGRAMME, counts((9, 6), (8, 1), (7, 7)), history=[first]).release
    assert second.revision == 1
    assert {"C/ALL", "REGION/UTE", "REGION/ALL"} <= set(shown(first))
    # Two more people at C: whoever subtracts what both show must not see them. What did not change may stay.
    assert shown(second) == {"A/ALL": 15, "B/ALL": 9}


def test_nothing_changed_and_only_what_hidden_parts_make_up_goes():
    first = protect(PROGRAMME, counts(*BEFORE)).release
    second = protect(PROGRAMME, counts(*BEFORE), history=[first]).release
    # A place whose own hidden count was another before would see in an unchanged sum how the others changed.
    assert set(shown(first)) - set(shown(second)) == {"REGION/INNE", "REGION/UTE"}
    assert shown(second) == {key: value for key, value in shown(first).items() if key.endswith("/ALL")}


def test_large_difference_is_told():
    first = protect(PROGRAMME, counts(*BEFORE)).release
    second = protect(PROGRAMME, counts((29, 26), (8, 1), (7, 5)), history=[first]).release
    assert {key: shown(second)[key] - shown(first)[key] for key in ("A/ALL", "REGION/ALL")} == {
        "A/ALL": 40,
        "REGION/ALL": 40,
    }


def test_revision_follows_the_last():
    first = protect(PROGRAMME, counts(*BEFORE)).release
    second = replace(first, revision=1)
    elsewhere = replace(second, programme=replace(PROGRAMME, population="others"))
    with pytest.raises(HistoryError, match="another population"):
        protect(PROGRAMME, counts(*BEFORE), history=[elsewhere])
    assert protect(PROGRAMME, counts(*BEFORE), history=[first, second]).release.revision == 2


@given(settings(), st.data())
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
def test_correction_is_safe_to_the_attacker(setting: Setting, data: st.DataObject):
    programme = setting.counts.programme
    try:
        first = protect(programme, setting.counts).release
        after = draw_counts(data.draw, programme)
        second = protect(programme, after, history=[first]).release
    except NoSafeRelease:
        event("no safe release")
        return
    report = audit(second, history=[first], counts=after)
    assert (second.revision, report.safe, report.complete) == (1, True, True)


def nobody_learns_a_small_change(data: st.DataObject) -> None:
    setting = data.draw(settings(rule_aware=False))
    programme = setting.counts.programme
    after = draw_counts(data.draw, programme)
    try:
        first = protect(programme, setting.counts).release
        second = protect(programme, after, history=[first]).release
    except NoSafeRelease:
        event("no safe release")
        return
    for who in ("public", *(programme.contributors if programme.policy.insiders else ())):
        found = told(first, second, (setting.counts, after), cap=MOST_PEOPLE, who=who)
        event("many worlds" if found is None else "looked at")
        assert not found


@given(st.data())
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
def test_nobody_learns_a_small_change(data: st.DataObject):
    nobody_learns_a_small_change(data)


@pytest.mark.long
@given(st.data())
@hypothesis_settings(max_examples=1_000, deadline=None, suppress_health_check=SLOW)
def test_nobody_learns_a_small_change_long(data: st.DataObject):
    nobody_learns_a_small_change(data)


def test_a_sum_that_stays_does_not_tell_who_took_the_place_of_whom():
    first = protect(PROGRAMME, counts(*BEFORE)).release
    # One less INNE at A, one more at B: A, who knows its own, would see B's in an unchanged sum.
    after = counts((8, 7), (9, 1), (7, 5))
    second = protect(PROGRAMME, after, history=[first]).release
    for who in "ABC":
        assert not told(first, second, (counts(*BEFORE), after), cap=40, who=who, limit=100_000)
