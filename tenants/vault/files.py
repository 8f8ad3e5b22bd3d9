"""Files that hold keys: written whole or not at all, on disk when the call returns, never read through a link."""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Makes names in the folder (made, renamed, deleted) survive a crash."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps every other process and thread that asks for the same folder out until the block ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # closing unlocks


def write_new(path: Path, content: bytes, *, mode: int, replace: bool = False) -> None:
    """Writes the file atomically and durably. Raises `FileExistsError` if it exists, unless `replace`."""
    draft = path.with_name(f".draft-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask is
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            os.link(draft, path)  # unlike a rename it never overwrites: of two writers one is told
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def read_regular(path: Path, *, forbidden: int, any_owner: bool = False) -> bytes:
    """Content of a plain file of this account (or of root, or with `any_owner` of anyone).

    Raises `FileNotFoundError`, and `PermissionError` for a link, another owner, or a mode with a `forbidden` bit.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError("no such file") from None
    except OSError as error:
        raise PermissionError("not a readable plain file") from error
    try:
        found = os.fstat(handle)
        owned = any_owner or found.st_uid in {0, os.geteuid()}
        if not (stat.S_ISREG(found.st_mode) and owned) or found.st_mode & forbidden:
            raise PermissionError("not a plain file of this account with tight modes")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)
