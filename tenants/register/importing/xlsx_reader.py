"""Read the visible sheets of an XLSX workbook."""

from __future__ import annotations

import io
import warnings
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from tenants.register.importing.archive import check_xml_parts, damaged, open_checked
from tenants.register.importing.errors import ImportingError
from tenants.register.importing.limits import LAST_ROW_NUMBER, MAX_COLUMNS, MAX_SHEETS
from tenants.register.importing.table import Cell, Formula, Table, TableBuilder, too_large

_VALUES = (str, int, float, bool, datetime, date, time, timedelta)


def read_xlsx(content: bytes) -> list[Table]:
    """Return one table per visible worksheet, in order. Hidden rows are read: a filter hides people, it removes none.

    Raises RefusedFile; whatever a broken workbook makes the library raise becomes one.
    """
    with open_checked(content) as archive:
        check_xml_parts(archive)
    try:
        with warnings.catch_warnings():
            # The library tells about styles and validations that it does not keep; nothing of the kind is read here.
            warnings.simplefilter("ignore")
            return _read(content)
    except ImportingError:
        raise
    except Exception:  # noqa: BLE001 a broken part surfaces as nearly any exception
        # What went wrong may quote a cell, so it does not travel.
        raise damaged() from None


def _read(content: bytes) -> list[Table]:
    tables = []
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    epoch_1904 = book.epoch == CALENDAR_MAC_1904
    visible = [i for i, sheet in enumerate(book.worksheets) if sheet.sheet_state == "visible"]
    if len(visible) > MAX_SHEETS:
        raise too_large()
    for index in visible:
        rows = _rows(book.worksheets[index])
        with_formulas = {number for number, cells in rows.items() if any(map(_is_formula, cells))}
        stored = _stored_values(content, index, with_formulas) if with_formulas else {}
        for number in with_formulas:
            values = stored.get(number, ())
            rows[number] = tuple(_cell(c, values[i] if i < len(values) else None) for i, c in enumerate(rows[number]))
        tables.append(Table(rows=tuple(rows.items()), epoch_1904=epoch_1904))
    book.close()
    return tables


def _stored_values(content: bytes, index: int, wanted: set[int]) -> dict[int, tuple[Any, ...]]:
    """Return the wanted rows again with what their formulas yielded when the file was saved."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    values = {number: cells for number, cells in _rows(book.worksheets[index]).items() if number in wanted}
    book.close()
    return values


def _rows(sheet: Any) -> dict[int, tuple[Any, ...]]:
    """Return the raw values of the rows that hold anything, by row number."""
    # The stated dimension is often wrong, and it would cut columns off.
    sheet.reset_dimensions()
    builder = TableBuilder()
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
        if number > LAST_ROW_NUMBER:
            raise too_large()
        # A stray cell at the end of the sheet yields a million blank rows; this is their quickest way out.
        if cells.count(None) < len(cells):
            builder.add(number, cells)
    return dict(builder.build().rows)


def _is_formula(raw: Any) -> bool:
    if isinstance(raw, str):
        return raw.startswith("=")
    return isinstance(raw, ArrayFormula | DataTableFormula)


def _cell(raw: Any, stored: Any) -> Cell:
    """Return the cell. A text that starts with = is treated as the formula that it would become."""
    if _is_formula(raw):
        text = raw if isinstance(raw, str) else f"={str(getattr(raw, 'text', '') or '').lstrip('=')}"
        return Formula(text=text, value=stored if isinstance(stored, _VALUES) else None)
    return raw if isinstance(raw, _VALUES) else None
