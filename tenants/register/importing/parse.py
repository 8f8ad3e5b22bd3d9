"""From the bytes of a file to parsed facts. Pure: no database, nothing written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tenants.register.codelists import Kind, columns, row_words
from tenants.register.importing.cells import as_text
from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.folding import fold_label
from tenants.register.importing.header import Header, HeaderNames, check_complete, find_header
from tenants.register.importing.kinds import FileKind, file_kind
from tenants.register.importing.limits import MAX_FILE_BYTES
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.mending import refused_row
from tenants.register.importing.ods_reader import read_ods
from tenants.register.importing.result import WHOLE_FILE, NoteCode, ParsedFile, Remark, Severity
from tenants.register.importing.rows import RowReader
from tenants.register.importing.table import Cell, Table, is_blank
from tenants.register.importing.text_reader import read_text

Progress = Callable[[int, int], None]
_PROGRESS_EVERY = 200
_NOTHING = ColumnMapping()
_TOTALS = re.compile(
    rf"(?:{'|'.join(re.escape(fold_label(w)) for w in sorted(row_words().total_rows, key=len, reverse=True))})(?!\w)"
)
_LIKE_A_NUMBER = re.compile(r"[0-9]{10,11}")


def read_file(path: Path) -> bytes:
    """Return the content of the file. Raises RefusedFile if it is missing, no file, not readable or too large."""
    if path.is_dir():
        raise RefusedFile(RefusedCode.NOT_A_FILE, f"{path.name} is a folder, not a file.")
    if not path.exists():
        raise RefusedFile(RefusedCode.NOT_FOUND, f"There is no file {path.name}.")
    if not path.is_file():
        raise RefusedFile(RefusedCode.NOT_A_FILE, f"{path.name} is no ordinary file.")
    try:
        with path.open("rb") as file:
            return _within_limit(file.read(MAX_FILE_BYTES + 1))
    except OSError as error:
        raise RefusedFile(RefusedCode.NOT_READABLE, f"{path.name} cannot be read: {error.strerror}.") from error


def parse_register(
    content: bytes,
    *,
    counted_on: date,
    synthetic_mode: bool,
    mapping: ColumnMapping = _NOTHING,
    progress: Progress | None = None,
) -> ParsedFile:
    """Return what the file says. ``progress(done, total)`` is called now and then with data rows.

    Raises RefusedFile if it cannot be read as a register at all.
    """
    names = HeaderNames(mapping)
    tables = tables_of(content, names)
    header, table, left_out = _choose(tables, names)
    check_complete(header)
    reader = RowReader(
        header=header,
        mapping=mapping,
        counted_on=counted_on,
        synthetic_mode=synthetic_mode,
        epoch_1904=table.epoch_1904,
    )
    notes = [_column_note(index) for index in header.unknown] + [_sheet_note()] * left_out
    data = _data_rows(table, header, notes)
    if not data:
        raise RefusedFile(RefusedCode.NO_DATA_ROWS, "The file has a header but no row below it.")
    rows, refused = [], []
    for index, (_, cells) in enumerate(data):
        if progress and index % _PROGRESS_EVERY == 0:
            progress(index, len(data))
        if parsed := reader.read(index, cells):
            rows.append(parsed)
        else:
            refused.append(refused_row(index, cells, header))
    if progress:
        progress(len(data), len(data))
    return ParsedFile(
        rows=tuple(rows),
        data_rows=len(data),
        first_data_row=data[0][0],
        issues=tuple(reader.issues),
        notes=(*notes, *reader.notes),
        refused_rows=tuple(refused),
        columns=tuple(column.name for column in columns() if column.name in header.positions),
        epoch_1904=table.epoch_1904,
    )


def _within_limit(content: bytes) -> bytes:
    if len(content) > MAX_FILE_BYTES:
        raise RefusedFile(
            RefusedCode.TOO_LARGE, f"The file is larger than {MAX_FILE_BYTES // 1_000_000} MB, which no register is."
        )
    return content


def tables_of(content: bytes, names: HeaderNames) -> list[Table]:
    """Return the visible sheets of the file. Raises RefusedFile."""
    kind = file_kind(_within_limit(content))
    if kind is FileKind.XLSX:
        # Here: its library takes half a second to load, in every process that knows of registers.
        from tenants.register.importing.xlsx_reader import read_xlsx  # noqa: PLC0415

        return read_xlsx(content)
    if kind is FileKind.ODS:
        return read_ods(content)
    return [read_text(content, known_headers=names.count)]


def _choose(tables: list[Table], names: HeaderNames) -> tuple[Header, Table, int]:
    """Return the sheet that names most columns (the first of equals), and how many other registers are left out."""
    found = [(header, table) for table in tables if (header := find_header(table, names))]
    if not found:
        if not any(table.rows for table in tables):
            raise RefusedFile(RefusedCode.EMPTY_FILE, "The file has no visible rows.")
        raise RefusedFile(
            RefusedCode.NO_HEADER, "No row names the columns of a register (Fødselsnummer, Busituasjon, Målgrupper …)."
        )
    header, table = max(found, key=lambda pair: len(pair[0].positions))
    return header, table, len(found) - 1


def _data_rows(table: Table, header: Header, notes: list[Remark]) -> list[tuple[int, tuple[Cell, ...]]]:
    """Return the rows below the header that are about people; a title among them is noted, not read.

    The header may stand again at the top of each printed page.
    """
    number_at = header.positions["Fødselsnummer"]
    first_at = min(header.positions.values())
    titles_at = {header.positions[c.name] for c in columns() if c.kind is Kind.TEXT and c.name in header.positions}
    rows = []
    for number, cells in table.rows:
        if number <= header.row_number or _is_total(cells, number_at) or cells == header.cells:
            continue
        used = [index for index, cell in enumerate(cells) if not is_blank(cell)]
        if len(used) == 1 and used[0] <= first_at and (used[0] < first_at or first_at in titles_at):
            notes.append(_row_note(number))
            continue
        if not any(index < len(cells) and not is_blank(cells[index]) for index in header.positions.values()):
            continue
        rows.append((number, cells))
    return rows


def _is_total(cells: tuple[Cell, ...], number_at: int) -> bool:
    """Return whether the row sums up others. A row with something like an identity number is about a person, always."""
    first = next((cell for cell in cells if not is_blank(cell)), None)
    if not isinstance(first, str) or not _TOTALS.match(fold_label(first)):
        return False
    digits = re.sub(r"\D", "", as_text(cells[number_at])) if number_at < len(cells) else ""
    return not _LIKE_A_NUMBER.fullmatch(digits)


def _column_note(index: int) -> Remark:
    return _file_note(NoteCode.COLUMN_NOT_READ, f"The file's column {index + 1} has no known name and was not read.")


def _row_note(number: int) -> Remark:
    return _file_note(NoteCode.ROW_NOT_READ, f"The sheet's row {number} holds one cell only and was taken for a title.")


def _sheet_note() -> Remark:
    return _file_note(NoteCode.SHEET_NOT_READ, "Another visible sheet looks like a register too and was not read.")


def _file_note(code: NoteCode, message: str) -> Remark:
    return Remark(row=WHOLE_FILE, column="", code=code, severity=Severity.INFO, message=message)
