"""Read separated text in any common encoding and with any common separator."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.table import Table, TableBuilder

SEPARATORS = (";", ",", "\t", "|")
_PROBE_ROWS = 60
_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Windows first: where two fit equally well, it is the likelier one. cp865 is the Nordic DOS code page.
_EIGHT_BIT = ("cp1252", "iso-8859-1", "mac_roman", "cp865")
_COMMON = frozenset("æøåÆØÅéèêëàâäöüôòóáíñçÉÄÖÜÁČčŠšŽžĐđŊŋŦŧ«»–—“”’‘…•§€ \xa0°")
_NORWEGIAN = frozenset("æøåÆØÅ")
# A private character that no file begins a line with, to see where the last record ends.
_END = "\ue000"
# A note of several lines holds some commas; a line with as many as this is a row.
_MOST_SEPARATORS = 10
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_text(content: bytes, *, known_headers: Callable[[list[str]], int]) -> Table:
    """Return the only table of the file. ``known_headers`` counts the columns that a row of headers names.

    The separator is the one by which some row near the top names most columns, and of equals (a register whose headings
    nobody knows yet) the one by which its rows have most cells. Raises RefusedFile.
    """
    text = _decode(content)
    separator = max(SEPARATORS, key=lambda s: _best_header(text, s, known_headers))
    builder = TableBuilder()
    number = 0
    for row in _records(text, separator):
        if number == 0 and len(row) <= 2 and row and row[0].strip().lower().startswith("sep="):
            # Excel's own hint; Excel does not count it as a row either.
            continue
        number += 1
        builder.add(number, list(row))
    return builder.build()


def _decode(content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), None) or _without_bom(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # The error holds the whole text; it must not travel.
        raise _no_text() from None
    # A few stray control characters are typing accidents; more of them, or a NUL, and it is no text.
    if "\x00" in text or len(_CONTROL.findall(text)) * 500 > len(text) + 2_000:
        raise _no_text()
    return text


def _without_bom(content: bytes) -> str:
    """Return the encoding of a text without a byte order mark.

    Every other byte of Norwegian UTF-16 is zero. What decodes as UTF-8 is UTF-8: other encodings of æ, ø, å never do.
    Among the one-byte encodings the one wins that yields most Norwegian letters and fewest oddities.
    """
    if b"\x00" in content:
        probe = content[:20_000]
        even, odd = probe[0::2].count(0), probe[1::2].count(0)
        if max(even, odd) * 3 < len(probe):
            raise _no_text()
        return "utf-16-be" if even > odd else "utf-16-le"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return max(_EIGHT_BIT, key=lambda name: _plausibility(content, name))
    return "utf-8"


def _plausibility(content: bytes, encoding: str) -> int:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return -(10**9)
    counts: dict[str, int] = {}
    for letter in re.findall(r"[^\x00-\x7f]", text):
        counts[letter] = counts.get(letter, 0) + 1
    return sum(n * (2 if c in _NORWEGIAN else 0 if c in _COMMON else -3) for c, n in counts.items())


def _best_header(text: str, separator: str, known_headers: Callable[[list[str]], int]) -> tuple[int, int]:
    """Return how many columns some row names, and how many cells half of the rows have at least."""
    best = 0
    widths = []
    # The probe must not end inside a quoted cell's file, so a broken end of the text is forgiven here.
    probe = io.StringIO(text[:400_000], newline="")
    try:
        for _, row in zip(range(_PROBE_ROWS), csv.reader(probe, delimiter=separator), strict=False):
            best = max(best, known_headers(row))
            widths.append(len(row))
    except csv.Error:
        pass
    return best, sorted(widths)[len(widths) // 2] if widths else 0


def _records(text: str, separator: str) -> list[list[str]]:
    """Return all records. A quotation mark that is never closed would swallow people, so it refuses the file."""
    try:
        records = list(csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=separator))
    except csv.Error:
        raise _broken() from None
    # A mark open at the end swallows the end too; one that a later mark closed leaves whole rows inside one cell.
    if records.pop() != [_END] or any(_holds_rows(cell, separator) for record in records for cell in record):
        raise _broken()
    return records


def _holds_rows(cell: str, separator: str) -> bool:
    return "\n" in cell and any(line.count(separator) >= _MOST_SEPARATORS for line in cell.split("\n"))


def _broken() -> RefusedFile:
    return RefusedFile(
        RefusedCode.DAMAGED,
        "A quotation mark in the file is opened and never closed, so its rows cannot be told apart.",
    )


def _no_text() -> RefusedFile:
    return RefusedFile(
        RefusedCode.UNKNOWN_FORMAT, "The file is neither text nor a spreadsheet; CSV, XLSX and ODS files are read."
    )
