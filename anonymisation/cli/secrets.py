"""Reading the secret from a key file."""

from __future__ import annotations

from pathlib import Path

from anonymisation.errors import InputError
from anonymisation.reading import file_bytes

LARGEST_KEY = 1024 * 1024


def secret(path: Path | None) -> bytes:
    """Return the bytes of a key file, or nothing where none is given; raise `InputError` where it is empty."""
    if path is None:
        return b""
    key = file_bytes(path, error=InputError, largest=LARGEST_KEY)
    if not key:
        raise InputError(f"{path.name}: the key is empty")
    return key
