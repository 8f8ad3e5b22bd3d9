"""Programmes, people and pasts of every odd shape: suppressor, attacker and oracle agree, and nothing falls over."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given
from hypothesis import settings as hypothesis_settings

from anonymisation import Counts, Programme, Release, audit, protect
from anonymisation.errors import HistoryError, InputError, NoSafeRelease
from tests.oracle.adapter import publish
from tests.oracle.compare import attacker, open_truths, oracle, same_people
from tests.oracle.odd import Shape, odd_settings, table_of
from tests.oracle.small import Setting

QUICK = hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
LONG = hypothesis_settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))


def judged_alike(setting: Setting) -> None:
    """The attacker finds what the oracle finds; where the truth is open it may only be the more careful."""
    expected, truths = oracle(setting), open_truths(setting)
    assume(expected is not None and truths is not None)
    safe, complete, found = attacker(setting)
    several, bad = truths
    assert set(found) <= set(expected)
    assert not (safe and bad)
    assert safe or expected or several > 1
    if several == 1 and not setting.release.programme.policy.rule_aware:
        assert (complete, found) == (True, expected)


def protected(setting: Setting) -> Release | None:
    try:
        return protect(setting.counts.programme, setting.counts, history=setting.earlier).release
    except (NoSafeRelease, HistoryError) as refused:
        event(type(refused).__name__)
        return None


def safe_to_all(setting: Setting) -> None:
    """What is released is safe to the oracle, and the attacker proves it."""
    release = protected(setting)
    if release is None:
        return
    mine = replace(setting, release=release)
    assert not oracle(mine)
    assert attacker(mine) == (True, True, {})


@QUICK
@given(odd_settings())
def test_odd_releases_are_judged_alike(setting: Setting):
    judged_alike(setting)


@QUICK
@given(odd_settings())
def test_odd_programmes_are_protected(setting: Setting):
    safe_to_all(setting)


def judged_or_refused(setting: Setting) -> None:
    """A past of other people is refused, or might as well have been of these; all else is judged as the oracle does."""
    try:
        audit(setting.release, history=setting.earlier, counts=setting.counts)
    except InputError as refused:
        event(type(refused).__name__)
        assert not same_people(setting)
        return
    if same_people(setting):
        judged_alike(setting)


def safe_after(setting: Setting) -> None:
    if same_people(setting):
        safe_to_all(setting)
    else:
        protected(setting)


@QUICK
@given(odd_settings(past=True))
def test_odd_pasts_are_judged_alike_or_refused(setting: Setting):
    judged_or_refused(setting)


@QUICK
@given(odd_settings(past=True))
def test_odd_programmes_are_protected_after_odd_pasts(setting: Setting):
    safe_after(setting)


@pytest.mark.long
@LONG
@given(odd_settings())
def test_odd_releases_are_judged_alike_long(setting: Setting):
    judged_alike(setting)


@pytest.mark.long
@LONG
@given(odd_settings())
def test_odd_programmes_are_protected_long(setting: Setting):
    safe_to_all(setting)


@pytest.mark.long
@LONG
@given(odd_settings(past=True))
def test_odd_pasts_are_judged_alike_or_refused_long(setting: Setting):
    judged_or_refused(setting)


@pytest.mark.long
@LONG
@given(odd_settings(past=True))
def test_odd_programmes_are_protected_after_odd_pasts_long(setting: Setting):
    safe_after(setting)


def test_two_codes_that_each_need_what_is_open_elsewhere():
    """B's people are open with both codes; A's codes are open one by one, and B asks for both to be wide there."""
    shape = Shape({"place": 2, "kind": 1, "list": 2}, levels=False, complete=False, owned=True)
    tables = [table_of("place") + "sensitive = true\n", table_of("kind", "list")]
    programme = shape.programme(tables, "threshold = 3\nrule_aware = true", "p")
    values = {"place": np.array([4, 2]), "kind_list": np.array([[[2, 1], [2, 0], [4, 2]]])}
    counts = Counts.from_tables(programme, values)
    release = publish(counts, set(programme_cells(programme)) - {("place", ("A",))})
    assert attacker(Setting(counts, release)) == (True, True, {})


def test_more_people_of_one_contributor_may_leave_it_alone_in_a_sum():
    """X and Y are of four people each: a place with all of them could not have been shown, one with three could."""
    shape = Shape({"place": 3, "kind": 3, "list": 2}, levels=False, complete=True, owned=True)
    policy = "threshold = 3\ninsiders = false\nrule_aware = true\nmin_contributors = 2"
    totals = 'levels = { kind = ["total"], list = ["code"] }\n'
    programme = shape.programme([table_of("kind", "list") + totals], policy, "p")
    one, other, third = (
        [[0, 0, 0], [0, 1, 0], [0, 1, 0]],
        [[0, 0, 2], [0, 0, 1], [0, 0, 2]],
        [[1, 0, 1], [2, 0, 0], [2, 0, 1]],
    )
    counts = Counts.from_tables(programme, {"kind_list": np.array([one, other, third])})
    release = publish(counts, set())
    assert attacker(Setting(counts, release)) == (True, True, {})


def test_an_earlier_release_shows_what_this_programme_does_not_publish():
    """How many people are of each kind was shown before; here only their codes are published. Two are of kind K."""
    shape = Shape({"place": 1, "kind": 2, "list": 1}, levels=False, complete=False, owned=True)
    policy = "threshold = 3\ninsiders = false"
    codes = 'levels = { kind = ["code", "total"], list = ["code"] }\n'
    programme = shape.programme([table_of("kind", "list") + codes], policy, "p")
    before = shape.programme([table_of("place", "kind")], policy, "q")
    counts = Counts.from_tables(programme, {"kind_list": np.array([[[2], [2]], [[4], [5]]])})
    earlier = Counts.from_tables(before, {"place_kind": np.array([[2, 5]])})
    with pytest.raises(NoSafeRelease, match="no safe release of tables kind_list was proven"):
        protect(programme, counts, history=[publish(earlier, set())])
    # Where they are five and five all is well, and what was shown is reckoned with.
    counts = Counts.from_tables(programme, {"kind_list": np.array([[[2], [5]], [[5], [5]]])})
    earlier = Counts.from_tables(before, {"place_kind": np.array([[5, 5]])})
    setting = Setting(counts, publish(counts, set()), (publish(earlier, set()),), (earlier,))
    safe_to_all(setting)
    assert protected(setting) is not None


def test_an_earlier_sum_from_too_few_contributors_stays_unknown():
    """Kind K is five people of one place, and that was hidden. Here the sum is not published, but all it is made of."""
    shape = Shape({"place": 3, "kind": 2, "list": 1}, levels=False, complete=False, owned=True)
    policy = "threshold = 2\nwidth = 1\ninsiders = false\nmin_contributors = {}"
    leaves = 'levels = { place = ["code"], kind = ["code"] }\n'
    programme = shape.programme([table_of("place", "kind") + leaves], policy.format(1), "p")
    before = shape.programme([table_of("place", "kind")], policy.format(2), "q")
    values = {"place_kind": np.array([[5, 5], [0, 5], [0, 5]])}
    counts, earlier = Counts.from_tables(programme, values), Counts.from_tables(before, values)
    open_ = {("place_kind", key) for key in product(("A", "B", "C", "ALL"), ("K", "ALL"))}
    setting = Setting(counts, publish(counts, set()), (publish(earlier, open_),), (earlier,))
    assert ("public", "place_kind", ("ALL", "K"), "", True) in oracle(setting)
    safe_to_all(setting)
    assert protected(setting).values[("place_kind", ("C", "L"))] == 5


def programme_cells(programme: Programme) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.id, key) for one, key in programme.cells()]
