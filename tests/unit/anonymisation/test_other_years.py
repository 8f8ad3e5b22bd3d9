"""Other registers than the seven: what is proven safe in protecting is found safe by the attacker, in full."""

import numpy as np
import pytest

from anonymisation import audit, protect
from tests.benchmarks.other_years import year


def test_a_year_is_drawn_by_its_number_and_agrees_with_itself():
    one, same, other = year(3), year(3), year(4)
    assert all(np.array_equal(one.tables[name], same.tables[name]) for name in one.tables)
    assert any(not np.array_equal(one.tables[name], other.tables[name]) for name in one.tables)
    # Counts that do not agree between tables are refused when they are made.
    assert {int(one.tables["support"].sum())} == {int(one.tables[name].sum()) for name in ("support", "dwelling")}


@pytest.mark.parametrize(
    "number", [3, *(pytest.param(number, marks=pytest.mark.long) for number in range(12) if number != 3)]
)
def test_release_of_a_year_is_found_safe_and_shows_much(number: int):
    counts = year(number)
    release = protect(counts.programme, counts, key=b"year %d" % number).release
    report = audit(release, counts=counts)
    assert report.complete
    assert report.safe
    assert sum(bool(cell.value) for _, cell in release) > 30
