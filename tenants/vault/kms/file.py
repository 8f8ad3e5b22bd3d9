"""Root keys in a folder: one 0600 file per name, folder 0700. A process can use the names that lie in its folder.

So the contributor holds the assessment keys only: no other file is in its folder. For the demo and small hosts;
the files are as safe as the account that owns them.
"""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tenants.vault import names
from tenants.vault.errors import KeyExists, KmsKeyNotHeld, KmsKeyRefused, NameRefused
from tenants.vault.files import locked, read_regular, sync_folder, write_new
from tenants.vault.kms import documents
from tenants.vault.kms.local import LocalKms

if TYPE_CHECKING:
    from pathlib import Path

ENDING: Final = ".key"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class FileKms(LocalKms):
    """Root keys in the files of `folder`. Raises `KmsKeyRefused` where folder or file is open to group or others."""

    def __init__(self, folder: Path, *, allow_demo: bool) -> None:
        super().__init__(read=self._read_file, held=self._list)
        self._folder = folder
        self._allow_demo = allow_demo
        self._check_folder()

    def create(self, name: str, *, demo: bool) -> None:
        """Makes a new root key. Raises `KeyExists`; a demo key in production `KmsKeyRefused`."""
        if demo and not self._allow_demo:
            raise KmsKeyRefused(f"root key {name}: a demo key is not made when BUVETT_MODE is production")
        self._check_folder()
        try:
            write_new(self._path(name), documents.dump(documents.make(name, demo=demo)).encode(), mode=0o600)
        except FileExistsError:
            raise KeyExists(f"root key {name} exists") from None

    def rotate(self, name: str) -> None:
        """Makes a new current key under the name; the older ones go on unwrapping until `drop_older`."""
        with locked(self._folder):
            root = self._read_file(name)
            fresh = documents.make(name, demo=root.demo)
            self._replace(replace(root, keys=fresh.keys + root.keys))

    def drop_older(self, name: str) -> None:
        """Forgets all but the current key. What was wrapped by an older one is lost: rewrap first."""
        with locked(self._folder):
            root = self._read_file(name)
            self._replace(replace(root, keys=root.keys[:1]))

    def shred(self, name: str) -> None:
        """Deletes a root key. Everything that only it can unwrap is lost, in every backup too."""
        with locked(self._folder):
            try:
                self._path(name).unlink()
            except FileNotFoundError:
                raise KmsKeyNotHeld(f"root key {name} is not held by this process") from None
            sync_folder(self._folder)

    def _path(self, name: str) -> Path:
        return self._folder / (names.as_file(name) + ENDING)

    def _replace(self, root: documents.RootKey) -> None:
        write_new(self._path(root.name), documents.dump(root).encode(), mode=0o600, replace=True)

    def _read_file(self, name: str) -> documents.RootKey:
        self._check_folder()
        try:
            text = read_regular(self._path(name), forbidden=_OTHERS)
        except FileNotFoundError:
            raise KmsKeyNotHeld(f"root key {name} is not held by this process") from None
        except PermissionError:
            raise KmsKeyRefused(f"root key {name}: the file must be a plain file of this account, mode 0600") from None
        return documents.load(text, name=name, allow_demo=self._allow_demo)

    def _list(self) -> frozenset[str]:
        self._check_folder()
        found = set()
        for path in self._folder.glob("*" + ENDING):
            try:
                found.add(names.from_file(path.name.removesuffix(ENDING)))
            except NameRefused:
                raise KmsKeyRefused("the folder of root keys holds a file whose name is no key name") from None
        return frozenset(found)

    def _check_folder(self) -> None:
        try:
            found = os.lstat(self._folder)
        except FileNotFoundError:
            raise KmsKeyRefused("the folder of root keys (BUVETT_KEYS) does not exist") from None
        if not stat.S_ISDIR(found.st_mode) or found.st_mode & _OTHERS or found.st_uid != os.geteuid():
            raise KmsKeyRefused("the folder of root keys must be a folder of this account, mode 0700")
