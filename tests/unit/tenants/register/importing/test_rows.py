"""From cells to facts: what is kept, what refuses a row, what is only noted."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tenants.register.importing import import_report
from tests.data.register_files import AREAS
from tests.unit.tenants.register.importing.builders import (
    OTHER_NUMBERS,
    SOUND,
    csv_of,
    notes,
    one,
    parse,
    remarks,
    sheet,
    xlsx_of,
)


def test_sound_row_becomes_three_sets_of_facts_and_nothing_else():
    parsed = one()
    row = parsed.rows[0]
    assert (parsed.data_rows, parsed.first_data_row, parsed.refused) == (1, 2, 0)
    assert (parsed.issues, parsed.notes) == ((), ())
    assert row.identity == {
        "given_name": "Liv",
        "family_name": "Ætteby",
        "identity_number": "17865528469",
        "phone": "99606110",
        "address": "Storåsvegen 97",
    }
    assert row.assessment == {
        "birth_year": 1955,
        "situation": "FRAMLEIGE",
        "groups": ["OKON", "ELDRE"],
        "support": "1",
        "dwelling": "EINMANN",
        "areas": dict.fromkeys(AREAS, "G"),
        "children": 3,
        "household": None,
        "skills": None,
        "registered": "2025-10-31",
        "address_protected": False,
        "objected": False,
        "blocked": False,
        "unanswered": {"household": "not_asked", "skills": "not_asked"},
    }
    assert row.notes == {"text": "Ynskjer ro."}
    for facts in (row.identity, row.assessment, row.notes):
        assert json.loads(json.dumps(facts)) == facts


@pytest.mark.parametrize(
    "column", ["Fødselsnummer", "Fødselsår", "Busituasjon", "Målgrupper", "Bistandsnivå", "Bustadtype", "Registrert"]
)
@pytest.mark.parametrize("blank", ["", "   ", None])
def test_required_cell_that_is_empty_refuses_the_row(column, blank):
    parsed = one(cells={column: blank})
    assert remarks(parsed) == [(0, column, "required_missing")]
    assert parsed.rows == ()


def test_optional_cells_may_all_be_empty():
    blank = dict.fromkeys(["Førenamn", "Etternamn", "Telefon", "Adresse", "Barn u/18", "Merknad", *AREAS], "")
    parsed = one(cells={**blank, "Adressesperre": "", "Motsegn": ""})
    row = parsed.rows[0]
    assert remarks(parsed) == []
    assert row.identity["given_name"] is None
    assert row.notes == {"text": None}
    assert row.assessment["areas"] == dict.fromkeys(AREAS, "U")
    assert (row.assessment["address_protected"], row.assessment["objected"]) == (False, False)
    unknown = {f"areas.{a}": "unknown" for a in AREAS} | {"children": "unknown"}
    assert row.assessment["unanswered"] == unknown | {"household": "not_asked", "skills": "not_asked"}


def test_columns_that_are_absent_were_not_asked():
    parsed = one(without=("Førenamn", "Etternamn", "Telefon", "Adresse", "Barn u/18", "Merknad", *AREAS))
    assessment = parsed.rows[0].assessment
    assert assessment["children"] is None
    assert assessment["areas"] == dict.fromkeys(AREAS, "U")
    names = [f"areas.{a}" for a in AREAS] + ["children", "household", "skills"]
    assert assessment["unanswered"] == dict.fromkeys(names, "not_asked")


@pytest.mark.parametrize(
    ("cell", "children", "answer"),
    [
        ("0", 0, None),
        ("2", 2, None),
        ("Ingen", 0, None),
        ("", None, "unknown"),
        ("Ukjend", None, "unknown"),
        ("Vil ikkje svare", None, "declined"),
        ("Ikkje spurt", None, "not_asked"),
        ("to", None, "unknown"),
    ],
)
def test_children_not_asked_unknown_and_declined_are_kept_apart(cell, children, answer):
    parsed = one(cells={"Barn u/18": cell})
    assessment = parsed.rows[0].assessment
    assert (assessment["children"], assessment["unanswered"].get("children")) == (children, answer)
    assert notes(parsed) == ([(0, "Barn u/18", "number_not_understood")] if cell == "to" else [])


@pytest.mark.parametrize(
    ("cell", "answer"), [("Ukjend", "unknown"), ("Vil ikke svare", "declined"), ("Ikkje vurdert", "not_asked")]
)
def test_area_without_an_answer_is_unknown_to_the_counts_and_says_why(cell, answer):
    assessment = one(cells={"NET": cell}).rows[0].assessment
    assert assessment["areas"]["NET"] == "U"
    assert assessment["unanswered"]["areas.NET"] == answer


@pytest.mark.parametrize("cell", ["Ja", "ja", "x", "X", "1", "true", "Yes", "Kode 6", "Strengt fortruleg", "✓"])
@pytest.mark.parametrize(("column", "fact"), [("Adressesperre", "address_protected"), ("Motsegn", "objected")])
def test_flag_that_is_set(cell, column, fact):
    assert one(cells={column: cell}).rows[0].assessment[fact] is True


@pytest.mark.parametrize("cell", ["Nei", "NEI", "no", "0", "false", "", "  "])
def test_flag_that_is_not_set(cell):
    assert one(cells={"Motsegn": cell}).rows[0].assessment["objected"] is False


@pytest.mark.parametrize("column", ["Adressesperre", "Motsegn"])
def test_flag_that_nobody_understands_refuses_the_row(column):
    assert remarks(one(cells={column: "kanskje"})) == [(0, column, "unknown_label")]


@pytest.mark.parametrize("column", ["Busituasjon", "Målgrupper", "Bistandsnivå", "Bustadtype", *AREAS])
def test_unknown_label_refuses_the_row_and_is_not_repeated(column):
    parsed = one(cells={column: "Hemmeleg svar"})
    assert remarks(parsed) == [(0, column, "unknown_label")]
    assert "Hemmeleg" not in json.dumps(import_report(parsed, municipality="4032"))


@pytest.mark.parametrize(
    ("cell", "code"),
    [("ukjend", "date_invalid"), ("55", "date_invalid"), ("1849", "date_invalid"), ("2027", "date_in_future")],
)
def test_year_of_birth_that_cannot_be_refuses_the_row(cell, code):
    assert remarks(one(cells={"Fødselsår": cell})) == [(0, "Fødselsår", code)]


def test_year_of_birth_that_does_not_fit_the_number_is_noted():
    parsed = one(cells={"Fødselsår": "1956"})
    assert notes(parsed) == [(0, "Fødselsår", "birth_year_differs")]
    assert parsed.rows[0].assessment["birth_year"] == 1956


def test_unlikely_age_is_noted():
    assert notes(one(cells={"Fødselsår": "1855"})) == [(0, "Fødselsår", "birth_year_unlikely")]


def test_day_counted_on_itself_is_not_the_future():
    assert remarks(one(cells={"Registrert": "2026-11-01"})) == []
    assert remarks(one(cells={"Registrert": "2026-11-02"})) == [(0, "Registrert", "date_in_future")]
    assert remarks(one(cells={"Registrert": "2026-11-02"}, counted_on=date(2026, 11, 2))) == []


def test_lost_zero_is_restored_and_noted():
    parsed = one(cells={"Fødselsnummer": "1818512321", "Fødselsår": "1985"})
    assert parsed.rows[0].identity["identity_number"] == "01818512321"
    assert notes(parsed) == [(0, "Fødselsnummer", "zero_restored")]


@pytest.mark.parametrize("cell", ["17865528469.0", "17865528469,00", "1818512321.0"])
def test_number_written_with_decimals_is_read(cell):
    assert len(one(cells={"Fødselsnummer": cell}).rows) == 1


def test_number_that_is_invalid_even_with_its_zero_is_no_note():
    parsed = one(cells={"Fødselsnummer": "1818512320"})
    assert remarks(parsed) == [(0, "Fødselsnummer", "identity_number_invalid")]
    assert parsed.notes == ()


def test_synthetic_number_is_invalid_outside_synthetic_mode():
    assert remarks(one(synthetic_mode=False)) == [(0, "Fødselsnummer", "identity_number_invalid")]


def test_first_of_duplicates_is_kept_however_the_number_is_written():
    changes = [{}, {"Fødselsnummer": "178655 28469", "Førenamn": "Eva"}, {"Fødselsnummer": "17865528469"}]
    parsed = parse(csv_of(sheet(*changes)))
    assert remarks(parsed) == [(1, "Fødselsnummer", "duplicate_in_file"), (2, "Fødselsnummer", "duplicate_in_file")]
    assert [r.identity["given_name"] for r in parsed.rows] == ["Liv"]


def test_equal_invalid_numbers_are_invalid_not_duplicates():
    parsed = parse(csv_of(sheet({"Fødselsnummer": "17865528460"}, {"Fødselsnummer": "17865528460"})))
    assert remarks(parsed) == [(n, "Fødselsnummer", "identity_number_invalid") for n in (0, 1)]


def test_all_faults_of_a_row_are_told_at_once():
    cells = {"Fødselsnummer": "1", "Busituasjon": "x", "Målgrupper": "", "Registrert": "2030-01-01", "Merknad": "=1"}
    assert remarks(one(cells=cells)) == [
        (0, "Fødselsnummer", "identity_number_invalid"),
        (0, "Busituasjon", "unknown_label"),
        (0, "Målgrupper", "required_missing"),
        (0, "Registrert", "date_in_future"),
    ]


@pytest.mark.parametrize("text", ['=HYPERLINK("http://example.invalid";"x")', "+SUM(1;1)", "-1", "@A1"])
@pytest.mark.parametrize("column", ["Merknad", "Adresse", "Førenamn", "Etternamn"])
def test_formula_in_free_text_is_kept_as_text_with_a_warning(column, text):
    for content in (csv_of(sheet({column: text})), xlsx_of(sheet({column: text}))):
        parsed = parse(content)
        assert remarks(parsed) == [(0, column, "formula_kept_as_text")]
        row = parsed.rows[0]
        assert text in (row.notes["text"], *row.identity.values())


def test_phone_number_may_begin_with_plus_but_not_with_equals():
    assert remarks(one(cells={"Telefon": "+47 99 60 61 10"})) == []
    assert remarks(one(cells={"Telefon": "=1+1"})) == [(0, "Telefon", "formula_kept_as_text")]


def test_rows_are_numbered_by_data_rows_and_kept_in_order():
    parsed = parse(csv_of(sheet({}, {"Busituasjon": "x"}, {}, {})))
    assert [r.row for r in parsed.rows] == [0, 2, 3]
    assert [r.identity["identity_number"] for r in parsed.rows] == [SOUND["Fødselsnummer"], *OTHER_NUMBERS[1:3]]


def test_parsed_values_are_silent_in_logs():
    parsed = one()
    assert "Liv" not in repr(parsed.rows[0])
    assert "Liv" not in repr(parsed)
