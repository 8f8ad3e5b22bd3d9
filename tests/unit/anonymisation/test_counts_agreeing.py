"""Counts as arrays: whole, of the right shape, agreeing with each other; joined from what each contributor sends."""

import numpy as np
import pytest

from anonymisation import Counts, Programme, counts
from anonymisation.counts import margin
from anonymisation.errors import CountsError
from anonymisation.reading import LARGEST_COUNT
from tests.unit.anonymisation.programmes import COARSE, programme

PLACES = 'codes = ["A", "B"]'
LIST = 'codes = ["X", "Y"]\nmulti = true'
ONE = programme("place kind", place=PLACES, kind=COARSE)


def make(told: Programme, *tables, **more) -> Counts:
    arrays = {table.id: np.array(values) for table, values in zip(told.tables, tables, strict=True)}
    return Counts.from_tables(told, arrays, **more)


def problems(told: Programme, *tables, **more) -> tuple[str, ...]:
    with pytest.raises(CountsError) as refused:
        make(told, *tables, **more)
    return refused.value.problems


def test_margin_sums_codes_and_takes_the_people_of_a_list():
    told = programme("place need", place=PLACES, need=LIST)
    array = np.array([[1, 2, 3], [4, 5, 7]])
    axes = ("place", "need")
    assert margin(told, axes, array, ["place"]).tolist() == [3, 7]
    assert margin(told, axes, array, ["need"]).tolist() == [5, 7, 10]
    assert margin(told, axes, array, []).tolist() == 10
    assert margin(told, axes, array, ["need", "place"]).tolist() == array.T.tolist()


def test_arrays_are_whole_numbers_over_the_axes_of_each_table():
    wrong = ("counts: table place kind: needs whole numbers over ('place', 'kind')",)
    assert problems(ONE, [[1, 2]]) == wrong
    assert problems(ONE, [[1.0, 2.0], [3.0, 4.0]]) == wrong
    assert make(ONE, np.array([[1, 2], [3, 4]], dtype=np.uint8)).tables["place kind"].dtype == np.int64
    with pytest.raises(CountsError, match="needs counts for exactly the programme's tables"):
        Counts.from_tables(ONE, {})


def test_counts_are_neither_negative_nor_too_large_together():
    wrong = ("here: table place kind: a count is negative, or all together are too large",)
    assert problems(ONE, [[0, -1], [0, 0]], source="here") == wrong
    assert problems(ONE, [[LARGEST_COUNT, 1024], [0, 0]], source="here") == wrong
    assert make(ONE, [[LARGEST_COUNT, 0], [0, 0]]).tables["place kind"][0, 0] == LARGEST_COUNT


def test_cross_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counts, "LARGEST_CROSS", 4)
    assert make(ONE, [[1, 2], [3, 4]])
    monkeypatch.setattr(counts, "LARGEST_CROSS", 3)
    assert problems(ONE, [[1, 2], [3, 4]]) == ("table place kind: its full cross is larger than 3 counts",)


def test_contributors_stand_in_the_order_of_the_programme():
    assert make(ONE, [[1, 2], [3, 4]]).contributors == ("A", "B")
    assert make(ONE, [[1, 2], [3, 4]], contributors=["B", "A"]).contributors == ("A", "B")
    assert make(ONE, [[0, 0], [3, 4]], contributors=["B"]).contributors == ("B",)
    assert problems(ONE, [[1, 2], [3, 4]], contributors=["A", "B", "C"]) == (
        "counts: C: not a contributor of the programme",
    )
    assert problems(ONE, [[1, 2], [3, 4]], contributors=["A", "B", "A"]) == ("counts: a contributor is named twice",)
    assert problems(ONE, [[1, 2], [3, 4]], contributors=["B"]) == (
        "counts: table place kind: holds counts of a contributor that did not deliver",
    )


def test_code_of_a_list_counts_at_most_everyone():
    told = programme("need", place=PLACES, need=LIST)
    assert make(told, [[3, 0], [0, 0], [3, 0]])
    assert problems(told, [[3, 1], [0, 0], [3, 0]]) == (
        "counts: table need: a count under a code of need exceeds the people total",
    )
    assert problems(told, [[0, 0], [4, 0], [3, 1]]) == (
        "counts: table need: a count under a code of need exceeds the people total",
    )


def test_codes_of_a_complete_list_cover_everyone():
    told = programme("need", place=PLACES, need=LIST + "\ncomplete = true")
    assert make(told, [[1, 0], [2, 0], [3, 0]])
    assert make(told, [[3, 1], [3, 1], [3, 1]])
    assert problems(told, [[1, 1], [1, 0], [3, 1]]) == (
        "counts: table need: need is complete, but its codes do not cover everyone",
    )
    loose = programme("need", place=PLACES, need=LIST)
    assert make(loose, [[1, 1], [1, 0], [3, 1]])


def both(*, two: int, people: int) -> list[list[list[int]]]:
    """3 in A have need X, 3 have skill X, `two` have both; nobody has a Y."""
    return [
        [[two, 0], [0, 0], [3, 0]],
        [[0, 0], [0, 0], [0, 0]],
        [[3, 0], [0, 0], [people, 0]],
    ]


def test_codes_of_two_lists_can_hold_together():
    told = programme("need skill", place=PLACES, need=LIST, skill=LIST)
    assert make(told, both(two=0, people=6))
    assert make(told, both(two=1, people=5))
    wrong = ("counts: table need skill: need and skill cannot hold together",)
    assert problems(told, both(two=0, people=5)) == wrong
    assert problems(told, both(two=2, people=3)) == wrong


def test_codes_of_two_lists_hold_together_wherever_they_stand():
    told = programme("skill place need", place=PLACES, need=LIST, skill=LIST)
    wrong = ("counts: table skill place need: skill and need cannot hold together",)
    array = np.zeros((3, 2, 3), dtype=int)
    array[1, 1, 2], array[2, 1, 1], array[2, 1, 2] = 3, 3, 5
    assert problems(told, array) == wrong
    array[1, 1, 1] = 1
    assert make(told, array)


def test_tables_agree_on_what_they_share_for_each_contributor_alone():
    told = programme("place kind", "place", "kind", place=PLACES, kind=COARSE)
    crossed = [[3, 1], [5, 2]]
    kind = [[3, 5], [1, 2]]
    assert make(told, crossed, [4, 7], kind)
    # The sums over both places are right.
    assert problems(told, crossed, [5, 6], kind) == (
        "counts: tables place kind and place: disagree on the margin over place",
        "counts: tables place and kind: disagree on the margin over place",
    )
    assert problems(told, crossed, [4, 7], [[5, 3], [1, 2]]) == (
        "counts: tables place kind and kind: disagree on the margin over place, kind",
        "counts: tables place and kind: disagree on the margin over place",
    )


def test_tables_that_share_nothing_count_as_many_people():
    told = programme("kind", "age", owned=False, kind=COARSE, age='codes = ["x", "y"]')
    assert make(told, [3, 1], [2, 2])
    assert problems(told, [3, 1], [2, 3]) == ("counts: tables kind and age: disagree on the margin over everyone",)


def test_parts_of_each_contributor_are_joined():
    whole = make(ONE, [[3, 1], [5, 2]])
    parts = [whole.of("A"), whole.of("B")]
    assert parts[1].tables["place kind"].tolist() == [[0, 0], [5, 2]]
    assert parts[1].contributors == ("B",)
    assert Counts.merge(iter(parts)) == whole
    # Counts are told apart by their numbers, too.
    assert make(ONE, [[3, 1], [5, 3]]) != whole
    with pytest.raises(CountsError, match="nobody delivered"):
        Counts.merge([])
    other = programme("place kind", name="other", place=PLACES, kind=COARSE)
    with pytest.raises(CountsError, match="of different programmes"):
        Counts.merge([parts[0], make(other, [[0, 0], [5, 2]], contributors=["B"])])


def test_part_of_a_contributor_wherever_it_stands():
    told = programme("kind place", place=PLACES, kind=COARSE)
    assert make(told, [[3, 5], [1, 2]]).of("B").tables["kind place"].tolist() == [[0, 5], [0, 2]]


def keyed(values, keys, **more) -> Counts:
    return make(ONE, values, keys={"place kind": np.array(keys, dtype=np.uint64)}, **more)


def test_record_keys_go_with_their_counts():
    whole = keyed([[3, 1], [5, 2]], [[7, 2**64 - 1], [9, 4]])
    assert whole.keys is not None
    first, second = whole.of("A"), whole.of("B")
    assert first.keys is not None
    assert first.keys["place kind"].tolist() == [[7, 2**64 - 1], [0, 0]]
    joined = Counts.merge([first, second])
    assert joined == whole
    assert joined.keys is not None
    assert joined.keys["place kind"].tolist() == [[7, 2**64 - 1], [9, 4]]
    assert whole != make(ONE, [[3, 1], [5, 2]])
    with pytest.raises(CountsError, match="some parts hold record keys and some do not"):
        Counts.merge([first, make(ONE, [[0, 0], [5, 2]], contributors=["B"])])
    with pytest.raises(ValueError, match="read-only"):
        whole.keys["place kind"][0, 0] = 1
    cells = whole.to_json()["tables"][0]["cells"]
    assert cells[:2] == [
        {"key": ["A", "IN"], "n": 3, "k": "0000000000000007"},
        {"key": ["A", "OUT"], "n": 1, "k": "ffffffffffffffff"},
    ]


def test_record_keys_are_not_written_where_counts_are():
    told = repr(keyed([[3, 1], [5, 2]], [[7_777_777, 1], [9, 4]]))
    assert "7777777" not in told
    assert "bytes" not in told


def test_record_keys_fit_their_counts():
    wrong = ("counts: table place kind: its record keys do not fit its counts",)
    assert problems(ONE, [[3, 1], [5, 0]], keys={"place kind": np.ones((2, 2), dtype=np.uint64)}) == wrong
    assert problems(ONE, [[3, 1], [5, 2]], keys={"place kind": np.ones((2, 3), dtype=np.uint64)}) == wrong
    assert problems(ONE, [[3, 1], [5, 2]], keys={"place kind": np.ones((2, 2), dtype=np.int64)}) == wrong
    assert problems(ONE, [[3, 1], [5, 2]], keys={}) == wrong
    assert keyed([[3, 1], [5, 0]], [[1, 1], [1, 0]])


def test_record_keys_of_tables_agree():
    told = programme("place kind", "place", place=PLACES, kind=COARSE)
    keys = {"place kind": np.array([[7, 2], [9, 4]], np.uint64), "place": np.array([9, 14], np.uint64)}
    assert problems(told, [[3, 1], [5, 2]], [4, 7], keys=keys) == (
        "counts: tables place kind and place: disagree on record keys of the margin over place",
    )
    assert make(told, [[3, 1], [5, 2]], [4, 7], keys=keys | {"place": np.array([9, 13], np.uint64)})


def test_counts_as_the_platform_sends_them():
    told = programme("place need", place=PLACES, need=LIST)
    assert make(told, [[1, 0, 2], [0, 0, 0]]).to_json() == {
        "format": "anonymise/counts/1",
        "programme_sha256": told.sha256,
        "tables": [
            {
                "id": "place need",
                "dimensions": ["place", "need"],
                "cells": [{"key": ["A", "X"], "n": 1}, {"key": ["A", "ALL"], "n": 2}],
            }
        ],
    }
