"""Which rows of which sheet are people: titles, totals, headers, hidden and other sheets."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tenants.register.importing import parse_register, read_file
from tests.data.register_files import AREAS, COUNTED_ON, HEADERS, NAMES, ods_archive, ods_content, ods_table
from tests.unit.tenants.register.importing.builders import csv_of, notes, parse, remarks, sheet, xlsx_of

_WIDTH = len(NAMES)


def padded(*cells: object) -> list[object]:
    """Return a row as wide as the register."""
    return [*cells, *[""] * (_WIDTH - len(cells))]


@pytest.mark.parametrize(
    "words", ["Sum", "SUM", "Totalt", "I alt", "Total:", "Sum totalt", "I alt 3 personar", "Delsum"]
)
def test_total_row_is_no_data_row(words):
    rows = sheet({}, {})
    for content in (csv_of([*rows, padded(words, "", "2")]), csv_of([*rows, padded("", words, "2")])):
        parsed = parse(content)
        assert (parsed.data_rows, parsed.issues, parsed.notes) == (2, (), ())


def test_total_row_between_people_is_no_data_row():
    header, first, second = sheet({}, {"Busituasjon": "x"})
    parsed = parse(csv_of([header, first, padded("Delsum", "", "1"), second]))
    assert (parsed.data_rows, remarks(parsed)) == (2, [(1, "Busituasjon", "unknown_label")])


@pytest.mark.parametrize("name", ["Sum", "Total", "Totalt", "Samla"])
def test_person_whose_name_is_a_word_for_total_is_a_person(name):
    parsed = parse(csv_of(sheet({"Førenamn": name})))
    assert [r.identity["given_name"] for r in parsed.rows] == [name]


def test_name_that_begins_like_a_total_is_no_total():
    parsed = parse(csv_of(sheet({"Førenamn": "Sumaya", "Fødselsnummer": "123"})))
    assert remarks(parsed) == [(0, "Fødselsnummer", "identity_number_invalid")]


def test_blank_rows_count_for_the_row_number_only():
    header, *rows = sheet({}, {})
    parsed = parse(csv_of([["Tittel"], [""], header, padded(), padded(" "), rows[0], padded(), rows[1]]))
    assert (parsed.first_data_row, parsed.data_rows) == (6, 2)


def test_title_among_the_people_is_noted_and_not_read():
    header, first, second = sheet({}, {})
    parsed = parse(csv_of([header, padded("Avdeling nord"), first, padded("Avdeling sør"), second]))
    assert (parsed.data_rows, parsed.first_data_row, parsed.issues) == (2, 3, ())
    assert notes(parsed) == [(-1, "", "row_not_read")] * 2
    assert "row 4 " in parsed.notes[1].message


def test_row_with_a_number_alone_is_a_person():
    header, first = sheet({})
    alone = [""] * 2 + ["24828807257"]
    parsed = parse(csv_of([header, first, alone]))
    assert {code for _, _, code in remarks(parsed)} == {"required_missing"}
    assert parsed.data_rows == 2


def test_header_repeated_on_each_page_is_no_data_row():
    header, first, second = sheet({}, {})
    parsed = parse(csv_of([header, first, header, second]))
    assert (parsed.data_rows, parsed.issues) == (2, ())


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_header_is_found_in_each_language_and_any_order(language):
    header, row = sheet({})
    names, cells = HEADERS[language][::-1], row[::-1]
    parsed = parse(csv_of([names, cells]))
    assert parsed.rows == parse(csv_of([header, row])).rows or parsed.rows[0].identity == {
        "given_name": "Liv",
        "family_name": "Ætteby",
        "identity_number": "17865528469",
        "phone": "99606110",
        "address": "Storåsvegen 97",
    }
    assert parsed.rows[0].assessment["situation"] == "FRAMLEIGE"


def test_header_is_found_without_case_blanks_and_norwegian_letters():
    header, row = sheet({})
    names = [f" {n.upper().replace('Ø', 'O').replace('Å', 'A')}: " for n in header]
    assert len(parse(csv_of([names, row])).rows) == 1


def test_header_below_a_title_that_names_some_columns():
    header, row = sheet({})
    parsed = parse(csv_of([["Adresse", "Merknad", "Telefon"], ["BU AKT OKO", "", "Funksjonsområde"], header, row]))
    assert (parsed.first_data_row, len(parsed.rows)) == (4, 1)


@pytest.mark.parametrize("groups_first", [True, False])
def test_header_over_two_rows_of_merged_cells(groups_first):
    header, row = sheet({"NET": "Raud"})
    upper: list[object] = ["Funksjonsområde" if n == "BU" else "" if n in AREAS else n for n in header]
    lower: list[object] = [n if n in AREAS else "" for n in header]
    if not groups_first:
        upper = ["Person", *[""] * 6, *header[7:11], "Område", *[""] * 7, *[""] * 4]
        lower = [*header[:7], *[""] * 4, *header[11:]]
    for content in (csv_of([["Tittel"], upper, lower, row]), xlsx_of([["Tittel"], upper, lower, row])):
        parsed = parse(content)
        assert (len(parsed.rows), parsed.data_rows, parsed.first_data_row) == (1, 1, 4)
        assert parsed.rows[0].assessment["areas"] == {**dict.fromkeys(AREAS, "G"), "NET": "R"}
        assert "areas.NET" not in parsed.rows[0].assessment["unanswered"]


def test_row_of_codes_below_the_header_is_no_second_half():
    header, row = sheet({})
    # Without the area columns a row whose cells happen to be names of areas is still a row about somebody.
    names, cells = header[:11] + header[19:], row[:11] + row[19:]
    parsed = parse(csv_of([names, ["BU", "AKT", "x", *[""] * 12], cells]))
    assert parsed.data_rows == 2


def test_unknown_column_is_noted_by_its_place_not_by_its_name():
    header, row = sheet({})
    parsed = parse(csv_of([["Løpenummer", *header, ""], ["1", *row, "x"]]))
    assert notes(parsed) == [(-1, "", "column_not_read")]
    assert "column 1 " in parsed.notes[0].message
    assert "Løpenummer" not in parsed.notes[0].message


def test_row_with_unknown_columns_only_is_no_data_row():
    header, row = sheet({})
    parsed = parse(csv_of([["Nr", *header, "Kode"], ["1", *row, "a"], ["2", *[""] * _WIDTH, "b"]]))
    assert parsed.data_rows == 1


def workbook(*pages: tuple[str, str, list[list[object]]]) -> bytes:
    """Return a workbook of (title, state, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, state, rows in pages:
        page = book.create_sheet(title)
        page.sheet_state = state
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheet_is_not_read_even_if_it_comes_first(state):
    old, new = sheet({"Førenamn": "Gamal"}, {}), sheet({"Førenamn": "Ny"})
    parsed = parse(workbook(("Gamalt", state, old), ("Register", "visible", new)))
    assert [r.identity["given_name"] for r in parsed.rows] == ["Ny"]
    assert parsed.notes == ()


def test_visible_sheet_with_the_header_is_chosen():
    guide = [["Rettleiing"], ["Adresse", "Merknad"], ["BU", "Busituasjon"]]
    parsed = parse(workbook(("Rettleiing", "visible", guide), ("Ark2", "visible", sheet({})), ("Tomt", "visible", [])))
    assert (len(parsed.rows), parsed.notes) == (1, ())


def test_second_register_in_the_workbook_is_noted():
    parsed = parse(workbook(("A", "visible", sheet({"Førenamn": "A"})), ("B", "visible", sheet({"Førenamn": "B"}))))
    assert [r.identity["given_name"] for r in parsed.rows] == ["A"]
    assert notes(parsed) == [(-1, "", "sheet_not_read")]


def test_hidden_ods_sheet_is_not_read():
    style = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    old, new = ods_table(sheet({"Førenamn": "Gamal"}), style="h"), ods_table(sheet({"Førenamn": "Ny"}))
    parsed = parse(ods_archive(ods_content(old, new, styles=style)))
    assert [r.identity["given_name"] for r in parsed.rows] == ["Ny"]


def test_progress_is_told_from_nothing_to_all():
    seen: list[tuple[int, int]] = []
    content = csv_of(sheet(*[{}] * 5))
    parse_register(content, counted_on=COUNTED_ON, synthetic_mode=True, progress=lambda d, t: seen.append((d, t)))
    assert seen == [(0, 5), (5, 5)]


def test_progress_of_many_rows_grows():
    header, row = sheet({})
    seen: list[int] = []
    parse_register(
        csv_of([header, *[row] * 1000]),
        counted_on=COUNTED_ON,
        synthetic_mode=True,
        progress=lambda done, _: seen.append(done),
    )
    assert seen == [0, 200, 400, 600, 800, 1000]


def test_reading_needs_no_django():
    program = "import sys, tenants.register.importing, tenants.register.counting; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[5], check=False).returncode == 0


def test_same_file_twice_gives_equal_facts(tmp_path):
    path = tmp_path / "namnet lyg.pdf"
    path.write_bytes(xlsx_of(sheet({}, {"Busituasjon": "x"})))
    assert parse(read_file(path)) == parse(read_file(path))
