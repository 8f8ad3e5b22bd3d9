from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from tenants.vault import envelope, names
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen, KeyMissing, KmsKeyNotHeld, KmsUnwrapRefused, PayloadRefused, ReceiptRefused
from tenants.vault.issuing import issue
from tenants.vault.kms.file import FileKms
from tenants.vault.sealing import Opener, Resealer, Sealer
from tests.unit.tenants.vault.house import TABLE, Record, Vault, all_countable
from tests.unit.tenants.vault.test_envelope import payloads

C = Compartment


@pytest.fixture
def record(vault: Vault) -> Record:
    return Record(vault.municipality())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(payload=payloads)
def test_payload_comes_back(vault: Vault, payload: dict) -> None:
    record = Record(vault.municipality())
    keyring = vault.keyring()
    assert record.open(keyring, C.NOTES, record.seal(keyring, C.NOTES, payload)) == payload


@pytest.mark.parametrize("compartment", list(Compartment))
def test_envelope_opens_in_another_process(vault: Vault, record: Record, compartment: Compartment) -> None:
    sealed = record.seal(vault.keyring(), compartment, {"a": 1})
    assert record.open(vault.keyring(), compartment, sealed) == {"a": 1}


def test_same_payload_is_never_the_same_envelope(vault: Vault, record: Record) -> None:
    keyring = vault.keyring()
    sealed = [record.seal(keyring, C.NOTES, {"a": 1}) for _ in range(50)]
    assert len({one[6:18] for one in sealed}) == 50
    assert len({one[50:] for one in sealed}) == 50


def test_payload_is_not_readable_in_the_envelope(vault: Vault, record: Record) -> None:
    assert b"CANARY" not in record.seal(vault.keyring(), C.NOTES, {"CANARY": "CANARY" * 9})


def test_payload_too_large_is_refused(vault: Vault, record: Record) -> None:
    with pytest.raises(PayloadRefused):
        record.seal(vault.keyring(), C.IDENTITY, {"a": "x" * 1024})


def test_municipality_without_keys_cannot_seal(vault: Vault) -> None:
    with pytest.raises(KeyMissing):
        Record(uuid4()).seal(vault.keyring(), C.NOTES, {})


def opener(vault: Vault, record: Record, **change: object) -> Opener:
    asked = {
        "municipality": record.municipality,
        "compartments": [C.NOTES],
        "records": [record.record_id],
        "intent": uuid4(),
    }
    return Opener(vault.keyring(), issue(**{**asked, **change}))  # type: ignore[arg-type]


def test_receipt_for_another_record_or_compartment_opens_nothing(vault: Vault, record: Record) -> None:
    sealed = record.seal(vault.keyring(), C.NOTES, {})
    for change in ({"records": [uuid4()]}, {"compartments": [C.IDENTITY, C.ASSESSMENT]}):
        with pytest.raises(ReceiptRefused):
            opener(vault, record, **change).open(C.NOTES, TABLE, record.record_id, record.salt, sealed)


def test_receipt_of_another_municipality_opens_nothing(vault: Vault, record: Record) -> None:
    sealed = record.seal(vault.keyring(), C.NOTES, {})
    with pytest.raises(CannotOpen):
        opener(vault, record, municipality=vault.municipality()).open(
            C.NOTES, TABLE, record.record_id, record.salt, sealed
        )


@pytest.mark.parametrize(("seconds", "opens"), [(0, True), (59.5, True), (60, False), (3600, False)])
def test_receipt_opens_until_it_expires(vault: Vault, record: Record, seconds: float, opens: bool) -> None:
    sealed = record.seal(vault.keyring(), C.NOTES, {"a": 1})
    receipt = issue(
        municipality=record.municipality,
        compartments=[C.NOTES],
        records=[record.record_id],
        intent=uuid4(),
        lifetime=timedelta(seconds=60),
    )
    later = Opener(vault.keyring(), receipt, monotonic=lambda: receipt.deadline - 60 + seconds)
    if opens:
        assert later.open(C.NOTES, TABLE, record.record_id, record.salt, sealed) == {"a": 1}
    else:
        with pytest.raises(ReceiptRefused):
            later.open(C.NOTES, TABLE, record.record_id, record.salt, sealed)


def test_opener_without_a_receipt_does_not_exist(vault: Vault) -> None:
    with pytest.raises(ReceiptRefused):
        Opener(vault.keyring(), None)


def test_receipt_is_asked_for_before_the_envelope_is_looked_at(vault: Vault, record: Record) -> None:
    with pytest.raises(ReceiptRefused):
        opener(vault, record).open(C.IDENTITY, TABLE, record.record_id, b"", b"")


def test_record_whose_salt_is_lost_does_not_open(vault: Vault, record: Record) -> None:
    sealed = record.seal(vault.keyring(), C.NOTES, {})
    for salt in (b"", bytes(16)):
        with pytest.raises(CannotOpen):
            opener(vault, record).open(C.NOTES, TABLE, record.record_id, salt, sealed)


def test_shredded_municipality_does_not_open_even_from_a_dump(vault: Vault, record: Record) -> None:
    dumped = record.seal(vault.keyring(), C.NOTES, {})
    elsewhere = opener(vault, record)
    elsewhere.open(C.NOTES, TABLE, record.record_id, record.salt, dumped)
    vault.keyring().shred_municipality(record.municipality)
    with pytest.raises(CannotOpen):
        record.open(vault.keyring(), C.NOTES, dumped)
    vault.clock.turn(300)
    with pytest.raises(CannotOpen):
        elsewhere.open(C.NOTES, TABLE, record.record_id, record.salt, dumped)


def test_contributor_counts_but_cannot_identify(vault: Vault, record: Record) -> None:
    keyring = vault.keyring()
    sealed = {compartment: record.seal(keyring, compartment, {"a": 1}) for compartment in Compartment}
    folder = vault.folder / "contributor"
    folder.mkdir(mode=0o700)
    key = f"{record.municipality}~assessment.key"
    (folder / key).write_bytes((vault.folder / "keys" / key).read_bytes())
    (folder / key).chmod(0o600)
    vault.kms = FileKms(folder, allow_demo=True)
    contributor = vault.keyring()
    found = all_countable(record.municipality, contributor).open(
        C.ASSESSMENT, TABLE, record.record_id, record.salt, sealed[C.ASSESSMENT]
    )
    assert found == {"a": 1}
    for compartment in set(Compartment) - {C.ASSESSMENT}:
        with pytest.raises(KmsKeyNotHeld):
            record.open(contributor, compartment, sealed[compartment])


def test_damaged_key_store_is_told_apart_from_a_damaged_envelope(vault: Vault, record: Record) -> None:
    sealed = record.seal(vault.keyring(), C.NOTES, {})
    vault.store.replace(f"{record.municipality}/notes", 1, bytes(100))
    with pytest.raises(KmsUnwrapRefused):
        record.open(vault.keyring(), C.NOTES, sealed)


def reseal(vault: Vault, record: Record, sealed: bytes) -> bytes:
    return Resealer(vault.keyring(), record.municipality).reseal(
        C.NOTES, record.table, record.record_id, record.salt, sealed
    )


def test_reseal_moves_an_envelope_to_the_newest_key(vault: Vault, record: Record) -> None:
    keyring = vault.keyring()
    older = record.seal(keyring, C.NOTES, {"t": "x" * 2000})
    keyring.rotate(names.compartment_key(record.municipality, C.NOTES))
    newer = reseal(vault, record, older)
    assert (envelope.read_header(older).key_version, envelope.read_header(newer).key_version) == (1, 2)
    assert len(newer) == len(older)
    assert record.open(keyring, C.NOTES, newer) == record.open(keyring, C.NOTES, older) == {"t": "x" * 2000}


def test_reseal_at_the_newest_key_changes_nothing(vault: Vault, record: Record) -> None:
    sealed = record.seal(vault.keyring(), C.NOTES, {})
    assert reseal(vault, record, sealed) == sealed


def test_reseal_by_a_process_that_is_behind_never_moves_back(vault: Vault, record: Record) -> None:
    behind = vault.keyring()
    behind.current(names.compartment_key(record.municipality, C.NOTES))
    ahead = vault.keyring()
    ahead.rotate(names.compartment_key(record.municipality, C.NOTES))
    sealed = record.seal(ahead, C.NOTES, {})
    found = Resealer(behind, record.municipality).reseal(C.NOTES, TABLE, record.record_id, record.salt, sealed)
    assert found == sealed


def test_reseal_refuses_what_does_not_open(vault: Vault, record: Record) -> None:
    sealed = record.seal(vault.keyring(), C.NOTES, {})
    with pytest.raises(CannotOpen):
        reseal(vault, record, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(CannotOpen):
        reseal(vault, Record(record.municipality, salt=record.salt), sealed)


def test_sealer_uses_the_newest_key(vault: Vault, record: Record) -> None:
    keyring = vault.keyring()
    sealer = Sealer(keyring, record.municipality)
    keyring.rotate(names.compartment_key(record.municipality, C.NOTES))
    sealed = sealer.seal(C.NOTES, TABLE, record.record_id, record.salt, {})
    assert envelope.read_header(sealed).key_version == 2
