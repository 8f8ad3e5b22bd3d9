import threading
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from tenants.vault import envelope, names
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen, KeyMissing, VaultError
from tenants.vault.rotation import Stored, Swept, sweep
from tenants.vault.sealing import Resealer
from tests.unit.tenants.vault.house import TABLE, Record, Vault, all_countable

C = Compartment.ASSESSMENT


@dataclass
class Table:
    """Rows with compare and swap, as a database gives it."""

    rows: dict[UUID, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def replace(self, stored: Stored, newer: bytes) -> bool:
        with self.lock:
            if self.rows[stored.record_id] != stored.sealed:
                return False
            self.rows[stored.record_id] = newer
            return True


@dataclass
class Register:
    """Records of one municipality in a table."""

    vault: Vault
    count: int
    municipality: UUID = field(init=False)
    records: list[Record] = field(init=False)
    table: Table = field(default_factory=Table)

    def __post_init__(self) -> None:
        self.municipality = self.vault.municipality()
        self.records = [Record(self.municipality) for _ in range(self.count)]
        keyring = self.vault.keyring()
        for number, record in enumerate(self.records):
            self.table.rows[record.record_id] = record.seal(keyring, C, {"n": number})

    @property
    def name(self) -> names.KeyName:
        return names.compartment_key(self.municipality, C)

    def batches(self, size: int = 10) -> list[list[Stored]]:
        stored = [
            Stored(C, TABLE, record.record_id, record.salt, self.table.rows[record.record_id])
            for record in self.records
        ]
        return [stored[at : at + size] for at in range(0, len(stored), size)]

    def sweep(self) -> Swept:
        resealer = Resealer(self.vault.keyring(), self.municipality)
        return sweep(resealer, self.batches(), replace=self.table.replace)

    def versions(self) -> set[int]:
        return {envelope.read_header(sealed).key_version for sealed in self.table.rows.values()}


def test_sweep_moves_every_envelope_and_then_finds_nothing_to_do(vault: Vault) -> None:
    register = Register(vault, 25)
    vault.keyring().rotate(register.name)
    first, second = register.sweep(), register.sweep()
    assert first == Swept(resealed=25, already=0, overtaken=0, unreadable=())
    assert second == Swept(resealed=0, already=25, overtaken=0, unreadable=())
    assert (first.clean, second.clean) == (False, True)
    assert register.versions() == {2}


def test_sweep_lets_a_change_made_meanwhile_win(vault: Vault) -> None:
    register = Register(vault, 3)
    keyring = vault.keyring()
    keyring.rotate(register.name)
    batches = register.batches()
    changed = register.records[1]
    register.table.rows[changed.record_id] = changed.seal(keyring, C, {"n": "changed"})
    done = sweep(Resealer(keyring, register.municipality), batches, replace=register.table.replace)
    assert done == Swept(resealed=2, already=0, overtaken=1, unreadable=())
    assert not done.clean
    assert changed.open(keyring, C, register.table.rows[changed.record_id]) == {"n": "changed"}


def test_sweep_names_what_does_not_open_and_goes_on(vault: Vault) -> None:
    register = Register(vault, 3)
    vault.keyring().rotate(register.name)
    broken = register.records[0].record_id
    register.table.rows[broken] = bytes(100)
    done = register.sweep()
    assert done == Swept(resealed=2, already=0, overtaken=0, unreadable=(broken,))
    assert not done.clean


@pytest.mark.parametrize(
    ("done", "clean"),
    [
        (Swept(0, 0, 0, ()), True),
        (Swept(0, 5, 0, ()), True),
        (Swept(1, 5, 0, ()), False),
        (Swept(0, 5, 1, ()), False),
        (Swept(0, 5, 0, (UUID(int=1),)), False),
    ],
)
def test_sweep_is_clean_where_nothing_was_moved_overtaken_or_unreadable(done: Swept, clean: bool) -> None:
    assert done.clean is clean


def test_retired_version_opens_no_more_and_the_swept_rows_do(vault: Vault) -> None:
    register = Register(vault, 5)
    keyring = vault.keyring(grace_seconds=0)
    older = dict(register.table.rows)
    keyring.rotate(register.name)
    register.sweep()
    vault.clock.turn(600)
    began = vault.clock()
    assert register.sweep().clean
    keyring.retire(register.name, 1, swept_at=began)
    opener = all_countable(register.municipality, vault.keyring())
    for number, record in enumerate(register.records):
        place = (C, TABLE, record.record_id, record.salt)
        assert opener.open(*place, register.table.rows[record.record_id]) == {"n": number}
        with pytest.raises(CannotOpen):
            opener.open(*place, older[record.record_id])
    with pytest.raises(KeyMissing):
        vault.keyring().key(register.name, 1)


class Reader(threading.Thread):
    """Opens every row again and again as a process of its own, and counts its rounds."""

    def __init__(self, register: Register, stop: threading.Event) -> None:
        super().__init__()
        self.register = register
        self.stop = stop
        self.rounds = 0
        self.read = 0
        self.failures: list[str] = []

    def run(self) -> None:
        opener = all_countable(self.register.municipality, self.register.vault.keyring(cache_seconds=0))
        while not self.stop.is_set():
            for number, record in enumerate(self.register.records):
                sealed = self.register.table.rows[record.record_id]
                try:
                    found = opener.open(C, TABLE, record.record_id, record.salt, sealed)
                except VaultError as error:
                    self.failures.append(repr(error))
                else:
                    self.read += 1
                    if found["n"] != number:
                        self.failures.append("another record's facts")
            self.rounds += 1


class Writer(threading.Thread):
    """Writes rows anew, with the same facts, as a process of its own."""

    def __init__(self, register: Register, stop: threading.Event) -> None:
        super().__init__()
        self.register = register
        self.stop = stop
        self.keyring = register.vault.keyring(cache_seconds=0)

    def run(self) -> None:
        while not self.stop.is_set():
            for number, record in enumerate(self.register.records[::3]):
                sealed = record.seal(self.keyring, C, {"n": 3 * number})
                with self.register.table.lock:
                    self.register.table.rows[record.record_id] = sealed


def wait_for_a_round(readers: list[Reader]) -> None:
    """Until every reader has begun and ended a whole round: nobody holds an envelope from before any more."""
    marks = [reader.rounds + 2 for reader in readers]
    while any(reader.rounds < mark and reader.is_alive() for reader, mark in zip(readers, marks, strict=True)):
        threading.Event().wait(0.01)


def test_rotation_under_load_fails_no_read(vault: Vault) -> None:
    register = Register(vault, 60)
    stop = threading.Event()
    readers = [Reader(register, stop) for _ in range(4)]
    writer = Writer(register, stop)
    for thread in [*readers, writer]:
        thread.start()
    try:
        keyring = vault.keyring(grace_seconds=0)
        for version in range(1, 6):
            assert keyring.rotate(register.name) == version + 1
            vault.clock.turn(600)  # past every cache, and past the time stamp of the new version
            wait_for_a_round(readers)
            while True:  # a writer may hold an envelope that it sealed just before the rotation
                began = vault.clock()
                if register.sweep().clean:
                    break
            wait_for_a_round(readers)
            keyring.retire(register.name, version, swept_at=began)
    finally:
        stop.set()
        for thread in [*readers, writer]:
            thread.join()
    assert [reader.failures for reader in readers] == [[], [], [], []]
    assert all(reader.read >= 60 * 20 for reader in readers)
    assert register.versions() == {6}
    assert keyring.versions(register.name) == (6,)
