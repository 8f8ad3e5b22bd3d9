"""The oracle against sums that a reader can do in the head."""

import numpy as np
import pytest

from anonymisation import Counts
from tests.oracle.adapter import programme_of, publish, region, true_world
from tests.oracle.region import Region
from tests.oracle.safe import Verdict
from tests.oracle.small import TABLES, programme_text
from tests.oracle.worlds import enumerate_worlds


def make(policy: str, values: object, hidden: str, *, table: str = "places", places: int = 3, extra: str = "") -> tuple:
    """A region of one table with true `values` (an array over the table's axes); `hidden`: codes hidden, by blanks."""
    text = programme_text(places=places, kinds=2, tables=TABLES[table] + extra, policy=policy)
    programme = programme_of(text)
    counts = Counts.from_tables(programme, {table: np.array(values)})
    release = publish(counts, {(table, tuple(code.split("/"))) for code in hidden.split()})
    where = region(release)
    return where, true_world(where, [counts])


def findings(where: Region, truth: np.ndarray, cap: int = 12) -> list[tuple[str, tuple[str, ...], int, int]]:
    worlds = enumerate_worlds(where, cap)
    assert worlds is not None
    return [(f.who, f.quantity.key, f.lower, f.upper) for f in Verdict(where, worlds).findings(truth)]


def test_worlds_shown_total():
    where, _ = make("threshold = 3", [1, 1, 1], "A B C")
    worlds = enumerate_worlds(where, 3)
    # Three places, three people: as many worlds as ways to put three balls into three boxes, (3 + 2 over 2).
    assert worlds is not None
    assert len(worlds) == 10
    assert set(worlds.sum(axis=1)) == {3}


def test_worlds_too_many():
    where, _ = make("threshold = 3", [1, 1, 1], "A B C")
    assert enumerate_worlds(where, 3, limit=9) is None


def test_public_two_hidden():
    where, truth = make("threshold = 3\ninsiders = false", [1, 1, 5], "A B")
    # A + B = 2 is not narrower than 3 only if the range of each, 0..2, were three wide.
    assert findings(where, truth) == [("public", ("A",), 0, 2), ("public", ("B",), 0, 2)]


def test_insider_subtracts_own_part():
    where, truth = make("threshold = 3", [3, 2, 2], "A B C")
    found = findings(where, truth)
    # B knows its 2, so A + C = 5 and each is 0..5; nothing there. A knows 3: B + C = 4, wide enough too.
    assert found == []
    where, truth = make("threshold = 3", [4, 1, 1], "A B C")
    assert findings(where, truth) == [
        ("A", ("B",), 0, 2),
        ("A", ("C",), 0, 2),
        ("A", ("ALL",), 2, 2),
    ]


def test_zero_small_if_zeros_hide():
    shown = "threshold = 3\ninsiders = false\nzeros = "
    where, truth = make(shown + '"publish"', [0, 5, 5], "")
    assert findings(where, truth) == []
    where, truth = make(shown + '"hide"', [0, 5, 5], "")
    assert findings(where, truth) == [("public", ("A",), 0, 0)]


def test_contributors_too_few():
    policy = "threshold = 3\ninsiders = false\nmin_contributors = "
    where, truth = make(policy + "2", [6, 0, 0], "A B C")
    assert findings(where, truth) == [("public", ("ALL",), 6, 6)]
    where, truth = make(policy + "1", [6, 0, 0], "A B C")
    assert findings(where, truth) == []


def test_group_all_have_the_same_code():
    policy = "threshold = 2\nwidth = 1\ninsiders = false"
    values = [[4, 0], [4, 0], [4, 0]]
    where, truth = make(policy, values, "", table="crossed", extra="sensitive = true\n")
    found = findings(where, truth, cap=4)
    # Everyone is K: margin minus K is 0 in each place and in all, and these are the only small quantities.
    assert [key for _, key, *_ in found] == [("A", "K"), ("B", "K"), ("C", "K"), ("ALL", "K")]


def test_group_empty_margin_is_no_quantity():
    policy = "threshold = 2\nwidth = 1\ninsiders = false"
    where, truth = make(policy, [[0, 0], [4, 4], [4, 4]], "", table="crossed", extra="sensitive = true\n")
    assert findings(where, truth, cap=8) == []


def test_rule_aware_worlds_that_would_not_be_released():
    # One row of three hidden places, total 5 shown, threshold 3, insiders; the truth 1, 2, 2.
    where, truth = make("threshold = 3\nrule_aware = false", [1, 2, 2], "A B C")
    assert findings(where, truth) == []
    where, truth = make("threshold = 3\nrule_aware = true", [1, 2, 2], "A B C")
    worlds = enumerate_worlds(where, 5)
    assert worlds is not None
    good = {tuple(int(v) for v in w) for w in worlds[Verdict(where, worlds).would_be_safe()]}
    # A place with 3 or 4 of the 5 knows that the others have 2 or 1 together, which is small; with 5 it knows 0.
    assert good == {w for w in ((a, b, 5 - a - b) for a in range(6) for b in range(6 - a)) if not {3, 4} & set(w)}


def test_multi_codes_within_people():
    text = programme_text(places=1 + 1, kinds=1, tables=TABLES["list"], policy="threshold = 2", multi="complete = true")
    programme = programme_of(text)
    counts = Counts.from_tables(programme, {"list": np.array([[2, 1], [2, 1]])})
    where = region(publish(counts, {("list", ("X",))}))
    worlds = enumerate_worlds(where, 3)
    assert worlds is not None
    # The only code and complete: everyone has it, so people and code agree in each place; 3 people in two places.
    assert len(worlds) == 4


def test_truth_must_be_a_world():
    where, truth = make("threshold = 3", [1, 1, 1], "A B C")
    worlds = enumerate_worlds(where, 3)
    assert worlds is not None
    with pytest.raises(ValueError, match="not one of the worlds"):
        Verdict(where, worlds).findings(truth + 1)
