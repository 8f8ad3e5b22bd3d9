"""Encodings, separators, quotation marks and lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.header import HeaderNames
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.text_reader import read_text
from tests.unit.tenants.register.importing.builders import csv_of, parse, sheet

_NAMES = HeaderNames(ColumnMapping())
_HEADER = "Førenamn;Etternamn;Fødselsnummer;Fødselsår;Telefon;Målgrupper;Bistandsnivå"


def rows_of(content: bytes) -> tuple[tuple[int, tuple[object, ...]], ...]:
    """Return the rows of the text."""
    return read_text(content, known_headers=_NAMES.count).rows


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso-8859-1", "mac_roman", "cp865"],
)
@pytest.mark.parametrize("text", ["Åse Øvre-Ætteby", "Blåbærsyltetøy på Sørlandet", "Frøydis; søre Håvardsrud æøå ÆØÅ"])
def test_norwegian_letters_survive_each_encoding(encoding, text):
    line = text.replace(";", ",")
    assert rows_of(f"{_HEADER}\r\n{line};x".encode(encoding))[1] == (2, (line, "x"))


@pytest.mark.parametrize("text", ["«Treng ro» – skjerma", "Rosé på café", "50 % … «ja»", "Šárká Đorđe"])
def test_typographic_signs_survive_windows_encoding(text):
    try:
        content = f"{_HEADER}\r\n{text};Å".encode("cp1252")
    except UnicodeEncodeError:
        content = f"{_HEADER}\r\n{text};Å".encode()
    assert rows_of(content)[1] == (2, (text, "Å"))


def test_pure_ascii_is_read():
    assert rows_of(b"Fornamn;Etternamn\r\nKari;Ovnen")[1] == (2, ("Kari", "Ovnen"))


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separator_is_the_one_that_names_most_columns(separator):
    header = _HEADER.replace(";", separator)
    others = "".join(c for c in ";,|" if c != separator)
    # Other separators are everywhere in the cells, but they name no column.
    assert rows_of(f"Tittel{others * 40}\r\n{header}\r\na{others}b{separator}c".encode())[-1] == (
        3,
        (f"a{others}b", "c"),
    )


def test_hint_of_excel_is_no_row():
    assert rows_of(f"sep=;\r\n{_HEADER}\r\na;b".encode())[0][0] == 1


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('"a;b";c', ("a;b", "c")),
        ('"a ""b"" c";d', ('a "b" c', "d")),
        ('"a\r\nb";c', ("a\r\nb", "c")),
        ('a "b" c;d', ('a "b" c', "d")),
        ('"a" ;b', ("a ", "b")),
        ('"";b', ("", "b")),
        (" a ;b", (" a ", "b")),
    ],
)
def test_quotation_marks(text, cells):
    assert rows_of(f"{_HEADER}\r\n{text}\r\n".encode())[1] == (2, cells)


def test_cell_with_line_breaks_counts_as_one_row():
    rows = rows_of(f'{_HEADER}\r\n"a\r\n\r\nb";c\r\nd;e'.encode())
    assert [number for number, _ in rows] == [1, 2, 3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(end, last):
    assert [n for n, _ in rows_of((f"{_HEADER}{end}{end}a;b" + (end if last else "")).encode())] == [1, 3]


@pytest.mark.parametrize(
    "content",
    [b"a;b\x00c\r\n" * 9, b"\xff\xfea", b"\xef\xbb\xbf\xff\xff", b"\x01\x02\x03\x04" * 999, b"\xff\xfe\x00\xd8"],
)
def test_bytes_that_are_no_text_are_refused(content):
    with pytest.raises(RefusedFile) as caught:
        rows_of(content)
    assert caught.value.code is RefusedCode.UNKNOWN_FORMAT


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Zs", "Zl"]), min_size=1, max_size=30),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
)
def test_note_is_kept_letter_by_letter(note, encoding):
    # A register's letters outvote whatever one note holds, as in real files.
    changes = [{"Merknad": f"x{note}"}, {"Merknad": "Blåbær på sørsida, øvre støl, så ærleg " * 5}]
    content = csv_of([[_quoted(c) for c in row] for row in sheet(*changes)]).decode().encode(encoding)
    assert parse(content).rows[0].notes["text"] == f"x{note}"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
