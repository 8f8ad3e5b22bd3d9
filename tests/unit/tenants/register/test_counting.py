"""Counts against a slow oracle that looks at everybody once for every cell."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.register.counting import age_band, count, is_countable
from tests.data.register_files import ALWAYS, AREAS, COUNTED_ON, Person, count_slowly, person


def assessment(p: Person, **changed: object) -> dict[str, object]:
    """Return the facts that the case keeps."""
    return {
        "birth_year": p.birth_year,
        "situation": p.situation,
        "groups": list(p.groups),
        "support": p.support,
        "dwelling": p.dwelling,
        "areas": dict(p.areas),
        "address_protected": p.protected,
        "objected": p.objected,
        "blocked": False,
    } | changed


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 40))
def test_counts_agree_with_slow_oracle(seed, people):
    rng = Random(seed)
    everybody = [person(rng) for _ in range(people)]
    assert count(map(assessment, everybody), counted_on=COUNTED_ON).as_json() == count_slowly(everybody)


def test_nobody_gives_zeros_where_zeros_are_shown():
    counts = count([], counted_on=COUNTED_ON).as_json()
    assert counts == {
        "countable": 0,
        "by_support": {},
        "by_situation": {},
        "by_dwelling": {},
        "by_age_band": {},
        "by_group": dict.fromkeys(ALWAYS, 0),
        "by_area": {area: dict.fromkeys("GYRU", 0) for area in AREAS},
    }


@pytest.mark.parametrize("flag", ["address_protected", "objected", "blocked"])
def test_case_with_a_flag_is_not_counted(flag):
    one = person(Random(3))
    free = assessment(one, address_protected=False, objected=False)
    assert is_countable(free, counted_on=COUNTED_ON)
    assert not is_countable(free | {flag: True}, counted_on=COUNTED_ON)
    assert count([free, free | {flag: True}], counted_on=COUNTED_ON).countable == 1


@pytest.mark.parametrize(
    ("birth_year", "band"),
    [
        (2026, "U18"),
        (2009, "U18"),
        (2008, "18_24"),
        (2002, "18_24"),
        (2001, "25_44"),
        (1982, "25_44"),
        (1981, "45_66"),
        (1960, "45_66"),
        (1959, "67P"),
        (1900, "67P"),
    ],
)
def test_age_band_at_its_edges(birth_year, band):
    assert age_band(birth_year, counted_on=date(2026, 1, 1)) == band
    assert age_band(birth_year, counted_on=date(2026, 12, 31)) == band


def test_area_that_was_not_asked_counts_as_unknown():
    facts = assessment(person(Random(4)), address_protected=False, objected=False, areas={"BU": "G"})
    by_area = count([facts], counted_on=COUNTED_ON).by_area
    assert by_area["BU"] == {"G": 1, "Y": 0, "R": 0, "U": 0}
    assert by_area["NET"] == {"G": 0, "Y": 0, "R": 0, "U": 1}
