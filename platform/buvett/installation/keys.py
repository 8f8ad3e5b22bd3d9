"""Keys for each kind of process: every one in the folders of those who use it, and nowhere else.

DESIGN.md, section 4: web holds identity, assessment, notes and the blind index; the contributor holds assessment;
both seal audit entries. The publisher makes its own keys itself (`buvett.releases.keys`).
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from buvett.accounts import secrets
from tenants.isolation import keys as context_keys
from tenants.isolation.enums import Role
from tenants.register.looking_up import INDEXED_FIELDS
from tenants.vault import names
from tenants.vault.compartments import Compartment
from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.file import FileKms

# Which database roles sign scopes, and the processes that hold their keys.
SIGNERS: Mapping[Role, tuple[str, ...]] = {
    Role.APP: ("web", "test"),
    Role.AUDIT_WRITER: ("web", "contributor", "test"),
    Role.AUDIT_READER: ("web", "test"),
    Role.CONTRIBUTOR: ("contributor", "test"),
}
_SHARED = {Compartment.ASSESSMENT, Compartment.AUDIT}


@dataclass(frozen=True, kw_only=True)
class KeyFolders:
    """Where the keys of each process lie, and the folder of wrapped keys."""

    root: Path
    keystore: Path
    demo: bool

    def of(self, process: str) -> Path:
        return self.root / process


def make_context_keys(folders: KeyFolders) -> dict[Role, bytes]:
    """The key of each signing role, made where missing; the same bytes for every process that signs as that role."""
    made: dict[Role, bytes] = {}
    for role, processes in SIGNERS.items():
        first, *others = processes
        made[role] = context_keys.create(folders.of(first), role, demo=folders.demo)
        for process in others:
            _copy(folders.of(first), folders.of(process), f"context/{role}.key")
    return made


def make_municipality_keys(folders: KeyFolders, municipality: UUID) -> None:
    """Root keys, data keys and the blind indexes' keys of one municipality; those that exist stay."""
    kms = FileKms(folders.of("web"), allow_demo=folders.demo)
    ring = Keyring(kms, KeyStore(folders.keystore))
    indexes = [names.index_key(municipality, field) for field in INDEXED_FIELDS]
    if ring.versions(indexes[-1]):
        return
    for compartment in Compartment:
        kms.create(names.compartment_key(municipality, compartment).root, demo=folders.demo)
    (root_of_indexes,) = {index.root for index in indexes}
    kms.create(root_of_indexes, demo=folders.demo)
    for compartment in Compartment:
        root = names.compartment_key(municipality, compartment).root
        _copy(folders.of("web"), folders.of("test"), f"{names.as_file(root)}.key")
        if compartment in _SHARED:
            _copy(folders.of("web"), folders.of("contributor"), f"{names.as_file(root)}.key")
    _copy(folders.of("web"), folders.of("test"), f"{names.as_file(root_of_indexes)}.key")
    ring.create_municipality(municipality)
    for index in indexes:
        ring.create(index)


def make_account_key(folders: KeyFolders) -> None:
    """The key of the web process that seals second factors; one that exists stays."""
    ring = Keyring(FileKms(folders.of("web"), allow_demo=folders.demo), KeyStore(folders.keystore))
    if not ring.versions(secrets.KEY):
        FileKms(folders.of("web"), allow_demo=folders.demo).create(secrets.KEY.root, demo=folders.demo)
        ring.create(secrets.KEY)
    _copy(folders.of("web"), folders.of("test"), f"{names.as_file(secrets.KEY.root)}.key")


def _copy(source: Path, target: Path, name: str) -> None:
    if not target.is_dir() or (target / name).exists():
        return
    (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (target / name).touch(mode=0o600)
    shutil.copyfile(source / name, target / name)
