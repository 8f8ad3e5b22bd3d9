"""Small files for tests that look at one thing."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import openpyxl

from tenants.register.importing import ParsedFile, parse_register
from tests.data.register_files import COUNTED_ON, NAMES

SOUND: Mapping[str, Any] = {
    "Førenamn": "Liv",
    "Etternamn": "Ætteby",
    "Fødselsnummer": "17865528469",
    "Fødselsår": "1955",
    "Telefon": "99606110",
    "Adresse": "Storåsvegen 97",
    "Barn u/18": "3",
    "Busituasjon": "Framleigd bustad",
    "Målgrupper": "Eldre, Økonomisk vanskelegstilt",
    "Bistandsnivå": "Råd og rettleiing",
    "Bustadtype": "Einmannsmodul/småhus",
    **dict.fromkeys(NAMES[11:19], "Grøn"),
    "Registrert": "31.10.2025",
    "Adressesperre": "Nei",
    "Motsegn": "Nei",
    "Merknad": "Ynskjer ro.",
}
OTHER_NUMBERS = ("24828807257", "19818145457", "14879901686", "16927504921")
OTHER_YEARS = ("1988", "1981", "1999", "1975")


def sheet(*changes: Mapping[str, Any], without: tuple[str, ...] = ()) -> list[list[Any]]:
    """Return header and one sound row per change; numbers differ unless they are set."""
    names = [n for n in NAMES if n not in without]
    rows = []
    for index, change in enumerate(changes):
        number = {"Fødselsnummer": OTHER_NUMBERS[index - 1], "Fødselsår": OTHER_YEARS[index - 1]} if index else {}
        rows.append([({**SOUND, **number, **change})[n] for n in names])
    return [names, *rows]


def csv_of(rows: list[list[Any]]) -> bytes:
    """Return the rows as tab-separated text, blanks for None."""
    return "\r\n".join("\t".join("" if c is None else str(c) for c in row) for row in rows).encode()


def xlsx_of(rows: list[list[Any]]) -> bytes:
    """Return the rows as a workbook; dates, numbers and formulas stay what they are."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parse(content: bytes, *, counted_on: date = COUNTED_ON, synthetic_mode: bool = True) -> ParsedFile:
    """Return the parsed file."""
    return parse_register(content, counted_on=counted_on, synthetic_mode=synthetic_mode)


def one(**options: Any) -> ParsedFile:
    """Return a file with one row that differs from the sound one; ``cells`` are the changed cells."""
    return parse(csv_of(sheet(options.pop("cells", {}), without=options.pop("without", ()))), **options)


def remarks(parsed: ParsedFile) -> list[tuple[int, str, str]]:
    """Return row, column and code of the issues."""
    return [(r.row, r.column, r.code.value) for r in parsed.issues]


def notes(parsed: ParsedFile) -> list[tuple[int, str, str]]:
    """Return row, column and code of the notes."""
    return [(r.row, r.column, r.code.value) for r in parsed.notes]
