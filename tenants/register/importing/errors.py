"""What can be wrong with a whole file. What is wrong with a row is no error but an issue in the report.

ImportingError
└── RefusedFile      the file cannot be read as a register; nothing is taken from it
"""

from __future__ import annotations

from enum import Enum


class RefusedCode(Enum):
    """Why a file is refused as a whole; ``refused_file`` in the report."""

    NOT_FOUND = "not_found"
    NOT_A_FILE = "not_a_file"
    NOT_READABLE = "not_readable"
    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    UNSAFE_ARCHIVE = "unsafe_archive"
    PASSWORD_PROTECTED = "password_protected"  # noqa: S105 a reason, no password
    OLD_FORMAT = "old_format"
    UNKNOWN_FORMAT = "unknown_format"
    DAMAGED = "damaged"
    NO_HEADER = "no_header"
    MISSING_COLUMNS = "missing_columns"
    MISSING_FLAG_COLUMNS = "missing_flag_columns"
    DUPLICATE_COLUMN = "duplicate_column"
    NO_DATA_ROWS = "no_data_rows"
    MAPPING_INVALID = "mapping_invalid"


class ImportingError(Exception):
    """Root of the errors of this package."""


class RefusedFile(ImportingError):
    """The file is refused; ``code`` says why, the message is one sentence fit for a person and holds no cell."""

    def __init__(self, code: RefusedCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
