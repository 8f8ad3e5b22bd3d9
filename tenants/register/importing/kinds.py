"""What a file is, by its content: names lie."""

from __future__ import annotations

import zipfile
from enum import Enum

from tenants.register.importing.archive import DAMAGED, open_checked, password_protected
from tenants.register.importing.errors import RefusedCode, RefusedFile

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# Begins with: what a person would call it. Only formats that are readable enough to pass for text otherwise.
_OTHERS = {
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a packed archive",
    b"7z\xbc\xaf": "a packed archive",
    b"Rar!": "a packed archive",
    b"BZh": "a packed archive",
    b"\xfd7zXZ": "a packed archive",
    b"SQLite format 3": "a database",
}


class FileKind(Enum):
    """The kinds of file that are read."""

    TEXT = "text"
    XLSX = "xlsx"
    ODS = "ods"


def file_kind(content: bytes) -> FileKind:
    """Return the kind of the file. Raises RefusedFile for one that is empty, protected, old or something else."""
    if not content.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise RefusedFile(RefusedCode.EMPTY_FILE, "The file is empty.")
    if content.startswith(_COMPOUND):
        raise _compound(content)
    if content.startswith(_ZIP):
        return _zipped(content)
    for start, name in _OTHERS.items():
        if content.startswith(start):
            raise _unknown(name)
    return FileKind.TEXT


def _compound(content: bytes) -> RefusedFile:
    """Return the refusal of an OLE file: Excel wraps an encrypted workbook in one, and old .xls files are one."""
    if any(name.encode("utf-16-le") in content for name in ("EncryptedPackage", "EncryptionInfo")):
        return password_protected()
    return RefusedFile(
        RefusedCode.OLD_FORMAT,
        "The file is in an old Office format (.xls); save it as .xlsx, .ods or CSV and try again.",
    )


def _zipped(content: bytes) -> FileKind:
    with open_checked(content) as archive:
        names = set(archive.namelist())
        if "xl/workbook.bin" in names:
            raise RefusedFile(
                RefusedCode.OLD_FORMAT, "The file is a binary workbook (.xlsb); save it as .xlsx, .ods or CSV."
            )
        if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
            return FileKind.XLSX
        if "encrypted-package" in names:
            raise password_protected()
        if "content.xml" in names and _mimetype(archive, names).startswith(_ODS):
            return FileKind.ODS
    raise _unknown("an archive or a document of another kind")


def _mimetype(archive: zipfile.ZipFile, names: set[str]) -> bytes:
    """Return the type that an OpenDocument file declares, in its mimetype entry or else in its manifest."""
    for name in ("mimetype", "META-INF/manifest.xml"):
        if name in names:
            try:
                found = archive.read(name)[:100_000]
            except DAMAGED:
                continue
            if _ODS in found:
                return _ODS
    return b""


def _unknown(name: str) -> RefusedFile:
    return RefusedFile(
        RefusedCode.UNKNOWN_FORMAT, f"The file is {name}, not a register; CSV, XLSX and ODS files are read."
    )
