"""Keys for each kind of process: every one in the folders of those who use it, and nowhere else.

DESIGN.md, section 4: web holds identity, assessment, notes and the blind index; the contributor holds assessment;
both seal audit entries. The publisher makes its own keys itself (`buvett.releases.keys`). Each function makes what is
missing and leaves what exists; whether making it is safe, `completing` asks first.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from buvett.accounts import secrets
from tenants.isolation import keys as context_keys
from tenants.isolation.enums import Role
from tenants.register.looking_up import INDEXED_FIELDS
from tenants.vault import names
from tenants.vault.compartments import Compartment
from tenants.vault.errors import KeyExists
from tenants.vault.files import write_new
from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.file import FileKms
from tenants.vault.names import KeyName

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

    def kms(self) -> FileKms:
        """The root keys of the web process, which holds all of them. Raises KmsKeyRefused."""
        return FileKms(self.of("web"), allow_demo=self.demo)

    def holders(self, processes: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the processes that get keys: the tests' own process holds none but a demo's."""
        return processes if self.demo else tuple(process for process in processes if process != "test")


def make_context_keys(folders: KeyFolders) -> dict[Role, bytes]:
    """The key of each signing role, made where missing; the same bytes for every process that signs as that role."""
    made: dict[Role, bytes] = {}
    for role, processes in SIGNERS.items():
        first, *others = folders.holders(processes)
        made[role] = context_keys.create(folders.of(first), role, demo=folders.demo)
        for process in others:
            _copy(folders.of(first), folders.of(process), f"context/{role}.key")
    return made


def names_of(municipality: UUID) -> Iterator[tuple[KeyName, tuple[str, ...]]]:
    """The data keys of a municipality, each with the processes besides web that hold its root key."""
    for compartment in Compartment:
        shared = ("contributor", "test") if compartment in _SHARED else ("test",)
        yield names.compartment_key(municipality, compartment), shared
    for field in INDEXED_FIELDS:
        yield names.index_key(municipality, field), ("test",)


def make_municipality_keys(folders: KeyFolders, municipality: UUID) -> bool:
    """Root keys, data keys and the blind indexes' keys of one municipality; those that exist stay. Whether any lacked.

    Raises VaultError.
    """
    made = [_make(folders, name, others) for name, others in names_of(municipality)]
    return any(made)


def make_account_key(folders: KeyFolders) -> bool:
    """The key of the web process that seals second factors; one that exists stays. Whether it was missing.

    Raises VaultError.
    """
    return _make(folders, secrets.KEY, ("test",))


def _make(folders: KeyFolders, name: KeyName, others: tuple[str, ...]) -> bool:
    kms = folders.kms()
    ring = Keyring(kms, KeyStore(folders.keystore))
    missing = not ring.versions(name)
    if missing:
        # It may be there: an earlier attempt ended before the data key was made, and several indexes have one root.
        with suppress(KeyExists):
            kms.create(name.root, demo=folders.demo)
    file = f"{names.as_file(name.root)}.key"
    copied = [_copy(folders.of("web"), folders.of(process), file) for process in folders.holders(others)]
    if missing:
        ring.create(name)
    return missing or any(copied)


def _copy(source: Path, target: Path, name: str) -> bool:
    """Whether it was missing where the process looks."""
    if not target.is_dir() or (target / name).exists():
        return False
    (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(target / name, (source / name).read_bytes(), mode=0o600)
    return True
