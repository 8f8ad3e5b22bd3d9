"""The published vectors, by the vault's own code and by the second implementation."""

import json
from uuid import UUID

import pytest

from tenants.vault import blind_index, envelope
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen
from tenants.vault.kms.documents import RootKey
from tenants.vault.kms.local import LocalKms
from tests.unit.tenants.vault import second, write_vectors

VECTORS = json.loads(write_vectors.FILE.read_text(encoding="utf-8"))
ENVELOPES, REFUSED = VECTORS["envelopes"], VECTORS["refused"]
BY_LABEL = {compartment.label: compartment for compartment in Compartment}


def binding_of(vector: dict) -> envelope.Binding:
    return envelope.Binding(
        UUID(vector["municipality"]),
        vector["table"],
        UUID(vector["record"]),
        BY_LABEL[vector["compartment"]],
        vector["key_version"],
    )


def open_first(vector: dict) -> dict:
    """Opens with the vault's own code."""
    sealed = bytes.fromhex(vector["envelope"])
    header = envelope.read_header(sealed)
    key, salt = bytes.fromhex(vector["data_key"]), bytes.fromhex(vector["salt"])
    return envelope.unpad(envelope.open_padded(key, sealed, header=header, binding=binding_of(vector), salt=salt))


def test_vectors_are_at_least_fifty_and_cover_every_compartment() -> None:
    assert len(ENVELOPES) + len(REFUSED) + len(VECTORS["wrapped_keys"]) + len(VECTORS["blind_indexes"]) >= 50
    assert {vector["compartment"] for vector in ENVELOPES} == set(BY_LABEL)


def test_vectors_file_is_what_the_writer_writes() -> None:
    assert write_vectors.FILE.read_text(encoding="utf-8") == write_vectors.text()


@pytest.mark.parametrize("vector", ENVELOPES, ids=range(len(ENVELOPES)))
def test_envelope_vector_opens_and_seals_alike_in_both_implementations(vector: dict) -> None:
    sealed = bytes.fromhex(vector["envelope"])
    key, commitment = second.derive(vector)
    assert second.context_of(vector).hex() == vector["context"] == binding_of(vector).context().hex()
    assert (key.hex(), commitment.hex()) == (vector["record_key"], vector["commitment"])
    assert open_first(vector) == vector["payload"]
    assert second.open_envelope(vector, sealed) == vector["payload"]
    assert second.seal(vector) == sealed


@pytest.mark.parametrize("vector", REFUSED, ids=[vector["why"] for vector in REFUSED])
def test_refused_vector_opens_in_neither_implementation(vector: dict) -> None:
    with pytest.raises(CannotOpen):
        open_first(vector)
    with pytest.raises(second.DoesNotOpen):
        second.open_envelope(vector, bytes.fromhex(vector["envelope"]))


@pytest.mark.parametrize("vector", VECTORS["wrapped_keys"], ids=range(len(VECTORS["wrapped_keys"])))
def test_wrapped_key_vector_unwraps_in_both_implementations(vector: dict) -> None:
    root = RootKey(name=vector["name"], demo=False, keys=(bytes.fromhex(vector["root_key"]),))
    kms = LocalKms(read=lambda _: root, held=lambda: frozenset({root.name}))
    wrapped, context = bytes.fromhex(vector["wrapped"]), bytes.fromhex(vector["context"])
    assert kms.unwrap(vector["name"], wrapped, context=context).hex() == vector["secret"]
    assert second.unwrap(vector).hex() == vector["secret"]


@pytest.mark.parametrize("vector", VECTORS["blind_indexes"], ids=range(len(VECTORS["blind_indexes"])))
def test_blind_index_vector_is_alike_in_both_implementations(vector: dict) -> None:
    found = blind_index.compute(
        bytes.fromhex(vector["index_key"]),
        municipality=UUID(vector["municipality"]),
        field=vector["field"],
        value=vector["value"],
    )
    assert found.hex() == second.blind_index(vector).hex() == vector["index"]


def test_second_implementation_passes_the_published_gcm_test_cases() -> None:
    # McGrew and Viega, The Galois/Counter Mode of Operation, test cases 13, 14 and 16 (256-bit keys).
    assert second.gcm_encrypt(bytes(32), bytes(12), b"", b"").hex() == "530f8afbc74536b9a963b4f1c4cb738b"
    assert (
        second.gcm_encrypt(bytes(32), bytes(12), bytes(16), b"").hex()
        == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    )
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = second.gcm_encrypt(key, bytes.fromhex("cafebabefacedbaddecaf888"), plain, aad)
    assert sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"
    assert second.gcm_decrypt(key, bytes.fromhex("cafebabefacedbaddecaf888"), sealed, aad) == plain
