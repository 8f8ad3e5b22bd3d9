"""Cells by whom they count, against leaf-by-leaf sums."""

import doctest

from hypothesis import given, settings

from anonymisation import cells
from tests.unit.anonymisation.regions import count, persons, programme, truth


@settings(max_examples=20, deadline=None)
@given(persons())
def test_sums_are_those_of_the_leaves(people):
    counts = count(programme(), people)
    found = cells.of(counts)
    values = found.sums(counts.tables)
    for table in counts.programme.tables:
        for key, at in zip(table.published(counts.programme), found.places[table.id], strict=True):
            assert values[at] == truth(counts)[table.id, key]


def test_the_same_people_in_two_tables_are_one_cell():
    told = programme()
    found = cells.number(told, told.contributors)
    home, need = (dict(zip(t.published(told), found.places[t.id], strict=True)) for t in told.tables)
    assert home["REGION", "ROOF"] == need["ROOF", "ALL"]
    assert home["REGION", "ALL"] == need["ALL", "ALL"]
    assert home["EAST", "OWN"] == home["C", "OWN"]
    assert len(set(home.values()) & set(need.values())) == 3


def test_who_did_not_deliver_is_waiting():
    told = programme()
    counts = count(told, [("A", "OWN", frozenset())] * 4, contributors=["A", "B"])
    found = cells.of(counts)
    release = found.release(found.sums(counts.tables), {})
    waiting = {cell.key[0] for _, cell in release if cell.why == "waiting"}
    assert waiting == {"C", "EAST"}
    assert release.values["home", ("WEST", "ALL")] == release.values["home", ("REGION", "ALL")] == 4


def test_doctest():
    assert doctest.testmod(cells).failed == 0
