"""Files that are broken, hostile or something else: each refused as a whole, with a code and one sentence."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from random import Random

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.register.importing import ParsedFile, RefusedCode, RefusedFile, parse_register, read_file, refused_report
from tenants.register.importing.limits import MAX_FILE_BYTES, MAX_ROWS
from tests.data.register_files import (
    COUNTED_ON,
    HEADERS,
    NAMES,
    Style,
    make,
    ods_archive,
    ods_content,
    ods_table,
)

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def refusal(content: bytes) -> RefusedFile:
    """Return how the content is refused."""
    with pytest.raises(RefusedFile) as caught:
        parse_register(content, counted_on=COUNTED_ON, synthetic_mode=True)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 200
    return caught.value


def parse_or_refuse(content: bytes) -> ParsedFile | RefusedFile:
    """Return what comes of the content; anything else that is raised is a crash."""
    try:
        return parse_register(content, counted_on=COUNTED_ON, synthetic_mode=True)
    except RefusedFile as refused:
        return refused


def archive(entries: dict[str, bytes | str]) -> bytes:
    """Return a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def rewritten(content: bytes, name: str, change) -> bytes:
    """Return the archive with one entry changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        return archive({e: change(old.read(e)) if e == name else old.read(e) for e in old.namelist()})


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    """Return an XLSX file; a sheet named with a leading dash is hidden."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        page = book.create_sheet(title.lstrip("-"))
        page.sheet_state = "hidden" if title.startswith("-") else "visible"
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


XLSX = make(Random(1), Style(kind="xlsx")).content
ODS = make(Random(1), Style(kind="ods")).content
CSV = make(Random(1), Style()).content
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("content", [b"", b"   \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\n\n", bytes(40)])
def test_nothing_is_refused_as_empty(content):
    assert refusal(content).code is RefusedCode.EMPTY_FILE


@pytest.mark.parametrize("content", [workbook(("Ark", [])), ods_archive(ods_content(ods_table([])))])
def test_sheet_without_rows_is_refused_as_empty(content):
    assert refusal(content).code is RefusedCode.EMPTY_FILE


@pytest.mark.parametrize(
    "content",
    [
        ";".join(NAMES).encode(),
        workbook(("Ark", [list(NAMES)])),
        (";".join(NAMES) + "\r\nSum;;14\r\n\r\n").encode(),
    ],
)
def test_header_without_people_is_refused(content):
    assert refusal(content).code is RefusedCode.NO_DATA_ROWS


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"\x1f\x8b\x08" + bytes(50) + b"x",
        bytes(range(256)) * 40,
        archive({"readme.txt": "hei"}),
        archive({"register.csv": CSV}),
        archive({"inner.xlsx": XLSX}),
        archive({"inner.zip": archive({"inner.zip": b"x"})}),
        archive({"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}),
        archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
    ],
)
def test_something_else_is_refused_as_unknown(content):
    assert refusal(content).code is RefusedCode.UNKNOWN_FORMAT


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=3000))
def test_garbage_is_refused_and_never_crashes(content):
    assert refusal(content).code in RefusedCode


@pytest.mark.parametrize("content", [XLSX, ODS, CSV])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_file_with_flipped_bytes_is_read_or_refused(content, data):
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert isinstance(parse_or_refuse(bytes(changed)), ParsedFile | RefusedFile)


@pytest.mark.parametrize("content", [XLSX, ODS])
def test_spreadsheet_whose_parts_lie_before_its_beginning_is_refused(content):
    changed = bytearray(content)
    changed[-5] += 1  # the archive's list of its parts is said to lie 256 bytes further on
    assert refusal(bytes(changed)).code in {RefusedCode.DAMAGED, RefusedCode.UNKNOWN_FORMAT}


@pytest.mark.parametrize("content", [XLSX, ODS])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.99])
def test_spreadsheet_cut_short_is_refused_as_damaged(content, part):
    assert refusal(content[: int(len(content) * part)]).code is RefusedCode.DAMAGED


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_broken_xml_is_refused_as_damaged(kind):
    content, name = {"xlsx": (XLSX, SHEET), "ods": (ODS, "content.xml")}[kind]
    assert refusal(rewritten(content, name, lambda xml: xml[:-200])).code is RefusedCode.DAMAGED


def test_workbook_without_its_worksheet_is_refused():
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old:
        content = archive({e: old.read(e) for e in old.namelist() if e != SHEET})
    assert refusal(content).code is RefusedCode.EMPTY_FILE


def test_excel_file_with_password_is_refused():
    content = _COMPOUND + "EncryptedPackage".encode("utf-16-le") + bytes(400)
    assert refusal(content).code is RefusedCode.PASSWORD_PROTECTED


def test_archive_with_password_is_refused():
    changed = bytearray(XLSX)
    # Set the encryption flag in each local header and each directory entry.
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(mark, at + 4)
    assert refusal(bytes(changed)).code is RefusedCode.PASSWORD_PROTECTED


def test_ods_with_password_is_refused():
    manifest = '<m:manifest xmlns:m="m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    assert refusal(ods_archive("\x00garbage", manifest=manifest)).code is RefusedCode.PASSWORD_PROTECTED


def test_ods_encrypted_as_a_whole_is_refused():
    content = archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "encrypted-package": b"x"})
    assert refusal(content).code is RefusedCode.PASSWORD_PROTECTED


def test_old_excel_file_is_refused():
    assert refusal(_COMPOUND + "Workbook".encode("utf-16-le")).code is RefusedCode.OLD_FORMAT


def test_binary_workbook_is_refused():
    assert refusal(archive({"[Content_Types].xml": "<x/>", "xl/workbook.bin": b"x"})).code is RefusedCode.OLD_FORMAT


def test_zip_bomb_in_workbook_is_refused_unopened():
    bomb = archive({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>", SHEET: bytes(60_000_000)})
    assert len(bomb) < 100_000
    assert refusal(bomb).code is RefusedCode.UNSAFE_ARCHIVE


def test_zip_bomb_in_ods_is_refused_unopened():
    assert refusal(ods_archive(" " * 60_000_000)).code is RefusedCode.UNSAFE_ARCHIVE


def test_archive_of_countless_entries_is_refused():
    assert refusal(archive({f"xl/{i}.xml": "" for i in range(2_001)})).code is RefusedCode.UNSAFE_ARCHIVE


def test_archive_that_declares_too_little_is_refused():
    content = bytearray(archive({"[Content_Types].xml": "<x/>", "xl/workbook.xml": " " * 50_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.rfind(mark)
        content[at + offset : at + offset + 4] = (100).to_bytes(4, "little")
    assert refusal(bytes(content)).code is RefusedCode.DAMAGED


_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_entity_bomb_is_refused(kind, encoding):
    content, name = {"xlsx": (XLSX, SHEET), "ods": (ODS, "content.xml")}[kind]

    def with_entities(xml: bytes) -> bytes:
        body = xml.decode().partition("?>")[2] if xml.startswith(b"<?xml") else xml.decode()
        return f'<?xml version="1.0" encoding="{encoding}"?>{_LAUGHS}{body}'.encode(encoding)

    assert refusal(rewritten(content, name, with_entities)).code is RefusedCode.UNSAFE_ARCHIVE


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_entity_bomb_in_an_encoding_that_hides_it_is_refused(kind):
    content, name = {"xlsx": (XLSX, SHEET), "ods": (ODS, "content.xml")}[kind]
    bomb = f'<?xml version="1.0" encoding="cp037"?>{_LAUGHS}<x>&b;</x>'.encode("cp037")
    assert refusal(rewritten(content, name, lambda _: bomb)).code is RefusedCode.DAMAGED


def test_external_entity_in_shared_strings_is_refused():
    attack = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><sst><si><t>&f;</t></si></sst>'
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old:
        content = archive({e: old.read(e) for e in old.namelist()} | {"xl/sharedStrings.xml": attack})
    assert refusal(content).code is RefusedCode.UNSAFE_ARCHIVE


def test_deeply_nested_text_is_refused_as_damaged():
    deep = "<text:span>" * 5_000 + "</text:span>" * 5_000
    cell = f"<table:table-row><table:table-cell><text:p>{deep}</text:p></table:table-cell></table:table-row>"
    table = f'<table:table table:name="a">{cell}</table:table>'
    assert refusal(ods_archive(ods_content(table))).code is RefusedCode.DAMAGED


def test_endlessly_nested_xml_is_refused_and_never_crashes():
    deep = "<a>" * 100_000 + "</a>" * 100_000
    assert refusal(ods_archive(ods_content(deep))).code in (RefusedCode.EMPTY_FILE, RefusedCode.DAMAGED)
    nested = rewritten(XLSX, SHEET, lambda xml: xml.replace(b"<sheetData>", deep.encode() + b"<sheetData>"))
    assert isinstance(parse_or_refuse(nested), ParsedFile | RefusedFile)


def test_row_repeated_without_end_is_refused():
    row = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell><text:p>x</text:p></table:table-cell>'
    )
    table = f'<table:table table:name="a">{row}</table:table-row></table:table>'
    assert refusal(ods_archive(ods_content(table))).code is RefusedCode.TOO_LARGE


def test_cell_repeated_without_end_is_cut():
    row = '<table:table-row><table:table-cell table:number-columns-repeated="99999999999"><text:p>x</text:p>'
    table = f'<table:table table:name="a">{row}</table:table-cell></table:table-row></table:table>'
    assert refusal(ods_archive(ods_content(table))).code is RefusedCode.NO_HEADER


def test_made_up_row_number_is_refused():
    content = rewritten(XLSX, SHEET, lambda xml: xml.replace(b'<row r="3"', b'<row r="99999999999"'))
    assert refusal(content).code is RefusedCode.TOO_LARGE


def test_too_many_rows_are_refused():
    assert refusal(b"x\r\n" * (MAX_ROWS + 1)).code is RefusedCode.TOO_LARGE


def test_too_large_a_file_is_refused_unread(tmp_path):
    path = tmp_path / "stort.csv"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(RefusedFile) as caught:
        read_file(path)
    assert caught.value.code is RefusedCode.TOO_LARGE
    assert refusal(bytes(MAX_FILE_BYTES + 1)).code is RefusedCode.TOO_LARGE


def test_entry_named_twice_is_refused_as_damaged():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("xl/workbook.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("xl/workbook.xml", "<b/>")
    assert refusal(out.getvalue()).code is RefusedCode.DAMAGED


def test_too_many_sheets_are_refused():
    sheets = [(f"Ark{i}", [["x"]]) for i in range(101)]
    assert refusal(workbook(*sheets)).code is RefusedCode.TOO_LARGE
    assert refusal(ods_archive(ods_content(*[ods_table([["x"]])] * 101))).code is RefusedCode.TOO_LARGE


def test_cell_longer_than_any_spreadsheet_allows_is_refused():
    rows = [["x", "y" * 32_768]]
    assert refusal(ods_archive(ods_content(ods_table(rows)))).code is RefusedCode.TOO_LARGE
    assert refusal(f"x;{'y' * 32_768}".encode()).code is RefusedCode.TOO_LARGE
    assert refusal(f"x;{'y' * 140_000}".encode()).code is RefusedCode.DAMAGED


@pytest.mark.parametrize("times", ["0", "-1", "2000000", "x"])
def test_impossible_number_of_repeated_rows_is_refused(times):
    row = f'<table:table-row table:number-rows-repeated="{times}"><table:table-cell/></table:table-row>'
    content = ods_archive(ods_content(f'<table:table table:name="a">{row}</table:table>'))
    assert refusal(content).code in (RefusedCode.TOO_LARGE, RefusedCode.DAMAGED)


def test_blank_rows_past_the_end_of_any_sheet_are_refused():
    blank = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    row = "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    content = ods_archive(ods_content(f'<table:table table:name="a">{blank * 2}{row}</table:table>'))
    assert refusal(content).code is RefusedCode.TOO_LARGE


def test_file_that_cannot_be_read_is_refused():
    with pytest.raises(RefusedFile) as caught:
        read_file(Path("/proc/self/mem"))
    assert caught.value.code is RefusedCode.NOT_READABLE


def test_folder_pipe_and_absent_file_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, code in ((".", "not_a_file"), ("pipe", "not_a_file"), ("absent.csv", "not_found")):
        with pytest.raises(RefusedFile) as caught:
            read_file(tmp_path / name)
        assert caught.value.code.value == code


def test_text_without_header_is_refused():
    assert refusal("Liv;Ætteby;17865528469;1955\r\n".encode()).code is RefusedCode.NO_HEADER
    assert refusal(b"<html><table><tr><td>1</td></tr></table></html>").code is RefusedCode.NO_HEADER


@pytest.mark.parametrize("absent", ["Adressesperre", "Motsegn"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_file_without_a_flag_column_is_refused(absent, kind):
    names = [n for n in NAMES if n != absent]
    rows = [names, ["x"] * len(names)]
    content = {
        "csv": "\n".join(";".join(r) for r in rows).encode(),
        "xlsx": workbook(("Ark", rows)),
        "ods": ods_archive(ods_content(ods_table(rows))),
    }[kind]
    found = refusal(content)
    assert found.code is RefusedCode.MISSING_FLAG_COLUMNS
    assert absent in found.sentence


def test_file_without_required_columns_is_refused_and_names_them():
    names = [n for n in NAMES if n not in ("Fødselsnummer", "Bustadtype")]
    found = refusal((";".join(names) + "\n" + ";".join("x" for _ in names)).encode())
    assert found.code is RefusedCode.MISSING_COLUMNS
    assert "Fødselsnummer, Bustadtype" in found.sentence


def test_column_named_twice_is_refused_and_named():
    content = ";".join([*NAMES, "Bosituasjon"]) + "\n" + ";".join("x" * 24)
    found = refusal(content.encode())
    assert found.code is RefusedCode.DUPLICATE_COLUMN
    assert "Busituasjon" in found.sentence


def test_register_on_hidden_sheet_only_is_refused():
    content = workbook(("-Gamalt", [list(NAMES), ["x"] * 23]), ("Ark", [["Ingenting her"]]))
    assert refusal(content).code is RefusedCode.NO_HEADER


@pytest.mark.parametrize("tail", ['"Ola;Ovnen', 'Ola;"Ovnen;x\r\nKari;y\r\n', '"a" b;"Ola'])
def test_quotation_mark_never_closed_is_refused(tail):
    assert refusal(CSV + tail.encode()).code is RefusedCode.DAMAGED


def test_quotation_mark_closed_rows_later_is_refused():
    row = ";".join(["x"] * 22)
    content = ";".join(NAMES) + f'\r\n{row};"Har hund\r\n{row};y\r\n{row};"Sjå notat\r\n'
    assert refusal(content.encode()).code is RefusedCode.DAMAGED


def test_refusal_as_report_says_that_nothing_was_read():
    report = refused_report(refusal(b""), municipality="4032")
    assert report == {
        "format": "buvett/import/1",
        "municipality": "4032",
        "data_rows": 0,
        "first_data_row": 0,
        "imported": 0,
        "refused": 0,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "issues": [],
        "notes": [],
        "refused_file": "empty_file",
        "message": "The file is empty.",
    }


def test_headers_of_all_languages_are_complete():
    for names in HEADERS.values():
        assert len(names) == len(NAMES)
