"""Root keys that the service manager hands over: systemd credentials, or environment variables.

`LoadCredentialEncrypted=<uuid>~assessment.key` in a unit puts the document into `$CREDENTIALS_DIRECTORY`; a container
may set `BUVETT_KEY_<NAME>` instead (names.as_variable). The documents are those of the file adapter. Read only.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from tenants.vault import names
from tenants.vault.errors import KmsKeyNotHeld, KmsKeyRefused, NameRefused
from tenants.vault.files import read_regular
from tenants.vault.kms import documents
from tenants.vault.kms.file import ENDING
from tenants.vault.kms.local import LocalKms

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECTORY = "CREDENTIALS_DIRECTORY"


class EnvironmentKms(LocalKms):
    """Root keys in an environment. One name in both the folder and a variable is refused: which of them counts?"""

    def __init__(self, environ: Mapping[str, str], *, allow_demo: bool) -> None:
        super().__init__(read=self._read_name, held=self._list)
        self._environ = environ
        self._allow_demo = allow_demo
        self._folder = Path(environ[DIRECTORY]) if environ.get(DIRECTORY) else None

    def _read_name(self, name: str) -> documents.RootKey:
        text: str | bytes | None = self._environ.get(names.as_variable(name))
        if self._folder is not None:
            try:
                # systemd grants the service its credentials by an access list, which shows as group bits: only
                # others are refused here.
                credential = read_regular(self._folder / (names.as_file(name) + ENDING), forbidden=stat.S_IRWXO)
            except FileNotFoundError:
                pass
            except PermissionError:
                raise KmsKeyRefused(f"root key {name}: the credential is not a tight plain file") from None
            else:
                if text is not None:
                    raise KmsKeyRefused(f"root key {name}: given both as a credential and as a variable")
                text = credential
        if text is None:
            raise KmsKeyNotHeld(f"root key {name} is not held by this process")
        return documents.load(text, name=name, allow_demo=self._allow_demo)

    def _list(self) -> frozenset[str]:
        found = set()
        try:
            for variable in self._environ:
                if variable.startswith("BUVETT_KEY_"):
                    found.add(names.from_variable(variable))
            if self._folder is not None:
                for path in self._folder.glob("*" + ENDING):
                    found.add(names.from_file(path.name.removesuffix(ENDING)))
        except NameRefused:
            raise KmsKeyRefused("a credential or BUVETT_KEY_… variable has a name that is no key name") from None
        return frozenset(found)
