"""Which earlier releases count."""

from dataclasses import replace

import numpy as np
import pytest

from anonymisation import Counts, Programme
from anonymisation.attack import ledger
from anonymisation.errors import HistoryError
from tests.oracle.adapter import publish
from tests.oracle.small import TABLES, programme_text


def release(name="p", *, period="2026", population="people", revision=0, values=(6, 7, 8)):
    text = programme_text(places=3, kinds=1, tables=TABLES["places"], policy="threshold = 5", name=name)
    text = text.replace('"2026"', f'"{period}"').replace('"people"', f'"{population}"')
    counts = Counts.from_tables(Programme.parse(text), {"places": np.array(values)})
    return publish(counts, set(), revision=revision)


def test_read_same_people():
    other = release("q")
    known = ledger.read(release(), [other, release("r", period="2025"), release("s", period="2024-H1")])
    assert known.same == (other,)
    assert known.corrected == ()


def test_read_itself_is_skipped():
    assert ledger.read(release(), [release()]).same == ()


@pytest.mark.parametrize(
    ("history", "told"),
    [
        ([release("q", population="others")], "another population"),
        ([release("q", period="2026-H1")], "overlaps"),
        ([release("q"), release("q")], "given twice"),
        ([release(values=(6, 7, 9))], "another release of the same"),
    ],
)
def test_read_refuses(history, told):
    with pytest.raises(HistoryError, match=told):
        ledger.read(release(), history)


def test_read_two_halves_do_not_overlap():
    assert ledger.read(release(period="2026-H2"), [release("q", period="2026-H1")]).same == ()


def test_read_correction():
    first, other, second = release(), release("q"), release(revision=1, values=(6, 7, 9))
    known = ledger.read(replace(second, revision=2), [first, other, second])
    assert known.same == ()
    assert known.corrected == ((first, (other,)), (second, ()))


def test_read_correction_without_what_it_corrects():
    with pytest.raises(HistoryError, match="revision 0 of p is missing"):
        ledger.read(release(revision=1), [])
