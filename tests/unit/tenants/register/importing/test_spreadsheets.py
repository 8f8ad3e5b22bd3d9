"""What XLSX and ODS files hold besides text: numbers, dates, formulas, folded cells, asides."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tenants.register.importing.ods_reader import read_ods
from tenants.register.importing.table import Formula
from tenants.register.importing.xlsx_reader import read_xlsx
from tests.data.register_files import NAMES, ods_archive, ods_content, ods_table
from tests.unit.tenants.register.importing.builders import SOUND, parse, remarks, sheet, xlsx_of

_ASIDE = "<office:annotation><text:p>note</text:p></office:annotation>"


def written(rows: list[list[Any]], **options: Any) -> bytes:
    """Return the rows as xlsxwriter writes them: shared strings, other styles, formulas with their values."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options})
    page = book.add_worksheet("Register")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, Formula):
                page.write_formula(r, c, cell.text, None, cell.value)
            elif isinstance(cell, date):
                page.write_datetime(r, c, cell, day)
            else:
                page.write(r, c, cell)
    book.close()
    return out.getvalue()


def ods_row(*cells: str) -> str:
    """Return a table with one row of cells."""
    return ods_content(f'<table:table table:name="a"><table:table-row>{"".join(cells)}</table:table-row></table:table>')


def first_row(content: bytes) -> tuple[object, ...]:
    """Return the first row of an ODS file's first sheet."""
    return read_ods(content)[0].rows[0][1]


def test_workbook_of_another_writer_gives_the_same_facts():
    rows = sheet({"Registrert": date(2025, 10, 31), "Fødselsår": 1955, "Fødselsnummer": 17865528469})
    assert parse(written(rows)).rows == parse(xlsx_of(rows)).rows == parse(xlsx_of(sheet({}))).rows


def test_date_counts_from_1904_where_the_workbook_says_so():
    rows = sheet({"Registrert": date(2025, 10, 31)}, {"Registrert": 44499})
    parsed = parse(written(rows, date_1904=True))
    assert [r.assessment["registered"] for r in parsed.rows] == ["2025-10-31", "2025-10-31"]


def test_date_without_date_format_is_read_as_serial_number():
    assert parse(xlsx_of(sheet({"Registrert": 45961}))).rows[0].assessment["registered"] == "2025-10-31"


def test_lost_zeros_in_numbers_and_floats():
    for number in (1818512321, 1818512321.0):
        parsed = parse(xlsx_of(sheet({"Fødselsnummer": number, "Fødselsår": 1985})))
        assert parsed.rows[0].identity["identity_number"] == "01818512321"


def test_formula_outside_free_text_gives_its_stored_value_without_a_warning():
    rows = sheet({"Fødselsår": Formula(text="=1900+55", value=1955), "Busituasjon": Formula(text="=A1", value="Ute")})
    parsed = parse(written(rows))
    assert parsed.issues == ()
    assert (parsed.rows[0].assessment["birth_year"], parsed.rows[0].assessment["situation"]) == (1955, "UTE")


def test_formula_never_calculated_is_an_empty_cell():
    assert remarks(parse(xlsx_of(sheet({"Fødselsår": "=1900+55"})))) == [(0, "Fødselsår", "required_missing")]


def test_formula_in_free_text_keeps_its_text_not_its_value():
    parsed = parse(written(sheet({"Merknad": Formula(text="=HYPERLINK(A1)", value="klikk")})))
    assert parsed.rows[0].notes == {"text": "=HYPERLINK(A1)"}
    assert remarks(parsed) == [(0, "Merknad", "formula_kept_as_text")]


def test_array_formula_in_free_text_is_a_formula():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    for r, row in enumerate(sheet({"Merknad": ""})):
        page.write_row(r, 0, row)
    page.write_array_formula("W2:W2", "{=SUM(A1:A2)}", None, 3)
    book.close()
    parsed = parse(out.getvalue())
    assert parsed.rows[0].notes == {"text": "=SUM(A1:A2)"}
    assert remarks(parsed) == [(0, "Merknad", "formula_kept_as_text")]


def test_truth_values_are_flags():
    parsed = parse(xlsx_of(sheet({"Motsegn": True, "Adressesperre": False})))
    assert (parsed.rows[0].assessment["objected"], parsed.rows[0].assessment["address_protected"]) == (True, False)


def test_merged_title_over_the_whole_width():
    book = openpyxl.Workbook()
    page = book.active
    page["A1"] = "Kartlegging"
    page.merge_cells("A1:W2")
    for row in ([None], *sheet({})):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    found = parse(out.getvalue())
    assert (len(found.rows), found.first_data_row) == (1, 4)


def test_wrong_dimension_in_the_sheet_cuts_nothing_off():
    content = xlsx_of(sheet({}, {}))
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {e: old.read(e) for e in old.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"', parts[name])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for entry, part in parts.items():
            new.writestr(entry, part)
    assert len(parse(out.getvalue()).rows) == 2


def test_hidden_rows_and_columns_are_read():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(sheet({}, {}))))
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    out = io.BytesIO()
    book.save(out)
    assert len(parse(out.getvalue()).rows) == 2


def test_epoch_of_a_workbook_is_told():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["x"])
    out = io.BytesIO()
    book.save(out)
    assert read_xlsx(out.getvalue())[0].epoch_1904
    assert not read_xlsx(xlsx_of([["x"]]))[0].epoch_1904


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<table:table-cell office:value-type="float" office:value="1955"/>', 1955),
        ('<table:table-cell office:value-type="float" office:value="17865528469"/>', 17865528469),
        ('<table:table-cell office:value-type="percentage" office:value="0.5"/>', 0.5),
        ('<table:table-cell office:value-type="boolean" office:boolean-value="true"/>', True),
        ('<table:table-cell office:string-value="a"><text:p>b</text:p></table:table-cell>', "a"),
        ("<table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell>", "a\nb"),
        ('<table:table-cell><text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d</text:p></table:table-cell>',
         "a   b\tc\nd"),
        ("<table:table-cell><text:p><text:span>a</text:span><text:a>b</text:a>c</text:p></table:table-cell>", "abc"),
        (f"<table:table-cell>{_ASIDE}<text:p>a</text:p></table:table-cell>", "a"),
    ],
)  # fmt: skip
def test_ods_cell(cell, value):
    assert first_row(ods_archive(ods_row(cell))) == (value,)


@pytest.mark.parametrize("stated", ["2025-10-31", "2025-10-31T12:30:00", "2025-10-31T12:30:00.123456789"])
def test_ods_date(stated):
    cell = f'<table:table-cell office:value-type="date" office:date-value="{stated}"/>'
    found = first_row(ods_archive(ods_row(cell)))[0]
    assert isinstance(found, datetime)
    assert found.date() == date(2025, 10, 31)


def test_ods_formula_has_text_and_value():
    cell = '<table:table-cell table:formula="of:=1+[.A1]" office:value-type="float" office:value="2"/>'
    assert first_row(ods_archive(ods_row(cell))) == (Formula(text="=1+[.A1]", value=2),)


def test_ods_formula_in_free_text_is_kept_as_text():
    header, row = sheet({"Merknad": "XX"})
    content = ods_content(ods_table([header, row])).replace(
        '<table:table-cell office:value-type="string"><text:p>XX',
        '<table:table-cell table:formula="of:=HYPERLINK(1)" office:value-type="string"><text:p>klikk',
    )
    parsed = parse(ods_archive(content))
    assert parsed.rows[0].notes == {"text": "=HYPERLINK(1)"}
    assert remarks(parsed) == [(0, "Merknad", "formula_kept_as_text")]


def test_ods_cells_that_are_folded_or_covered_keep_their_places():
    cells = (
        '<table:table-cell table:number-columns-repeated="2"/><table:table-cell><text:p>c</text:p></table:table-cell>'
        "<table:covered-table-cell/>"
        '<table:table-cell table:number-columns-repeated="2"><text:p>e</text:p></table:table-cell>'
    )
    assert first_row(ods_archive(ods_row(cells))) == (None, None, "c", None, "e", "e")


def test_ods_rows_that_are_folded_keep_their_numbers():
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    body = (
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        f"<table:table-header-rows><table:table-row>{cell.format('a')}</table:table-row></table:table-header-rows>"
        f'<table:table-row-group><table:table-row table:number-rows-repeated="2">{cell.format("b")}</table:table-row>'
        "</table:table-row-group>"
    )
    table = read_ods(ods_archive(ods_content(f'<table:table table:name="a">{body}</table:table>')))[0]
    assert table.rows == ((4, ("a",)), (5, ("b",)), (6, ("b",)))


def test_ods_with_tracked_changes_reads_what_is_there_now():
    deleted = (
        "<table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell><text:p>x"
        "</text:p></table:change-track-table-cell></table:previous></table:cell-content-change></table:tracked-changes>"
    )
    parsed = parse(ods_archive(ods_content(deleted + ods_table(sheet({})))))
    assert len(parsed.rows) == 1


def test_ods_table_inside_a_cell_is_no_row():
    inner = '<table:table table:name="b"><table:table-row><table:table-cell/></table:table-row></table:table>'
    cells = f"<office:forms/><table:table-cell>{inner}<text:p>a</text:p></table:table-cell>"
    tables = read_ods(ods_archive(ods_row(cells)))
    assert [t.rows for t in tables] == [((1, ("a",)),)]


def test_ods_note_inside_a_paragraph_is_no_text():
    cell = f"<table:table-cell><text:p>a{_ASIDE}b</text:p></table:table-cell>"
    assert first_row(ods_archive(ods_row(cell))) == ("ab",)


def test_ods_without_a_manifest_is_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", ods_content(ods_table(sheet({}))))
    assert len(parse(out.getvalue()).rows) == 1


def test_ods_without_mimetype_entry_is_known_by_its_manifest():
    manifest = '<m:e xmlns:m="m" t="application/vnd.oasis.opendocument.spreadsheet"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("META-INF/manifest.xml", manifest)
        made.writestr("content.xml", ods_content(ods_table(sheet({}))))
    assert len(parse(out.getvalue()).rows) == 1


def test_sound_row_fills_every_column():
    assert list(SOUND) == NAMES
