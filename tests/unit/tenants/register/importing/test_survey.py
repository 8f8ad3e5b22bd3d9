"""What is told of a file's columns: headings, shapes, guesses; and nothing about anyone."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.register.importing import ColumnMapping, RefusedCode, RefusedFile, parse_register, read_file
from tenants.register.importing.naming import named
from tenants.register.importing.shapes import Shape, ShapeKind, shape_of
from tenants.register.importing.survey import can_be_named, survey
from tests.data.register_files import COUNTED_ON, NAMES
from tests.unit.tenants.register.importing.builders import SOUND, csv_of, sheet, xlsx_of

REGISTERS = Path(__file__).parents[4] / "data" / "registers"
NOTHING = ColumnMapping()
# What seven offices might have called them, none of it known; one column stands for two things nowhere.
OWN = {
    "Førenamn": "Kallenamn",
    "Etternamn": "Slekt",
    "Fødselsnummer": "Klient-ID",
    "Fødselsår": "Årgang",
    "Telefon": "Nås på",
    "Adresse": "Bur i",
    "Barn u/18": "Born i huset",
    "Busituasjon": "Situasjon no",
    "Målgrupper": "Høyrer til",
    "Bistandsnivå": "Oppfølging",
    "Bustadtype": "Ynskje",
    "Registrert": "Inn dato",
    "Adressesperre": "Skjerma?",
    "Motsegn": "Sagt nei",
    "Merknad": "Ymse",
}


def own(rows):
    """The rows under headings that nobody knows."""
    return [[OWN.get(name, f"Felt {chr(65 + at)}") for at, name in enumerate(rows[0])], *rows[1:]]


def by_heading(found):
    return {column.heading: column for column in found.columns}


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("17865528469", Shape(ShapeKind.DIGITS, 11)),
        ("178655 28469", Shape(ShapeKind.DIGITS, 11)),
        (1955, Shape(ShapeKind.DIGITS, 4)),
        (1955.0, Shape(ShapeKind.DIGITS, 4)),
        ("31.10.2025", Shape(ShapeKind.DATE)),
        ("2025-10-31", Shape(ShapeKind.DATE)),
        ("12,5", Shape(ShapeKind.NUMBER)),
        ("Leigd, privat", Shape(ShapeKind.WORDS, 2)),
        ("Ynskjer ro, og har hund og katt", Shape(ShapeKind.LONG_TEXT)),
        ("  ", None),
        (None, None),
    ],
)
def test_shape_tells_kind_and_size_only(cell, shape):
    assert shape_of(cell) == shape


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_shape_never_holds_the_value(text):
    told = shape_of(text)

    assert told is None or told == Shape(told.kind, told.size)
    assert told is None or told.kind in ShapeKind
    assert told is None or told.kind is ShapeKind.DIGITS or told.size <= 3


@pytest.mark.parametrize("write", [csv_of, xlsx_of])
def test_guesses_rest_on_values_that_no_other_field_has(write):
    found = by_heading(survey(write(own(sheet({}, {}, {}))), NOTHING))

    assert {heading: column.suggested for heading, column in found.items() if column.suggested} == {
        "Klient-ID": "Fødselsnummer",
        "Årgang": "Fødselsår",
        "Situasjon no": "Busituasjon",
        "Høyrer til": "Målgrupper",
        "Oppfølging": "Bistandsnivå",
        "Ynskje": "Bustadtype",
        "Inn dato": "Registrert",
    }
    assert found["Klient-ID"].shapes == (Shape(ShapeKind.DIGITS, 11),) * 3


@pytest.mark.parametrize(
    ("heading", "guess"),
    [
        ("Sperra adr.", "Adressesperre"),
        ("Har motsegn?", "Motsegn"),
        ("Fornamnet", "Førenamn"),
        ("Ja/nei", None),
        ("Adr", None),
    ],
)
def test_guess_by_heading_needs_one_that_is_nearly_known(heading, guess):
    name = guess or "Adressesperre"
    rows = sheet({}, {})
    rows[0] = [heading if each == name else each for each in NAMES]

    assert by_heading(survey(csv_of(rows), NOTHING))[heading].suggested == guess


def test_heading_that_fits_over_values_that_do_not_is_no_guess():
    rows = sheet({"Motsegn": "Hus"}, {"Motsegn": "Hytte"})
    rows[0] = ["Motsegna" if each == "Motsegn" else each for each in NAMES]

    assert by_heading(survey(csv_of(rows), NOTHING))["Motsegna"].suggested is None


def test_two_columns_that_fit_as_well_are_left_to_the_person():
    rows = [[*row, extra] for row, extra in zip(sheet({}, {}), ["Siste samtale", "1.2.2026", "2.2.2026"], strict=True)]
    rows[0][NAMES.index("Registrert")] = "Inn"

    found = by_heading(survey(csv_of(rows), NOTHING))

    assert (found["Inn"].suggested, found["Siste samtale"].suggested) == (None, None)


@pytest.mark.parametrize("name", sorted(path.name for path in REGISTERS.glob("4*")))
def test_real_registers_are_known_and_nothing_of_their_people_is_told(name):
    content = read_file(REGISTERS / name)
    found = survey(content, NOTHING)
    parsed = parse_register(content, counted_on=COUNTED_ON, synthetic_mode=True)

    assert [column.means for column in found.columns if column.means] == list(parsed.columns)
    told = json.dumps([asdict(column) for column in found.columns], ensure_ascii=False, default=str)
    values = {row.identity[fact] for row in parsed.rows for fact in ("identity_number", "family_name", "phone")}
    assert [value for value in values if value and f'"{value}"' in told] == []


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_file_of_which_no_heading_is_known_is_taken_apart_by_its_widest_separator(separator):
    rows = own(sheet({"Målgrupper": "Eldre"}, {"Målgrupper": "Eldre"}))
    rows = [[str(cell).replace(",", "") for cell in row] for row in rows]
    content = "\r\n".join(separator.join(row) for row in rows).encode()

    assert [column.heading for column in survey(content, NOTHING).columns] == rows[0]


def test_titles_above_unknown_headings_are_not_taken_for_them():
    rows = [["Liste over klientar"], [], ["Skriven ut", "hausten"], *own(sheet({}, {}))]

    assert by_heading(survey(csv_of(rows), NOTHING))["Klient-ID"].suggested == "Fødselsnummer"


@pytest.mark.parametrize(
    "rows",
    [
        sheet({}, {})[1:],  # people only
        [[value for value in SOUND.values() if not value[:1].isdigit()][:4]] * 3,  # too few words
        [[*"ABCDEF", "31.10.2025"]] * 3,
        [[*"ABCDEF", 1955]] * 3,
        [[*"ABCDEF", "17865528469 Liv"]] * 3,
    ],
)
def test_row_of_values_is_never_taken_for_headings(rows):
    with pytest.raises(RefusedFile) as caught:
        survey(csv_of(rows), NOTHING)
    assert caught.value.code is RefusedCode.NO_HEADER


def test_columns_called_the_same_and_without_a_name_are_told():
    rows = [[*row, *more] for row, more in zip(sheet({}), [["Notat 1", "notat1", "", "?"], list("abcd")], strict=True)]

    found = survey(csv_of(rows), NOTHING)

    assert [column.heading for column in found.columns if not column.alone] == ["Notat 1", "notat1"]
    assert found.nameless == 2


def test_two_row_heading_is_read_with_both():
    rows = sheet({}, {})
    above = [name if name in NAMES[11:19] else "" for name in NAMES]
    rows[0] = ["Funksjonsområde" if name == "BU" else "" if name in NAMES[11:19] else name for name in NAMES]

    found = survey(xlsx_of([above, *rows]), NOTHING)

    assert [column.means for column in found.columns] == NAMES
    chosen = {name: place for place, name in enumerate(NAMES) if name != "Merknad"}
    content = xlsx_of([above, *rows])
    read = parse_register(content, counted_on=COUNTED_ON, synthetic_mode=True, mapping=named(found, chosen))
    assert (len(read.rows), "Merknad" in read.columns) == (2, False)


@pytest.mark.parametrize(
    ("content", "settled"),
    [
        (csv_of(own(sheet({}))), True),
        (csv_of(sheet({}, without=("Motsegn",))), True),
        (csv_of([[*row, row[0]] for row in sheet({})]), True),  # two columns mean the same
        (csv_of(own(sheet())[:1]), False),  # headings and nobody below
        (csv_of(sheet({})[1:]), False),
        (b"%PDF-1.7", False),
        (b"", False),
    ],
)
def test_only_what_names_settle_is_asked_about(content, settled):
    with pytest.raises(RefusedFile) as caught:
        parse_register(content, counted_on=COUNTED_ON, synthetic_mode=True)
    assert can_be_named(content, NOTHING, caught.value) is settled


def test_refusal_names_all_that_is_missing_and_what_nobody_knows():
    rows = sheet({}, without=("Motsegn",))
    rows[0] = ["Klient-ID" if name == "Fødselsnummer" else name for name in rows[0]]
    with pytest.raises(RefusedFile) as caught:
        parse_register(csv_of(rows), counted_on=COUNTED_ON, synthetic_mode=True)

    assert caught.value.sentence == (
        "The file lacks the column Motsegn; without it nobody can see who must not be counted."
        " It also lacks the column Fødselsnummer. It has columns that are not known: Klient-ID."
    )
