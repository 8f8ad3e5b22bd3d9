from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buvett.pages.regional.tables import Cell, Table, Why, rate_of, share_of, tables_of
from tests.unit.buvett.pages.bodies import PLACES, crossed, hidden, release, shown, table


def read(body: dict[str, Any], language: str = "nn") -> Table:
    (only,) = tables_of(body, places=PLACES, region="Vest-Telemark", total="Alle", language=language)
    return only


def test_municipalities_are_rows_in_norwegian_order_and_the_region_is_last() -> None:
    found = read(release(crossed()))

    assert found.by_municipality
    assert [row.label for row in found.rows] == ["Fyresdal", "Vinje", "Åmli", "Vest-Telemark"]
    assert [row.is_total for row in found.rows] == [False, False, False, True]


def test_columns_are_the_total_and_the_codes_in_the_language() -> None:
    assert [c.label for c in read(release(crossed())).columns] == ["Alle", "Ingen", "Råd og rettleiing"]
    assert [c.label for c in read(release(crossed()), "en").columns][:2] == ["Alle", "None"]


def test_values_stand_where_their_key_says() -> None:
    found = read(release(crossed()))

    assert [[cell.value for cell in row.cells] for row in found.rows] == [
        [24, 14, 10],
        [30, 20, 10],
        [6, 6, 0],
        [60, 40, 20],
    ]


def test_dimensions_in_the_other_order_give_the_same_table() -> None:
    straight = crossed()
    turned = {
        **straight,
        "dimensions": ["support", "municipality"],
        "cells": [{**cell, "key": cell["key"][::-1]} for cell in straight["cells"]],
    }

    assert read(release(turned)) == read(release(straight))


def test_hidden_cell_keeps_its_reason_and_no_number() -> None:
    found = read(release(crossed(**{"4032_0": {**hidden("4032", "0"), "value": 3}})))

    cell = found.rows[0].cells[1]
    assert cell == Cell(value=None, why=Why.PROTECTED)
    assert (found.hidden, found.protected, found.awaited) == (1, True, ())


def test_waiting_cell_names_its_municipality() -> None:
    body = release(crossed(**{"4036_0": hidden("4036", "0", why="waiting")}), contributors=("4022", "4032"))

    assert read(body).rows[1].cells[1] == Cell(value=None, why=Why.WAITING, awaited=("Vinje",))


def test_waiting_total_names_all_that_are_awaited() -> None:
    body = release(crossed(VT_0=hidden("VT", "0", why="waiting")), contributors=("4022",))

    assert read(body).rows[3].cells[1].awaited == ("Fyresdal", "Vinje")


def test_cell_that_is_not_listed_is_hidden() -> None:
    lacking = crossed()
    lacking["cells"] = [cell for cell in lacking["cells"] if cell["key"] != ["4032", "1"]]

    assert read(release(lacking)).rows[0].cells[2] == Cell(value=None, why=Why.PROTECTED)


def test_region_only_table_lists_codes() -> None:
    body = release(
        table(
            "support",
            ["municipality", "support"],
            *(shown("VT", c, value=v) for c, v in (("ALL", 50), ("0", 30), ("1", 20))),
        )
    )

    found = read(body)

    assert not found.by_municipality
    assert [(row.label, row.cells[0].value) for row in found.rows] == [
        ("Alle", 50),
        ("Ingen", 30),
        ("Råd og rettleiing", 20),
    ]


def test_groups_stand_before_their_codes() -> None:
    codes = {"ALL": 9, "EIGEN_LEIGD": 8, "EIGD": 5, "LEIGD_PRIV": 3, "BUSTADLAUS": 1, "UTE": 1}
    body = release(table("situation", ["situation"], *(shown(code, value=n) for code, n in codes.items())))

    assert [(row.code, row.depth) for row in read(body).rows] == [
        ("ALL", 0),
        ("EIGEN_LEIGD", 1),
        ("EIGD", 2),
        ("LEIGD_PRIV", 2),
        ("BUSTADLAUS", 1),
        ("UTE", 2),
    ]


def test_groups_alone_are_at_the_first_level() -> None:
    codes = {"ALL": 9, "EIGEN_LEIGD": 8, "BUSTADLAUS": 1}
    body = release(table("situation", ["situation"], *(shown(code, value=n) for code, n in codes.items())))

    assert [(row.label, row.depth) for row in read(body).rows] == [
        ("Alle", 0),
        ("Eigd eller leigd", 1),
        ("Bustadlaus", 1),
    ]


def test_several_codes_of_a_person_are_told() -> None:
    body = release(table("group", ["group"], shown("ALL", value=9), shown("RUS", value=5), shown("PSYK", value=6)))

    assert read(body).several


def test_levels_of_an_area_are_letter_and_word() -> None:
    body = release(table("area_bu", ["area_bu"], shown("ALL", value=9), shown("G", value=9)))

    found = read(body)

    assert found.title == "Funksjonsområde: Busituasjon"
    assert [row.label for row in found.rows] == ["Alle", "G – Grøn"]


def test_unknown_code_list_shows_codes() -> None:
    body = release(table("odd", ["unheard_of"], shown("T", value=9), shown("X", value=9)))

    found = read(body)

    assert (found.title, [row.label for row in found.rows], found.lists) == ("unheard_of", ["Alle", "X"], ())


def test_table_of_three_dimensions_lists_every_cell() -> None:
    body = release(
        table(
            "odd",
            ["municipality", "support", "group"],
            shown("VT", "ALL", "ALL", value=9),
            shown("4032", "0", "RUS", value=7),
        )
    )

    assert [row.label for row in read(body).rows] == ["Vest-Telemark, Alle, Alle", "Fyresdal, Ingen, Rusmiddelvanskar"]


def test_rates_rest_on_the_inhabitants_of_the_row() -> None:
    found = read(release(crossed()))

    # Åmli has 29 inhabitants here: too few for a rate. The region has 4,029.
    assert [row.rate for row in found.rows] == [Decimal("24.0"), Decimal("10.0"), None, Decimal("14.9")]


def test_rate_of_the_region_leaves_out_who_has_not_delivered() -> None:
    found = read(release(crossed(), contributors=("4032", "4022")))

    assert found.rows[3].rate == Decimal("58.3")  # 60 of 1,029


def test_hidden_total_gives_no_rate_and_no_share() -> None:
    body = release(table("support", ["support"], hidden("ALL"), shown("0", value=30), shown("1", value=8)))

    found = read(body)

    assert [row.share for row in found.rows] == [None, None, None]
    assert found.rows[0].rate is None


def test_inhabitants_unknown_give_no_rate() -> None:
    (found,) = tables_of(release(crossed()), places=(), region="R", total="Alle", language="nn")

    assert all(row.rate is None for row in found.rows)
    assert [row.label for row in found.rows] == ["4022", "4032", "4036", "R"]


@pytest.mark.parametrize(
    ("value", "whole", "share"),
    [(10, 29, None), (10, 30, 35), (33, 99, 35), (33, 100, 33), (0, 200, 0), (200, 200, 100)],
)
def test_share_is_coarse_below_a_hundred(value: int, whole: int, share: int | None) -> None:
    assert share_of(Cell(value=value), Cell(value=whole)) == share


@given(value=st.integers(0, 5000), inhabitants=st.integers(0, 100_000))
def test_rate_is_per_thousand_or_nothing(value: int, inhabitants: int) -> None:
    rate = rate_of(Cell(value=value), inhabitants)

    if inhabitants < 30:
        assert rate is None
    else:
        assert rate is not None
        assert abs(rate - Decimal(1000 * value) / inhabitants) <= Decimal("0.05")


@given(
    st.lists(
        st.sampled_from([f"{p}_{c}" for p in ("VT", "4022", "4032", "4036") for c in ("ALL", "0", "1")]), unique=True
    )
)
def test_no_number_of_a_hidden_cell_is_anywhere(keys: list[str]) -> None:
    told = {key: {**hidden(*key.split("_")), "value": 987_654} for key in keys}

    found = read(release(crossed(**told)))

    assert found.hidden == len(keys)
    assert "987654" not in repr(found)
    rates = {row.code for row in found.rows if row.rate is not None}
    assert not rates & {key.removesuffix("_ALL") for key in keys if key.endswith("_ALL")}
