"""Read the visible sheets of an OpenDocument spreadsheet: content.xml, straight from the archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from tenants.register.importing.archive import check_xml_parts, damaged, open_checked, password_protected
from tenants.register.importing.limits import LAST_ROW_NUMBER, MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS
from tenants.register.importing.table import Cell, Formula, Table, TableBuilder, Value, is_blank, too_large

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _TEXT, _OFFICE, _STYLE = (_NS % n for n in ("table", "text", "office", "style"))
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
# Parts of a cell that are not its own text.
_ASIDE = (f"{_OFFICE}annotation", f"{_TABLE}table", f"{_TABLE}detective")


def read_ods(content: bytes) -> list[Table]:
    """Return one table per visible sheet, in order. Repeated rows and cells are unfolded within the limits.

    Raises RefusedFile.
    """
    with open_checked(content) as archive:
        check_xml_parts(archive)
        try:
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise password_protected()
        except KeyError:
            pass
        try:
            return _read(archive)
        except (ParseError, zipfile.BadZipFile, ValueError, LookupError, OSError, EOFError, RecursionError):
            # What went wrong may quote a cell, so it does not travel.
            raise damaged() from None


def _read(archive: zipfile.ZipFile) -> list[Table]:
    tables: list[Table] = []
    hidden_styles: set[str] = set()
    builder, number, depth, hidden = TableBuilder(), 0, 0, False
    with archive.open("content.xml") as part:
        for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    depth += 1
                    if depth == 1:
                        hidden = element.get(f"{_TABLE}style-name", "") in hidden_styles
                        builder, number = TableBuilder(), 0
                continue
            if element.tag == f"{_STYLE}style":
                if _hides(element):
                    hidden_styles.add(element.get(f"{_STYLE}name", ""))
            elif element.tag == f"{_TABLE}table":
                depth -= 1
                if depth == 0:
                    if not hidden:
                        tables.append(builder.build())
                    if len(tables) > MAX_SHEETS:
                        raise too_large()
                    element.clear()
            elif element.tag == f"{_TABLE}table-row" and depth == 1:
                number = _add_row(builder, number, element)
                element.clear()
    return tables


def _hides(style: Element) -> bool:
    properties = style.find(f"{_STYLE}table-properties")
    return properties is not None and properties.get(f"{_TABLE}display") == "false"


def _add_row(builder: TableBuilder, number: int, element: Element) -> int:
    """Add the row as often as it is repeated and return the number of the last row."""
    repeated = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
    cells = list(_cells(element))
    if not 1 <= repeated <= LAST_ROW_NUMBER:
        raise too_large()
    if all(is_blank(c) for c in cells):
        return number + repeated
    if repeated > MAX_ROWS:
        raise too_large()
    for _ in range(repeated):
        number += 1
        builder.add(number, cells)
    return number


def _cells(row: Element) -> Iterator[Cell]:
    produced = 0
    for element in row:
        if element.tag not in _CELLS:
            continue
        repeated = min(int(element.get(f"{_TABLE}number-columns-repeated", "1")), MAX_COLUMNS - produced)
        value = _value(element)
        for _ in range(repeated):
            yield value
        produced += max(0, repeated)
        if produced >= MAX_COLUMNS:
            return


def _value(element: Element) -> Cell:
    plain = _plain_value(element)
    formula = element.get(f"{_TABLE}formula")
    if formula is None:
        return plain
    # "of:=SUM(…)" is written with the name of the formula language before it.
    return Formula(text="=" + formula.partition("=")[2], value=plain)


def _plain_value(element: Element) -> Value:
    kind = element.get(f"{_OFFICE}value-type")
    if kind in ("float", "percentage", "currency"):
        number = float(element.get(f"{_OFFICE}value", ""))
        return int(number) if number.is_integer() and abs(number) < 10**15 else number
    if kind == "date":
        return datetime.fromisoformat(element.get(f"{_OFFICE}date-value", "")[:26])
    if kind == "boolean":
        return element.get(f"{_OFFICE}boolean-value") == "true"
    stated = element.get(f"{_OFFICE}string-value")
    if stated is not None:
        return stated
    text = "\n".join("".join(_words(p)) for p in element.findall(f"{_TEXT}p"))
    return text or None


def _words(element: Element) -> Iterator[str]:
    """Yield the text below an element; blanks, tabs and line breaks have elements of their own."""
    if element.tag == f"{_TEXT}s":
        yield " " * min(int(element.get(f"{_TEXT}c", "1")), MAX_CELL_CHARACTERS)
    elif element.tag == f"{_TEXT}tab":
        yield "\t"
    elif element.tag == f"{_TEXT}line-break":
        yield "\n"
    elif element.tag not in _ASIDE:
        yield element.text or ""
        for child in element:
            yield from _words(child)
            yield child.tail or ""
