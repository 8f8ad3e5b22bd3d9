"""Earlier releases as the perturbing methods sort them."""

from dataclasses import replace

import numpy as np
import pytest

from anonymisation import Counts, Programme, Release
from anonymisation.cells import of
from anonymisation.errors import HistoryError
from anonymisation.history import read, told
from anonymisation.programme import EXAMPLE

HERE = Programme.parse(EXAMPLE)


def release(*, name="other", period="2026", population="example", revision=0, change=("", "")) -> Release:
    """Somebody's release of the example's counts."""
    text = EXAMPLE.replace('id = "example"', f'id = "{name}"', 1).replace('"2026"', f'"{period}"')
    text = text.replace('population = "example"', f'population = "{population}"').replace(*change)
    programme = Programme.parse(text)
    places, situations = (len(programme.dimension(name).codes) for name in ("place", "situation"))
    counts = Counts.from_tables(programme, {"situation": np.full((places, situations), 7)})
    cells = of(counts)
    return cells.release(cells.sums(counts.tables), {}, revision=revision)


def test_sorted_by_whose_people_they_count():
    same, other = release(), release(period="2025")
    first, second = release(name="example"), release(name="example", revision=1)
    found = read(HERE, [second, other, same, first, same])
    assert (found.same, found.corrected, found.revision) == ((same,), (first, second), 2)


@pytest.mark.parametrize(
    ("here", "there", "overlap"),
    [
        ("2026", "2025", False),
        ("2026", "2026-H1", True),
        ("2026-H2", "2026", True),
        ("2026-H1", "2026-H2", False),
        ("2026-H1", "2025-H1", False),
    ],
)
def test_periods_may_not_overlap(here: str, there: str, overlap: bool):
    programme = replace(HERE, period=here)
    if not overlap:
        assert read(programme, [release(period=there)]).same == ()
        return
    with pytest.raises(HistoryError, match="its period overlaps"):
        read(programme, [release(period=there)])


@pytest.mark.parametrize(
    ("releases", "reason"),
    [
        ([release(population="others")], r"history 1 \(other 2026\): another population"),
        ([release(change=('"INNE", "UTE"', '"INNE", "OUT"'))], "dimension situation cannot be linked"),
        ([release(change=('contributor = "place"\n', ""))], "another contributor dimension"),
        ([release(), release(change=("= 5", "= 6"))], "is given twice, and differs"),
        ([release(name="example", change=("= 5", "= 6"))], "another programme of the same id and period"),
        ([release(name="example", revision=1)], "a revision of example is missing"),
    ],
)
def test_what_does_not_fit_is_refused(releases, reason: str):
    with pytest.raises(HistoryError, match=reason):
        read(HERE, releases)


def test_told_by_whom_it_counts():
    found = told(release(), ("A", "B", "C"), "history")
    assert found[()] == 42
    assert found[("place", (0,)), ("situation", (1,))] == 7
    with pytest.raises(HistoryError, match=r"history \(other\): other contributors delivered to it"):
        told(release(), ("A", "B"), "history")
