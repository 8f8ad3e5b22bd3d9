"""A vault on a temporary folder, with real keys and a clock that tests turn."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from tenants.vault.compartments import Compartment
from tenants.vault.issuing import issue
from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.file import FileKms
from tenants.vault.receipts import Extent
from tenants.vault.sealing import Opener, Sealer

TABLE = "register_case"


@dataclass
class Clock:
    """Seconds that pass only when told. Begins now, because files carry the real time of their making."""

    seconds: float

    def __call__(self) -> float:
        return self.seconds

    def turn(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Vault:
    """One key store and one folder of root keys, seen by as many keyrings (processes) as wanted."""

    folder: Path
    clock: Clock
    kms: FileKms = field(init=False)
    store: KeyStore = field(init=False)

    def __post_init__(self) -> None:
        for name in ("keys", "keystore"):
            (self.folder / name).mkdir(mode=0o700)
        self.kms = FileKms(self.folder / "keys", allow_demo=True)
        self.store = KeyStore(self.folder / "keystore")

    def keyring(self, **options: float) -> Keyring:
        """A keyring as a process of its own would have it: an empty cache."""
        return Keyring(self.kms, self.store, monotonic=self.clock, now=self.clock, **options)

    def municipality(self) -> UUID:
        """A new municipality with root keys and data keys."""
        municipality = uuid4()
        for name in [*(compartment.label for compartment in Compartment), "index"]:
            self.kms.create(f"{municipality}/{name}", demo=True)
        self.keyring().create_municipality(municipality)
        return municipality


@dataclass
class Record:
    """A record with its salt, which can be sealed and opened through a keyring."""

    municipality: UUID
    record_id: UUID = field(default_factory=uuid4)
    salt: bytes = field(default_factory=lambda: os.urandom(16))
    table: str = TABLE

    def seal(self, keyring: Keyring, compartment: Compartment, payload: dict) -> bytes:
        return Sealer(keyring, self.municipality).seal(compartment, self.table, self.record_id, self.salt, payload)

    def open(self, keyring: Keyring, compartment: Compartment, sealed: bytes) -> dict:
        receipt = issue(
            municipality=self.municipality, compartments=[compartment], records=[self.record_id], intent=uuid4()
        )
        return Opener(keyring, receipt).open(compartment, self.table, self.record_id, self.salt, sealed)


def all_countable(municipality: UUID, keyring: Keyring) -> Opener:
    """An opener as the contributor has it."""
    receipt = issue(
        municipality=municipality,
        compartments=[Compartment.ASSESSMENT],
        records=Extent.ALL_COUNTABLE,
        intent=uuid4(),
    )
    return Opener(keyring, receipt)
