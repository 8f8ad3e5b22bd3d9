"""y = x + d: what two revisions tell about the difference."""

from dataclasses import replace

import numpy as np
import pytest

from anonymisation import Counts, Programme
from anonymisation.attack import audit, auditing, correction, quantities, system
from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.insight import Work
from anonymisation.attack.report import Exposed
from tests.oracle.adapter import publish
from tests.oracle.small import TABLES, programme_text
from tests.unit.anonymisation.programmes import counts, programme, seen


def two(before, hidden_before, after, hidden_after, *, policy="threshold = 5\ninsiders = false"):
    programme = Programme.parse(programme_text(places=3, kinds=1, tables=TABLES["places"], policy=policy))
    old = Counts.from_tables(programme, {"places": np.array(before)})
    new = Counts.from_tables(programme, {"places": np.array(after)})
    first = publish(old, {("places", (c,)) for c in hidden_before})
    second = publish(new, {("places", (c,)) for c in hidden_after}, revision=1)
    return audit(second, history=[first], counts=new)


def told(report):
    return [(e.key, e.lower, e.upper, e.difference) for a in report.attackers for e in a.disclosed]


def test_correction_small_and_exact():
    assert told(two([6, 7, 8], "", [6, 7, 9], "")) == [
        (("C",), 1, 1, "revision 0"),
        (("ALL",), 1, 1, "revision 0"),
    ]


def test_correction_nothing_changed():
    report = two([6, 7, 8], "", [6, 7, 8], "")
    assert report.safe
    assert report.complete


def test_correction_large_enough():
    assert two([6, 7, 8], "", [6, 7, 13], "").safe


def test_correction_downwards():
    assert told(two([6, 7, 9], "", [6, 7, 8], "")) == [
        (("C",), 1, 1, "revision 0"),
        (("ALL",), 1, 1, "revision 0"),
    ]


def test_correction_hidden_behind_a_new_pattern():
    # The totals differ by one whatever the rest hides.
    assert told(two([6, 7, 8], "", [6, 7, 9], "ABC")) == [(("ALL",), 1, 1, "revision 0")]
    # With the second total hidden as well nothing bounds the difference.
    assert two([6, 7, 8], "", [6, 7, 9], ["A", "B", "C", "ALL"]).safe


def test_correction_must_be_safe_alone():
    assert (("A",), 2, 2, "") in told(two([6, 7, 8], "", [2, 7, 13], ""))


def test_correction_insider():
    policy = "threshold = 5"
    # A, B and C hidden, totals 21 and 27: 6 more, which is not small. But what C had before only C knows: if it had 5
    # and now has 10, it sees one more of the others.
    report = two([6, 7, 8], "ABC", [8, 9, 10], "ABC", policy=policy)
    assert {(a.who, *e.key) for a in report.attackers for e in a.disclosed} == {(who, "ALL") for who in "ABC"}
    # Where all show what they had, all know what the others have more of.
    assert two([6, 7, 8], "", [11, 13, 18], "", policy=policy).safe


@pytest.mark.parametrize("change", [1, 2, 3, 4, 5, 6])
def test_correction_threshold_decides(change):
    report = two([6, 7, 8], "", [6, 7, 8 + change], "")
    assert report.safe == (change >= 5)


PLACE = {"place": 'codes = ["A", "B", "C", "D"]'}


def revisions(old, new, *, threshold="threshold = 5", truth=True):
    """Two revisions of a perturbed table, each told as values and how far these may be off; the second's are true."""
    values = []
    for number, (shown, off) in enumerate((old, new)):
        told = programme("place", policy=f'{threshold}\nmethod = "round"\ninsiders = false', place='codes = ["A"]')
        release = publish(counts(told, [shown]), set(), revision=number)
        values.append(replace(release, stated={"max_deviation": off}))
    known = counts(values[1].programme, [new[0]]) if truth else None
    (public,) = audit(values[1], history=values[:1], counts=known).attackers
    return (
        [(e.lower, e.upper) for e in public.disclosed if e.key == ("A",) and e.difference],
        [(e.lower, e.upper) for e in public.narrow if e.key == ("A",) and e.difference],
    )


@pytest.mark.parametrize(
    ("old", "new", "small"),
    [
        # Told exactly before, then within one: the difference is one of three.
        ((20, 0), (22, 1), True),
        ((20, 0), (23, 1), True),
        ((20, 0), (24, 1), False),  # may be 5, which is not small
        ((20, 0), (21, 1), False),  # may be 0, which is none
        ((22, 1), (20, 0), True),
        ((24, 1), (20, 0), False),
    ],
)
def test_difference_that_is_certainly_small_is_disclosed_without_the_truth(old, new, small):
    least, most = abs(old[0] - new[0]) - 1, abs(old[0] - new[0]) + 1
    assert revisions(old, new, truth=False) == (([(least, most)], []) if small else ([], [(least, most)]))


@pytest.mark.parametrize(
    ("old", "new", "sizes", "small"),
    [
        ((20, 0), (24, 1), (3, 5), True),
        ((20, 0), (25, 1), (4, 6), False),
        ((20, 1), (25, 0), (4, 6), True),  # by the truth now, 4 to 6
        ((20, 1), (26, 0), (5, 7), False),
        ((25, 1), (20, 0), (4, 6), True),
        ((26, 1), (20, 0), (5, 7), False),
        ((20, 1), (20, 0), (0, 1), True),  # may have been one more or one fewer
        ((20, 0), (20, 1), (0, 1), False),  # by the truth there is none
        ((20, 1), (21, 0), (0, 2), True),
    ],
)
def test_difference_that_may_be_small_is_disclosed_by_the_truth(old, new, sizes, small):
    assert revisions(old, new) == (([sizes], []) if small else ([], [sizes]))


def test_difference_of_0_is_small_where_zeros_are():
    hide = 'threshold = 5\nzeros = "hide"'
    assert revisions((20, 0), (21, 1), threshold=hide, truth=False) == ([(0, 2)], [])
    assert revisions((20, 0), (20, 1), threshold=hide) == ([(0, 1)], [])
    # Proven to be none is not small, whatever zeros are.
    assert revisions((20, 0), (20, 0), threshold=hide) == ([], [])


def test_difference_must_span_its_width():
    assert revisions((20, 2), (20, 2)) == ([(0, 4)], [])
    # 8 to 12 is as wide as 4 asks for, and not as wide as 5 does.
    assert revisions((30, 1), (20, 1), threshold="threshold = 4") == ([], [])
    assert revisions((30, 1), (20, 1)) == ([], [(8, 12)])
    assert revisions((30, 1), (20, 0), threshold="threshold = 3") == ([], [(9, 11)])
    assert revisions((30, 0), (20, 0)) == ([], [(10, 10)])


def insiders(old, new, *hidden, here="ABCD", dimensions=PLACE, tables=("place",), policy="threshold = 5"):
    """By attacker what a second revision discloses; `here` are those who delivered to the first."""
    told = programme(*tables, policy=policy, **dimensions)
    cells = {(tables[0].rstrip("!"), key) for key in hidden}
    first = publish(counts(told, old, contributors=tuple(here)), cells)
    known = counts(told, new)
    report = audit(publish(known, cells, revision=1), history=[first], counts=known)
    return {a.who: {(*e.key, e.lower, e.upper) for e in a.disclosed if e.difference} for a in report.attackers}


def test_insider_may_have_had_whatever_the_first_revision_left_open():
    # A and B hide behind 13, then 14; C and D are shown and have changed much.
    found = insiders([6, 7, 8, 9], [6, 8, 18, 19], ("A",), ("B",))
    assert found["public"] == set()
    # To A the rest of 13 and 14 is B's, now 8 and before whatever A left of 13. To C, who showed what it had, only sums
    # say anything.
    assert found["A"] >= {("B", 0, 8)}
    assert found["B"] >= {("A", 0, 7)}
    assert found["C"] == set()


def test_insider_subtracts_its_own_part_on_both_sides():
    # Everyone sees 11 more in all; C alone, whose own are 10 more, sees one more of the others.
    three = {"place": 'codes = ["A", "B", "C"]'}
    found = insiders([6, 7, 8], [6, 8, 18], ("A",), ("B",), here="ABC", dimensions=three)
    assert found["public"] == set()
    assert found["C"] == {("ALL", 1, 1)}
    # B had from 0 to 13 before: the rest of 21 was 8 to 21, and is 24 now.
    assert found["B"] == {("A", 0, 7), ("ALL", 3, 16)}


def test_insider_who_had_not_delivered_before_knew_nothing_then():
    found = insiders([6, 7, 8, 0], [6, 7, 9, 20], here="ABC")
    # D's own 20 are not in the total that it compares with.
    assert found["D"] == {("C", 1, 1), ("ALL", 1, 1)}
    assert found["public"] == {("C", 1, 1)}
    assert found["A"] == {("C", 1, 1)}


def test_difference_of_a_group_names_its_margin():
    told = programme("kind!", policy="threshold = 5", owned=False, kind='codes = ["K", "L"]')
    first, known = counts(told, [6, 7]), counts(told, [16, 8])
    (public,) = audit(publish(known, set(), revision=1), history=[publish(first, set())], counts=known).attackers
    assert set(public.disclosed) == {
        Exposed("kind", ("K",), 1, 1, "kind", "", "revision 0"),
        Exposed("kind", ("L",), 1, 1, "", "", "revision 0"),
    }


@pytest.mark.parametrize(("work", "hidden_now", "unfinished"), [(1, "AB", 2), (1, "", 4), (1_000, "AB", 0)])
def test_difference_for_which_the_work_did_not_suffice_is_neither_narrow_nor_wide(work, hidden_now, unfinished):
    told = programme("place", policy="threshold = 5", place='codes = ["A", "B", "C"]')
    known = counts(told, [6, 7, 8])
    now = system.build([seen(known, *(("place", (code,)) for code in hidden_now))])
    before = quantities.build(system.build([seen(known, ("place", ("A",)), ("place", ("B",)))]))
    # One question finds some world of the first revision, in which A or B has all 13. None is left for other worlds.
    attacker = Attacker(auditing._case(now, known, Work(work)), PUBLIC)
    attacker.attack()
    found = correction.compare(attacker, before, known, since="revision 0")
    assert found == correction.Difference((), (), unfinished)
