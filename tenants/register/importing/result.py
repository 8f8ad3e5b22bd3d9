"""What comes out of a file: facts ready for three envelopes, and what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tenants.register.importing.errors import RefusedFile

Facts = Mapping[str, Any]
# For notes about the file itself, not about a row.
WHOLE_FILE = -1


class IssueCode(Enum):
    """What makes a row refused, and the one warning."""

    IDENTITY_NUMBER_INVALID = "identity_number_invalid"
    IDENTITY_NUMBER_NOT_SYNTHETIC = "identity_number_not_synthetic"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    UNKNOWN_LABEL = "unknown_label"
    REQUIRED_MISSING = "required_missing"
    DATE_INVALID = "date_invalid"
    DATE_IN_FUTURE = "date_in_future"
    FORMULA_KEPT_AS_TEXT = "formula_kept_as_text"


class NoteCode(Enum):
    """What is worth knowing and changes nothing."""

    ZERO_RESTORED = "zero_restored"
    BIRTH_YEAR_DIFFERS = "birth_year_differs"
    BIRTH_YEAR_UNLIKELY = "birth_year_unlikely"
    NUMBER_NOT_UNDERSTOOD = "number_not_understood"
    COLUMN_NOT_READ = "column_not_read"
    ROW_NOT_READ = "row_not_read"
    SHEET_NOT_READ = "sheet_not_read"
    CASE_KEPT = "case_kept"


class Severity(Enum):
    """An error refuses its row; a warning and an info do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """An issue or a note. ``row`` counts data rows from 0; the message never holds a value of a confidential column."""

    row: int
    column: str
    code: IssueCode | NoteCode
    severity: Severity
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the remark as it stands in the report."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code.value,
            "severity": self.severity.value,
            "message": self.message,
        }


@dataclass(frozen=True, kw_only=True, repr=False)
class ParsedRow:
    """One accepted row as three sets of facts, each of plain JSON values, one per envelope."""

    row: int
    identity: Facts
    assessment: Facts
    notes: Facts


@dataclass(frozen=True, kw_only=True, repr=False)
class RefusedRow:
    """One refused row as its cells said it: canonical column name to text, so that it can be mended."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, repr=False)
class ParsedFile:
    """All accepted rows of a file, how many data rows it had, where they began, and the remarks about it.

    ``columns``: those that the file has, canonical names; ``epoch_1904``: its serial dates count from 1904.
    """

    rows: tuple[ParsedRow, ...]
    data_rows: int
    first_data_row: int
    issues: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    refused_rows: tuple[RefusedRow, ...] = ()
    columns: tuple[str, ...] = ()
    epoch_1904: bool = False

    @property
    def refused(self) -> int:
        """How many data rows were refused."""
        return self.data_rows - len(self.rows)


def import_report(
    parsed: ParsedFile, *, municipality: str, created: int = 0, updated: int = 0, unchanged: int = 0
) -> dict[str, Any]:
    """Return the report ``buvett/import/1`` (FORMATS.md section 2); the caller tells what it did with the rows."""
    return {
        "format": "buvett/import/1",
        "municipality": municipality,
        "data_rows": parsed.data_rows,
        "first_data_row": parsed.first_data_row,
        "imported": len(parsed.rows),
        "refused": parsed.refused,
        "created": created,
        "updated": updated,
        "unchanged": unchanged,
        "issues": [remark.as_json() for remark in parsed.issues],
        "notes": [remark.as_json() for remark in parsed.notes],
    }


def kept_note(row: int) -> Remark:
    """The note about a row whose person has a case that a file does not change."""
    return Remark(
        row=row,
        column="Fødselsnummer",
        code=NoteCode.CASE_KEPT,
        severity=Severity.INFO,
        message="The person's case is closed or blocked; it stays as it was.",
    )


def refused_report(refusal: RefusedFile, *, municipality: str) -> dict[str, Any]:
    """Return the report about a file that was refused as a whole: nothing was read and nothing written."""
    nothing = ParsedFile(rows=(), data_rows=0, first_data_row=0, issues=(), notes=())
    return import_report(nothing, municipality=municipality) | {
        "refused_file": refusal.code.value,
        "message": refusal.sentence,
    }
