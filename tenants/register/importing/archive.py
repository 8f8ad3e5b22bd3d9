"""Look at a zip archive before anything is unpacked from it: encryption, bombs, forbidden XML."""

from __future__ import annotations

import io
import zipfile
import zlib

from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.limits import (
    MAX_ARCHIVE_ENTRIES,
    MAX_PACKING_RATIO,
    MAX_UNPACKED_BYTES,
    PACKING_RATIO_COUNTS_FROM_BYTES,
)

_ENCRYPTED = 0x1
_CHUNK = 1 << 20
# No spreadsheet program writes a document type into its parts; only entity bombs and file thieves need one.
_DOCTYPES = tuple("<!DOCTYPE".encode(e) for e in ("utf-8", "utf-16-le", "utf-16-be")) + tuple(
    "<!ENTITY".encode(e) for e in ("utf-8", "utf-16-le", "utf-16-be")
)
_LONGEST = max(len(d) for d in _DOCTYPES)

DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
"""What the library raises when it reads a part of a damaged archive."""


def open_checked(content: bytes) -> zipfile.ZipFile:
    """Return the archive, whose declared and true sizes are within the limits. Raises RefusedFile."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise damaged() from error
    if any(e.flag_bits & _ENCRYPTED for e in entries):
        raise password_protected()
    total = sum(e.file_size for e in entries)
    ratio = total / max(1, len(content))
    if (
        len(entries) > MAX_ARCHIVE_ENTRIES
        or total > MAX_UNPACKED_BYTES
        or (total > PACKING_RATIO_COUNTS_FROM_BYTES and ratio > MAX_PACKING_RATIO)
    ):
        raise RefusedFile(
            RefusedCode.UNSAFE_ARCHIVE, "The file unpacks to far more than a register can hold, so it was not opened."
        )
    if len({e.filename for e in entries}) != len(entries):
        raise damaged()
    return archive


def check_xml_parts(archive: zipfile.ZipFile) -> None:
    """Read every XML part once: it must unpack to what it declares and have no document type. Raises RefusedFile."""
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        try:
            with archive.open(entry) as part:
                tail = b""
                while chunk := part.read(_CHUNK):
                    window = tail + chunk
                    if any(mark in window for mark in _DOCTYPES):
                        raise forbidden_xml()
                    tail = window[-_LONGEST:]
        except DAMAGED as error:
            raise damaged() from error


def damaged() -> RefusedFile:
    """Return the refusal of a file that breaks off or contradicts itself."""
    return RefusedFile(RefusedCode.DAMAGED, "The file is damaged and cannot be read; save it anew and try again.")


def password_protected() -> RefusedFile:
    """Return the refusal of an encrypted file."""
    return RefusedFile(
        RefusedCode.PASSWORD_PROTECTED, "The file is protected by a password; save it without one and try again."
    )


def forbidden_xml() -> RefusedFile:
    """Return the refusal of a part that declares a document type or entities."""
    return RefusedFile(
        RefusedCode.UNSAFE_ARCHIVE, "The file declares XML entities, which no spreadsheet needs, so it was not opened."
    )
