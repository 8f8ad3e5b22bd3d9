"""Dates in their forms, years, whole numbers and formulas."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.register.importing.cells import as_date, as_text, as_whole_number, as_year, is_formula
from tenants.register.importing.table import Formula


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025-10-15", date(2025, 10, 15)),
        (" 2025-10-15 ", date(2025, 10, 15)),
        ("2025-10-15 00:00:00", date(2025, 10, 15)),
        ("2025-10-15T12:30:00.000Z", date(2025, 10, 15)),
        ("2025-10-15T00:00:00+02:00", date(2025, 10, 15)),
        ("15.10.2025", date(2025, 10, 15)),
        ("5.1.2025", date(2025, 1, 5)),
        ("05. 01. 2025", date(2025, 1, 5)),
        ("15.10.2025 00:00", date(2025, 10, 15)),
        ("15/10/2025", date(2025, 10, 15)),
        ("4/4/2025", date(2025, 4, 4)),
        (datetime(2025, 10, 15, 12, 30), date(2025, 10, 15)),  # noqa: DTZ001 spreadsheets know no time zones
        (date(2025, 10, 15), date(2025, 10, 15)),
        (45945, date(2025, 10, 15)),
        (45945.75, date(2025, 10, 15)),
        ("45945", date(2025, 10, 15)),
        (Formula(text="=TODAY()", value=45945), date(2025, 10, 15)),
        ("29.02.2024", date(2024, 2, 29)),
    ],
)
def test_date_in_each_form(cell, expected):
    assert as_date(cell, epoch_1904=False) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "31.02.2025",
        "2025-02-31",
        "29.02.2025",
        "2025-13-01",
        "00.01.2025",
        "3/4/2025",
        "10/15/2025",
        "15.10.25",
        "20251015",
        "i går",
        "",
        None,
        "15.10.0205",
        "2025",
        2025,
        1e300,
        float("nan"),
        True,
        "#VALUE!",
        time(1),
        "-1",
        date(1899, 1, 1),
        timedelta(1),
        "15.10.2025x",
        "x2025-10-15",
        Formula(text="=A1", value=None),
    ],
)
def test_date_that_is_none(cell):
    assert as_date(cell, epoch_1904=False) is None


def test_serial_number_counts_from_1904_in_old_mac_workbooks():
    assert as_date(44483, epoch_1904=True) == date(2025, 10, 15)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_date_is_the_same_in_every_form(day):
    serial = (day - date(1899, 12, 30)).days
    forms = [day.isoformat(), day.strftime("%d.%m.%Y"), f"{day.day}.{day.month}.{day.year}", serial, float(serial), day]
    assert {as_date(form, epoch_1904=False) for form in forms} == {day}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("  x ", "x"),
        (2.0, "2"),
        (2.5, "2.5"),
        (25835330993.0, "25835330993"),
        (True, "True"),
        ("\xa0", ""),
        (7, "7"),
        (date(2025, 1, 2), "2025-01-02"),
        (Formula(text="=1+1", value=2.0), "2"),
    ],
)
def test_text_of_a_cell(cell, text):
    assert as_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("1955", 1955),
        (1955, 1955),
        (1955.0, 1955),
        ("1955.0", 1955),
        ("1955,0", 1955),
        (date(1955, 3, 2), 1955),
        ("02.03.1955", 1955),
        ("1955-03-02", 1955),
        ("55", None),
        ("ukjend", None),
        (55, None),
        (45945, None),
        (1955.5, None),
        ("", None),
        (None, None),
        ("19555", None),
        ("-1955", None),
    ],
)
def test_year_of_a_cell(cell, year):
    assert as_year(cell, epoch_1904=False) == year


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0", 0),
        ("3", 3),
        (3, 3),
        (3.0, 3),
        ("3.0", 3),
        ("3,00", 3),
        (" 2 ", 2),
        (Formula(text="=1+1", value=2), 2),
        ("-1", None),
        (-1, None),
        (2.5, None),
        ("to", None),
        ("", None),
        (None, None),
        (True, None),
        ("1e3", None),
    ],
)
def test_whole_number_of_a_cell(cell, number):
    assert as_whole_number(cell) == number


@pytest.mark.parametrize("cell", ["=1", "+1", "-", "@SUM(A1)", "\tx", Formula(text="x", value=None)])
def test_cell_that_a_program_would_calculate(cell):
    assert is_formula(cell, "=+-@\t")


@pytest.mark.parametrize("cell", ["", None, "x=1", " =1", "1-1", 3, -3, date(2025, 1, 1)])
def test_cell_that_no_program_would_calculate(cell):
    assert not is_formula(cell, "=+-@\t")
