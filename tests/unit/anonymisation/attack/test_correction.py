"""y = x + d: what two revisions tell about the difference."""

import numpy as np
import pytest

from anonymisation import Counts, Programme
from anonymisation.attack import audit
from tests.oracle.adapter import publish
from tests.oracle.small import TABLES, programme_text


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
    # A, B and C hidden, totals 21 and 27: 6 more, which is not small. What A had before the auditor does not know; it
    # is taken to have been 8 then, too, so A sees 6 more of the others.
    assert two([6, 7, 8], "ABC", [8, 9, 10], "ABC", policy=policy).safe


@pytest.mark.parametrize("change", [1, 2, 3, 4, 5, 6])
def test_correction_threshold_decides(change):
    report = two([6, 7, 8], "", [6, 7, 8 + change], "")
    assert report.safe == (change >= 5)
