"""P2: whoever can alter rows at rest gains nothing. Every swapped, cut, flipped or crafted envelope is refused."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.vault import committing, envelope, names
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen
from tenants.vault.issuing import issue
from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.file import FileKms
from tenants.vault.sealing import Opener, Resealer, Sealer
from tests.unit.tenants.vault import second

TABLES = ("register_case", "register_person")
KINDS = (Compartment.IDENTITY, Compartment.ASSESSMENT)
VERSIONS = (1, 2)


@dataclass(frozen=True)
class Place:
    """Where an envelope lies."""

    municipality: UUID
    table: str
    record: UUID
    compartment: Compartment
    version: int


@dataclass
class Sealed:
    """Two municipalities, two tables, two records, two compartments, two key versions: an envelope in each place."""

    keyring: Keyring
    salts: dict[tuple[UUID, UUID], bytes]
    envelopes: dict[Place, bytes]
    openers: dict[UUID, Opener]

    def open(self, place: Place, sealed: bytes, *, salt: bytes | None = None) -> dict:
        """Opens an envelope where a reader of `place` would, key version taken from the envelope as always."""
        salt = self.salts[place.municipality, place.record] if salt is None else salt
        opener = self.openers[place.municipality]
        return opener.open(place.compartment, place.table, place.record, salt, sealed)

    def opens(self, place: Place, sealed: bytes, *, salt: bytes | None = None) -> bool:
        try:
            self.open(place, sealed, salt=salt)
        except CannotOpen:
            return False
        return True


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    folder = tmp_path_factory.mktemp("vault")
    kms, store = folders(folder)
    keyring = Keyring(kms, store)
    municipalities, records = (uuid4(), uuid4()), (uuid4(), uuid4())
    # Two municipalities may have a record of the same id and, in the worst case, the same salt.
    salt = os.urandom(16)
    salts = {(municipality, records[0]): salt for municipality in municipalities}
    salts |= {(municipality, records[1]): os.urandom(16) for municipality in municipalities}
    for municipality in municipalities:
        for compartment in Compartment:
            kms.create(f"{municipality}/{compartment.label}", demo=True)
        keyring.create_municipality(municipality)
    found = {}
    for version in VERSIONS:
        for municipality, table, record, compartment in itertools.product(municipalities, TABLES, records, KINDS):
            place = Place(municipality, table, record, compartment, version)
            payload = {"place": repr(place)}
            own = salts[municipality, record]
            found[place] = Sealer(keyring, municipality).seal(compartment, table, record, own, payload)
        for municipality, compartment in itertools.product(municipalities, KINDS):
            if version < VERSIONS[-1]:
                keyring.rotate(names.compartment_key(municipality, compartment))
    openers = {
        municipality: Opener(
            keyring, issue(municipality=municipality, compartments=KINDS, records=records, intent=uuid4())
        )
        for municipality in municipalities
    }
    return Sealed(keyring, salts, found, openers)


def folders(folder: Path) -> tuple[FileKms, KeyStore]:
    for name in ("keys", "keystore"):
        (folder / name).mkdir(mode=0o700)
    return FileKms(folder / "keys", allow_demo=True), KeyStore(folder / "keystore")


def same_row(one: Place, other: Place) -> bool:
    return replace(one, version=0) == replace(other, version=0)


def test_envelope_opens_in_its_own_place(sealed: Sealed) -> None:
    assert len(sealed.envelopes) == 32
    for place, data in sealed.envelopes.items():
        assert envelope.read_header(data).key_version == place.version
        assert sealed.open(place, data) == {"place": repr(place)}


def test_envelope_swapped_between_any_two_places_is_refused(sealed: Sealed) -> None:
    swaps = [
        (here, data)
        for (there, data), here in itertools.product(sealed.envelopes.items(), sealed.envelopes)
        if not same_row(here, there)
    ]
    assert len(swaps) == 32 * 30
    assert [here for here, data in swaps if sealed.opens(here, data)] == []


def test_envelope_swapped_together_with_its_salt_is_refused(sealed: Sealed) -> None:
    for (there, data), here in itertools.product(sealed.envelopes.items(), sealed.envelopes):
        if not same_row(here, there):
            assert not sealed.opens(here, data, salt=sealed.salts[there.municipality, there.record])


def test_envelope_whose_header_claims_another_place_is_refused(sealed: Sealed) -> None:
    for place, data in sealed.envelopes.items():
        other_version = 3 - place.version
        other_kind = KINDS[1 - KINDS.index(place.compartment)]
        claims_version = data[:2] + other_version.to_bytes(4, "big") + data[6:]
        claims_kind = data[:1] + bytes([other_kind.code]) + data[2:]
        assert not sealed.opens(place, claims_version)
        assert not sealed.opens(place, claims_kind)
        assert not sealed.opens(replace(place, compartment=other_kind), claims_kind)


def parts(data: bytes) -> list[bytes]:
    """Header, nonce, commitment, body, tag."""
    return [data[:6], data[6:18], data[18:50], data[50:-16], data[-16:]]


def test_envelope_spliced_from_two_is_refused(sealed: Sealed) -> None:
    place, other = (place for place in list(sealed.envelopes)[:2])
    same = Sealer(sealed.keyring, place.municipality).seal(
        place.compartment,
        place.table,
        place.record,
        sealed.salts[place.municipality, place.record],
        {"other": "facts of the same record"},
    )
    current = replace(place, version=2)
    for donor, base in ((sealed.envelopes[other], sealed.envelopes[place]), (same, sealed.envelopes[current])):
        for taken in itertools.product((False, True), repeat=5):
            mixed = b"".join(
                theirs if take else mine for take, mine, theirs in zip(taken, parts(base), parts(donor), strict=True)
            )
            if mixed not in (base, donor):
                assert not sealed.opens(place, mixed)


def test_envelope_with_any_bit_flipped_is_refused(sealed: Sealed) -> None:
    place, data = next(iter(sealed.envelopes.items()))
    opened = []
    for at in range(len(data) * 8):
        broken = bytearray(data)
        broken[at // 8] ^= 1 << at % 8
        if sealed.opens(place, bytes(broken)):
            opened.append(at)
    assert opened == []


def test_envelope_with_any_byte_changed_to_anything_in_its_head_is_refused(sealed: Sealed) -> None:
    place, data = next(iter(sealed.envelopes.items()))
    for at, value in itertools.product(range(18), range(256)):
        if data[at] != value:
            assert not sealed.opens(place, data[:at] + bytes([value]) + data[at + 1 :])


def test_envelope_cut_anywhere_is_refused(sealed: Sealed) -> None:
    place, data = next(iter(sealed.envelopes.items()))
    assert [length for length in range(len(data)) if sealed.opens(place, data[:length])] == []
    assert [start for start in range(1, len(data)) if sealed.opens(place, data[start:])] == []


def test_envelope_lengthened_is_refused(sealed: Sealed) -> None:
    place, data = next(iter(sealed.envelopes.items()))
    for more in (b"\0", bytes(16), bytes(3 * 1024), data):
        assert not sealed.opens(place, data + more)
        assert not sealed.opens(place, data[:50] + more + data[50:])


def test_envelope_of_random_bytes_is_refused(sealed: Sealed) -> None:
    place, data = next(iter(sealed.envelopes.items()))
    for _ in range(200):
        assert not sealed.opens(place, data[:6] + os.urandom(len(data) - 6))


def test_refusals_are_all_alike(sealed: Sealed) -> None:
    """No oracle: the text and the chain of the error do not tell what was wrong."""
    place, data = next(iter(sealed.envelopes.items()))
    broken = [b"", data[:-1], b"\0" + data[1:], data[:2] + b"\0\0\0\x09" + data[6:], data[:20] + b"xx" + data[22:]]
    broken += [data[:60] + b"xx" + data[62:], data[:-2] + b"xx", sealed.envelopes[list(sealed.envelopes)[9]]]
    told = set()
    for one in broken:
        with pytest.raises(CannotOpen) as caught:
            sealed.open(place, one)
        told.add((type(caught.value), str(caught.value), caught.value.__cause__, caught.value.args))
    assert len(told) == 1


def bindings(municipality: UUID) -> Iterator[envelope.Binding]:
    for place, table, record, kind, version in itertools.product(
        (municipality, UUID(int=1)), TABLES, (UUID(int=2), UUID(int=3)), KINDS, VERSIONS
    ):
        yield envelope.Binding(place, table, record, kind, version)


def test_binding_alone_refuses_every_swap_even_where_all_keys_and_salts_are_equal() -> None:
    """Were two municipalities, compartments or versions to share a key by mistake, nothing could be swapped yet."""
    key, salt = os.urandom(32), os.urandom(16)
    every = list(bindings(uuid4()))
    padded = envelope.pad({"a": 1}, compartment=Compartment.IDENTITY)
    opened = 0
    for there in every:
        data = envelope.seal_padded(key, padded, binding=there, salt=salt, nonce=os.urandom(12))
        for here in every:
            # The header is rewritten to fit the place: only the binding can refuse.
            fitted = bytes([1, here.compartment.code]) + here.key_version.to_bytes(4, "big") + data[6:]
            header = envelope.read_header(fitted)
            try:
                envelope.open_padded(key, fitted, header=header, binding=here, salt=salt)
            except CannotOpen:
                assert here != there
            else:
                assert here == there
                opened += 1
    assert opened == len(every) == 32


def two_key_body(keys: tuple[bytes, bytes], nonce: bytes, aad: bytes, size: int) -> bytes:
    """Ciphertext and tag that AES-256-GCM accepts under both keys: random blocks, and one that solves for the tag.

    The tag is GHASH ⊕ mask. Under key i, with hash key H and n blocks in front of it, block x at its place adds
    x · H^(steps to the end). Both tags equal: one linear equation in x over GF(2¹²⁸) (Dodis and others 2018).
    """
    schedules = [second.round_keys(key) for key in keys]
    hash_keys = [int.from_bytes(second.encrypt_block(schedule, bytes(16)), "big") for schedule in schedules]
    masks = [int.from_bytes(second.encrypt_block(schedule, nonce + b"\0\0\0\x01"), "big") for schedule in schedules]
    free = os.urandom(size - 16)
    zero_last = free + bytes(16)
    # The last block is multiplied twice by H before the tag: once as a block, once with the lengths.
    squares = [second.multiply(hash_key, hash_key) for hash_key in hash_keys]
    difference = masks[0] ^ masks[1]
    for hash_key in hash_keys:
        difference ^= second.ghash(hash_key, aad, zero_last)
    block = second.multiply(difference, inverse(squares[0] ^ squares[1])).to_bytes(16, "big")
    body = free + block
    tag = (second.ghash(hash_keys[0], aad, body) ^ masks[0]).to_bytes(16, "big")
    return body + tag


def inverse(x: int) -> int:
    """x^(2¹²⁸ − 2) in GF(2¹²⁸)."""
    result, power = 1 << 127, x
    for _ in range(127):
        power = second.multiply(power, power)
        result = second.multiply(result, power)
    return result


def test_ciphertext_crafted_for_two_keys_opens_under_both_without_and_under_one_with_the_commitment() -> None:
    data_keys = (os.urandom(32), os.urandom(32))
    binding = envelope.Binding(uuid4(), "register_case", uuid4(), Compartment.ASSESSMENT, 1)
    salt, nonce, context = os.urandom(16), os.urandom(12), binding.context()
    derived = [committing.derive(key, label=envelope.LABEL, salt=salt, context=context) for key in data_keys]
    body = two_key_body((derived[0][0], derived[1][0]), nonce, context, 1024)
    # The control: plain AES-256-GCM takes it under both keys, as two different texts.
    texts = [AESGCM(record_key).decrypt(nonce, body, context) for record_key, _ in derived]
    assert texts[0] != texts[1]
    opened = []
    for claimed in range(2):
        crafted = b"\x01\x02\0\0\0\x01" + nonce + derived[claimed][1] + body
        header = envelope.read_header(crafted)
        for used, key in enumerate(data_keys):
            try:
                found = envelope.open_padded(key, crafted, header=header, binding=binding, salt=salt)
            except CannotOpen:
                continue
            assert found == texts[used]
            opened.append((claimed, used))
    assert opened == [(0, 0), (1, 1)]


def test_rotation_does_not_carry_a_crafted_ciphertext_over_to_a_key_that_it_was_not_sealed_with(
    tmp_path: Path,
) -> None:
    """Someone exchanges a data key and hopes that what opened under the first opens under the second too."""
    kms, store = folders(tmp_path)
    place, record, salt, nonce = uuid4(), uuid4(), os.urandom(16), os.urandom(12)
    name = names.compartment_key(place, Compartment.ASSESSMENT)
    kms.create(name.root, demo=True)
    keyring = Keyring(kms, store)
    keyring.create(name)
    real, planted = keyring.key(name, 1), os.urandom(32)
    context = envelope.Binding(place, "register_case", record, Compartment.ASSESSMENT, 1).context()
    derived = [committing.derive(key, label=b"rec", salt=salt, context=context) for key in (planted, real)]
    body = two_key_body((derived[0][0], derived[1][0]), nonce, context, 1024)
    assert AESGCM(derived[1][0]).decrypt(nonce, body, context)
    crafted = b"\x01\x02\0\0\0\x01" + nonce + derived[0][1] + body
    keyring.rotate(name)
    with pytest.raises(CannotOpen):
        Resealer(keyring, place).reseal(Compartment.ASSESSMENT, "register_case", record, salt, crafted)
