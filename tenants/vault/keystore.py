"""The key store: a folder of wrapped keys, outside the database and outside every backup of data.

`<folder>/<name>/v00000001.wrapped`. What lies here is useless without the root key. A deleted version leaves an empty
`v00000001.gone`, so that its number is never used again and *shredded* can be told from *never made*.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from tenants.vault import names
from tenants.vault.errors import KeyExists, KeyMissing, StoreRefused
from tenants.vault.files import locked, read_regular, sync_folder, write_new

if TYPE_CHECKING:
    from pathlib import Path

_WRAPPED: Final = ".wrapped"
_GONE: Final = ".gone"
_LOOSE = stat.S_IWGRP | stat.S_IRWXO  # a group may read: several processes share the store


class KeyStore:
    """Wrapped keys by name and version (1 and up). Raises `StoreRefused` where others can read or a group can write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            found = os.lstat(folder)
        except FileNotFoundError:
            raise StoreRefused("the key store (BUVETT_KEYSTORE) does not exist") from None
        if not stat.S_ISDIR(found.st_mode) or found.st_mode & _LOOSE:
            raise StoreRefused("the key store must be a folder, mode 0700 or 0750")

    def put(self, name: str, version: int, wrapped: bytes) -> None:
        """Adds a version, durably. Raises `KeyExists` if it exists or once existed."""
        with locked(self._folder):
            folder = self._make_folder(name)
            if (folder / _file(version, _GONE)).exists():
                raise KeyExists(f"version {version} of {name} was shredded")
            try:
                write_new(folder / _file(version, _WRAPPED), wrapped, mode=0o640)
            except FileExistsError:
                raise KeyExists(f"version {version} of {name} exists") from None

    def replace(self, name: str, version: int, wrapped: bytes) -> None:
        """Puts other bytes in the place of a version (the same key, rewrapped). Raises `KeyMissing`."""
        path = self._path(name) / _file(version, _WRAPPED)
        # Locked, so that a key that is shredded at this moment does not come back.
        with locked(self._folder):
            if not path.exists():
                raise KeyMissing(f"no version {version} of {name}")
            write_new(path, wrapped, mode=0o640, replace=True)

    def get(self, name: str, version: int) -> bytes:
        """The wrapped bytes. Raises `KeyMissing`; `StoreRefused` for a file with loose modes."""
        try:
            # Whoever wrote it: what is read here counts only after the KMS has unwrapped it.
            return read_regular(self._path(name) / _file(version, _WRAPPED), forbidden=_LOOSE, any_owner=True)
        except FileNotFoundError:
            raise KeyMissing(f"no version {version} of {name}") from None
        except PermissionError:
            raise StoreRefused(f"version {version} of {name} must be a plain file, mode 0640") from None

    def versions(self, name: str) -> tuple[int, ...]:
        """Versions that exist, lowest first."""
        return self._numbers(name, _WRAPPED)

    def used(self, name: str) -> int:
        """The highest version that exists or once existed; 0 if none."""
        return max(self._numbers(name, _WRAPPED) + self._numbers(name, _GONE), default=0)

    def made_at(self, name: str, version: int) -> float:
        """When the version was written, in seconds of Unix time. Raises `KeyMissing`."""
        try:
            return (self._path(name) / _file(version, _WRAPPED)).stat().st_mtime
        except FileNotFoundError:
            raise KeyMissing(f"no version {version} of {name}") from None

    def delete(self, name: str, version: int) -> None:
        """Shreds a version, durably. Raises `KeyMissing`."""
        folder = self._path(name)
        path = folder / _file(version, _WRAPPED)
        with locked(self._folder):
            if not path.exists():
                raise KeyMissing(f"no version {version} of {name}")
            # The tombstone first: a crash in between must not free the number.
            (folder / _file(version, _GONE)).touch(mode=0o640)
            sync_folder(folder)
            path.unlink()
            sync_folder(folder)

    def names(self, under: str = "") -> tuple[str, ...]:
        """Names with at least one version, all or those at or below a name, sorted."""
        top = self._path(under) if under else self._folder
        folders = {path.parent for path in top.glob("**/v*" + _WRAPPED)}
        return tuple(sorted(folder.relative_to(self._folder).as_posix() for folder in folders))

    def _path(self, name: str) -> Path:
        return self._folder / names.checked(name)

    def _make_folder(self, name: str) -> Path:
        folder = self._folder
        for segment in names.checked(name).split("/"):
            below = folder / segment
            if not below.is_dir():
                below.mkdir(mode=0o750, exist_ok=True)
                sync_folder(folder)
            folder = below
        return folder

    def _numbers(self, name: str, ending: str) -> tuple[int, ...]:
        found = self._path(name).glob("v*" + ending)
        return tuple(sorted(int(path.name.removesuffix(ending)[1:]) for path in found))


def _file(version: int, ending: str) -> str:
    """File name of a version, eight digits so that a listing sorts."""
    return f"v{version:08d}{ending}"
