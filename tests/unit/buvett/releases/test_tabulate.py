"""Facts → leaf counts, against a slow obvious count; and a length that tells nothing."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymisation.counts import Counts, shape_of
from anonymisation.programme import Programme
from anonymisation.reading import LARGEST_COUNT
from buvett.releases.errors import NotCountable
from buvett.releases.tabulate import check_agreed, pad, padded_length, tabulate, unpad

TEXT = """
[programme]
id = "p"
period = "2026"
population = "p"
contributor = "municipality"
[policy]
threshold = 5
[dimensions.municipality]
total = "R"
codes = ["0001", "0002"]
[dimensions.support]
total = "ALL"
codes = ["1", "2"]
[dimensions.age]
total = "ALL"
codes = ["U25", "25_66", "67P"]
[dimensions.group]
total = "ALL"
codes = ["RUS", "OKON"]
multi = true
[[tables]]
id = "support"
dimensions = ["municipality", "support"]
[[tables]]
id = "age_group"
dimensions = ["age", "group"]
"""
PROGRAMME = Programme.parse(TEXT)
ON = date(2026, 11, 1)
BANDS = {2010: "U25", 2002: "U25", 2001: "25_66", 1960: "25_66", 1959: "67P"}


def assessment(**changed: Any) -> dict[str, Any]:
    whole = {"support": "1", "birth_year": 2001, "groups": [], "areas": {}, "dwelling": "ORDINAER", "situation": "EIGD"}
    return whole | {"address_protected": False, "objected": False, "blocked": False} | changed


assessments = st.builds(
    assessment,
    support=st.sampled_from(["1", "2"]),
    birth_year=st.sampled_from(sorted(BANDS)),
    groups=st.lists(st.sampled_from(["RUS", "OKON"]), unique=True),
    address_protected=st.booleans(),
    objected=st.booleans(),
    blocked=st.booleans(),
)


def cells(text: bytes, table: str) -> dict[tuple[str, ...], int]:
    told = json.loads(text)["tables"]
    return {tuple(c["key"]): c["n"] for c in next(t for t in told if t["id"] == table)["cells"]}


def slow(people: list[Mapping[str, Any]]) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]]:
    support: dict[tuple[str, ...], int] = {}
    group: dict[tuple[str, ...], int] = {}
    for p in people:
        if p["address_protected"] or p["objected"] or p["blocked"]:
            continue
        support["0001", p["support"]] = support.get(("0001", p["support"]), 0) + 1
        for code in [*p["groups"], "ALL"]:
            key = (BANDS[p["birth_year"]], code, "0001")
            group[key] = group.get(key, 0) + 1
    return support, group


@given(st.lists(assessments, max_size=30))
def test_tabulate_counts_as_the_slow_oracle(people: list[dict[str, Any]]) -> None:
    text = tabulate(people, PROGRAMME, municipality="0001", counted_on=ON)
    assert (cells(text, "support"), cells(text, "age_group")) == slow(people)


@given(st.lists(assessments, max_size=30))
def test_tabulate_gives_what_the_reader_takes(people: list[dict[str, Any]]) -> None:
    text = tabulate(people, PROGRAMME, municipality="0002", counted_on=ON)
    assert Counts.parse(text, PROGRAMME, contributors=["0002"]).to_bytes() == text


@given(st.lists(assessments, max_size=30))
def test_padded_length_does_not_depend_on_the_people(people: list[dict[str, Any]]) -> None:
    length = padded_length(PROGRAMME)
    text = tabulate(people, PROGRAMME, municipality="0001", counted_on=ON)
    padded = pad(text, length=length)
    assert len(padded) == length
    assert unpad(padded) == text


def test_padded_length_holds_the_largest_counts() -> None:
    many = {"0001": 10**12}
    text = json.dumps(many)
    assert padded_length(PROGRAMME) % 1024 == 0
    assert len(text) < padded_length(PROGRAMME)


@pytest.mark.parametrize("flag", ["address_protected", "objected", "blocked"])
def test_tabulate_leaves_out_whom_nobody_may_count(flag: str) -> None:
    text = tabulate([assessment(**{flag: True}), assessment()], PROGRAMME, municipality="0001", counted_on=ON)
    assert cells(text, "support") == {("0001", "1"): 1}


def test_tabulate_refuses_an_unknown_code_without_naming_it() -> None:
    with pytest.raises(NotCountable) as refusal:
        tabulate([assessment(support="SECRET")], PROGRAMME, municipality="0001", counted_on=ON)
    assert str(refusal.value) == "a fact has no code in the programme's list support"
    assert refusal.value.__cause__ is None


def test_tabulate_refuses_a_municipality_outside_the_programme() -> None:
    with pytest.raises(NotCountable):
        tabulate([], PROGRAMME, municipality="9999", counted_on=ON)


def test_programme_that_counts_by_something_else_refused() -> None:
    other = Programme.parse(TEXT.replace("support", "name"))
    with pytest.raises(NotCountable, match="name"):
        check_agreed(other)


@pytest.mark.parametrize("padded", [b"", b"\0\0\0", b"\0\0\0\5abcd", b"\0\0\0\1ab\0"])
def test_unpad_refuses_what_was_not_padded(padded: bytes) -> None:
    with pytest.raises(ValueError, match="padded"):
        unpad(padded)


def test_pad_refuses_what_is_too_long() -> None:
    with pytest.raises(NotCountable):
        pad(b"x" * 10, length=13)


def test_pad_and_unpad_take_what_just_fits() -> None:
    assert unpad(pad(b"x" * 10, length=14)) == b"x" * 10
    assert unpad(pad(b"", length=4)) == b""


def largest(programme: Programme) -> int:
    """Bytes of the counts of 0001 when every cell is written with the largest number that a count may be.

    Together they would be refused, so they are written for ones and widened in the text.
    """
    arrays = {t.id: np.zeros(shape_of(programme, t), dtype=np.int64) for t in programme.tables}
    for table in programme.tables:
        axes = table.axes(programme)
        own = tuple(slice(0, 1) if name == "municipality" else slice(None) for name in axes)
        arrays[table.id][own] = 1
    ones = Counts.from_tables(programme, arrays, contributors=["0001"]).to_bytes()
    return len(re.sub(rb'"n":1\b', b'"n":%d' % LARGEST_COUNT, ones))


def test_padded_length_is_the_least_that_holds_the_largest_counts() -> None:
    # One table: with two, the largest number in every cell would contradict itself.
    head = TEXT.partition("[[tables]]")[0]
    table = '[[tables]]\nid = "{}"\ndimensions = ["municipality", "support", "age", "group"]\n'

    def named(length: int) -> Programme:
        return Programme.parse(head + table.format("s" * length))

    # A name so long that the counts end where the length steps up: one byte more, and there is another step.
    fits = 1 + -(largest(named(1)) + 4) % 1024
    assert padded_length(named(fits)) == largest(named(fits)) + 4
    assert padded_length(named(fits + 1)) == largest(named(fits)) + 4 + 1024
