"""Read a municipality's register from CSV, XLSX or ODS. Pure: bytes in, facts and remarks out, no database."""

from tenants.register.importing.errors import ImportingError, RefusedCode, RefusedFile
from tenants.register.importing.mapping import ColumnMapping, read_mapping
from tenants.register.importing.mending import Reread, read_again
from tenants.register.importing.parse import parse_register, read_file
from tenants.register.importing.result import (
    IssueCode,
    NoteCode,
    ParsedFile,
    ParsedRow,
    RefusedRow,
    Remark,
    Severity,
    import_report,
    kept_note,
    refused_report,
)

__all__ = [
    "ColumnMapping",
    "ImportingError",
    "IssueCode",
    "NoteCode",
    "ParsedFile",
    "ParsedRow",
    "RefusedCode",
    "RefusedFile",
    "RefusedRow",
    "Remark",
    "Reread",
    "Severity",
    "import_report",
    "kept_note",
    "parse_register",
    "read_again",
    "read_file",
    "read_mapping",
    "refused_report",
]
