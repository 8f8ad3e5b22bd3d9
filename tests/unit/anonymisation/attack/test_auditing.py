"""The attacker against the oracle, on small programmes of every kind, with patterns drawn at random."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from anonymisation import Counts
from anonymisation.attack import audit
from anonymisation.errors import CountsError, HistoryError, ReleaseError
from anonymisation.programme import Method, Programme
from tests.oracle.adapter import publish
from tests.oracle.compare import attacker, oracle
from tests.oracle.small import TABLES, Setting, programme_text
from tests.oracle.small import settings as small_settings

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck))


def same_findings(setting: Setting) -> None:
    expected = oracle(setting)
    assume(expected is not None)
    safe, complete, found = attacker(setting)
    assert complete
    assert found == expected
    assert safe == (not expected)


def same_verdict(setting: Setting) -> None:
    expected = oracle(setting)
    assume(expected is not None)
    safe, _, found = attacker(setting)
    assert safe == (not expected)
    assert set(found) <= set(expected or {})


@QUICK
@given(small_settings(rule_aware=False))
def test_audit_equals_oracle(setting):
    same_findings(setting)


@QUICK
@given(small_settings(rule_aware=False, history=True))
def test_audit_equals_oracle_history(setting):
    same_findings(setting)


@QUICK
@given(small_settings(rule_aware=True))
def test_audit_equals_oracle_rule_aware(setting):
    same_verdict(setting)


@QUICK
@given(small_settings(rule_aware=True, history=True))
def test_audit_equals_oracle_rule_aware_history(setting):
    same_verdict(setting)


@st.composite
def perturbed(draw):
    """A release that shows every value, off by up to the deviation that it states, and never a 0 for another number."""
    setting = draw(small_settings(rule_aware=draw(st.booleans())))
    off = draw(st.integers(0, 3))
    cells = {}
    for table, row in publish(setting.counts, set()).cells.items():
        noise = draw(st.lists(st.integers(-off, off), min_size=len(row), max_size=len(row)))
        told = zip(row, noise, strict=True)
        cells[table] = tuple(replace(c, value=c.value if c.value == 0 else max(1, c.value + n)) for c, n in told)
    policy = replace(setting.release.programme.policy, method=Method.CELLKEY)
    programme = replace(setting.release.programme, policy=policy)
    stated = {"max_deviation": off, "zeros": "kept"}
    release = replace(setting.release, programme=programme, cells=cells, stated=stated)
    counts = Counts.from_tables(programme, dict(setting.counts.tables))
    return Setting(counts, release)


@QUICK
@given(perturbed())
def test_audit_equals_oracle_perturbed(setting):
    if setting.release.programme.policy.rule_aware:
        same_verdict(setting)
    else:
        same_findings(setting)


@pytest.mark.long
@LONG
@given(perturbed())
def test_audit_equals_oracle_perturbed_long(setting):
    if setting.release.programme.policy.rule_aware:
        same_verdict(setting)
    else:
        same_findings(setting)


@pytest.mark.long
@LONG
@given(small_settings(rule_aware=False, history=False))
def test_audit_equals_oracle_long(setting):
    same_findings(setting)


@pytest.mark.long
@LONG
@given(st.booleans().flatmap(lambda history: small_settings(rule_aware=True, history=history)))
def test_audit_equals_oracle_rule_aware_long(setting):
    same_verdict(setting)


@QUICK
@given(small_settings(), st.integers(0, 12))
def test_audit_work_spent_is_never_safe_by_accident(setting, work):
    hurried = audit(setting.release, counts=setting.counts, work=work)
    if hurried.safe:
        expected = oracle(setting)
        assume(expected is not None)
        assert not expected
    else:
        assert not hurried.complete or any(a.disclosed for a in hurried.attackers)


@QUICK
@given(small_settings())
def test_audit_without_truth_finds_no_more_than_with(setting):
    outside = audit(setting.release)
    (public,) = outside.attackers
    inside = audit(setting.release, counts=setting.counts)
    known = {(e.table, e.key, e.margin) for e in inside.attackers[0].disclosed}
    assert public.who == "public"
    assert {(e.table, e.key, e.margin) for e in public.disclosed} <= known


@QUICK
@given(small_settings())
def test_audit_repeats_itself(setting):
    assert audit(setting.release, counts=setting.counts) == audit(setting.release, counts=setting.counts)


def region(values, hidden, *, policy="threshold = 5", name="p"):
    programme = Programme.parse(
        programme_text(places=len(values), kinds=1, tables=TABLES["places"], policy=policy, name=name)
    )
    counts = Counts.from_tables(programme, {"places": np.array(values)})
    return counts, publish(counts, {("places", (code,)) for code in hidden})


def test_audit_reports_range_of_insider():
    counts, release = region([2, 5, 9], "AB")
    report = audit(release, counts=counts)
    assert [(a.who, [(e.key, e.lower, e.upper) for e in a.disclosed]) for a in report.attackers] == [
        ("public", []),
        ("A", []),
        ("B", [(("A",), 2, 2)]),
        ("C", []),
    ]
    assert not report.safe
    assert report.complete


def test_audit_the_only_contributor_has_nobody_to_attack():
    for hidden in ("", "A"):
        counts, release = region([2], hidden)
        setting = Setting(counts, release)
        expected = oracle(setting)
        assert expected is not None
        # The public reads 2 in A, shown or not: it is the total. A knows everyone.
        assert {name[0] for name in expected} == {"public"}
        assert attacker(setting) == (False, True, expected)


def test_audit_public_without_truth_wholly_small():
    _, release = region([1, 1, 9], "AB")
    (public,) = audit(release).attackers
    # A and B are 0..2 each: narrow, but 0 is not small, so nothing is certain.
    assert public.disclosed == ()
    assert [(e.key, e.lower, e.upper) for e in public.narrow] == [(("A",), 0, 2), (("B",), 0, 2)]
    _, release = region([1, 1, 9], "AB", policy='threshold = 5\nzeros = "hide"')
    (public,) = audit(release).attackers
    assert [(e.key, e.lower, e.upper) for e in public.disclosed] == [(("A",), 0, 2), (("B",), 0, 2)]


def test_audit_everything_hidden_is_safe():
    counts, release = region([2, 0, 9], ["A", "B", "C", "ALL"])
    assert audit(release, counts=counts).safe
    assert audit(release).safe


def test_audit_counts_that_do_not_fit():
    counts, _ = region([2, 5, 9], "")
    _, release = region([2, 5, 8], "A")
    with pytest.raises(CountsError, match="does not fit the counts"):
        audit(release, counts=counts)


def test_audit_contradicting_history():
    _, release = region([2, 5, 9], "")
    _, other = region([2, 6, 9], "", name="q")
    with pytest.raises(HistoryError, match="no counts at all"):
        audit(release, history=[other])


def test_audit_perturbed_release_must_state_its_deviation():
    _, release = region([6, 5, 9], "", policy='threshold = 5\nmethod = "round"')
    with pytest.raises(ReleaseError, match="largest deviation"):
        audit(release)


def test_audit_rounded_values_span_the_stated_deviation():
    counts, release = region([3, 6, 9], "", policy='threshold = 5\nmethod = "round"')
    wide = replace(release, stated={"max_deviation": 3})
    assert audit(wide, counts=counts).safe
    close = replace(release, stated={"max_deviation": 2})
    assert [e.key for e in audit(close, counts=counts).attackers[0].disclosed] == [("A",)]


def test_audit_rounded_margin_that_is_exact_is_the_truth():
    counts, release = region([3, 6, 9], "", policy='threshold = 5\nmethod = "round"')
    stated = {"max_deviation": 9, "exact": [["place"]], "zeros": "kept"}
    assert audit(replace(release, stated={"max_deviation": 9}), counts=counts).safe
    assert [e.key for e in audit(replace(release, stated=stated), counts=counts).attackers[0].disclosed] == [("A",)]


def test_audit_rounded_number_above_0_is_not_0_where_zeros_are_kept():
    counts, release = region([1, 6, 9], "", policy='threshold = 4\nmethod = "round"')
    assert audit(replace(release, stated={"max_deviation": 3}), counts=counts).safe
    kept = replace(release, stated={"max_deviation": 3, "zeros": "kept"})
    assert [(e.lower, e.upper) for e in audit(kept, counts=counts).attackers[0].disclosed] == [(1, 4)]
