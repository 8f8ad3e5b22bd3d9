"""Sealed for one run and municipality, it opens for no other."""

from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from buvett.releases.errors import NotOurs
from buvett.releases.sealing import OVERHEAD, Binding, new_key, open_sealed, seal

BINDING = Binding(
    region=UUID(int=1), run=UUID(int=2), programme_sha256="ab" * 32, period="2026", municipality=UUID(int=3)
)
PRIVATE, PUBLIC = new_key()
OTHERS = [
    replace(BINDING, region=UUID(int=9)),
    replace(BINDING, run=UUID(int=9)),
    replace(BINDING, programme_sha256="cd" * 32),
    replace(BINDING, period="2027"),
    replace(BINDING, municipality=UUID(int=9)),
]


@given(st.binary(max_size=3000))
def test_sealed_opens_again(text: bytes) -> None:
    sealed = seal(text, public_key=PUBLIC, binding=BINDING)
    assert open_sealed(sealed, private_key=PRIVATE, binding=BINDING) == text
    assert len(sealed) == len(text) + OVERHEAD


@pytest.mark.parametrize("other", OTHERS)
def test_sealed_for_another_does_not_open(other: Binding) -> None:
    sealed = seal(b"counts", public_key=PUBLIC, binding=other)
    with pytest.raises(NotOurs):
        open_sealed(sealed, private_key=PRIVATE, binding=BINDING)


def test_bindings_have_different_bytes() -> None:
    assert len({binding.info() for binding in [BINDING, *OTHERS]}) == len(OTHERS) + 1


def test_binding_bytes_are_as_agreed() -> None:
    # Each field after its length in four bytes; whoever seals elsewhere must come to the same bytes.
    fields = [b"buvett/contribution/1", bytes(15) + b"\1", bytes(15) + b"\2", b"\xab" * 32, b"2026", bytes(15) + b"\3"]
    assert BINDING.info() == b"".join(bytes([0, 0, 0, len(field)]) + field for field in fields)


def test_every_flipped_bit_is_refused() -> None:
    sealed = seal(b"counts", public_key=PUBLIC, binding=BINDING)
    for at in range(len(sealed) * 8):
        broken = bytearray(sealed)
        broken[at // 8] ^= 1 << at % 8
        # The top bit of the key share is masked by X25519 (RFC 7748), but HPKE binds the share's bytes.
        with pytest.raises(NotOurs):
            open_sealed(bytes(broken), private_key=PRIVATE, binding=BINDING)


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_refused(junk: bytes) -> None:
    with pytest.raises(NotOurs):
        open_sealed(junk, private_key=PRIVATE, binding=BINDING)


def test_another_key_does_not_open() -> None:
    sealed = seal(b"counts", public_key=PUBLIC, binding=BINDING)
    other = X25519PrivateKey.generate().private_bytes_raw()
    with pytest.raises(NotOurs):
        open_sealed(sealed, private_key=other, binding=BINDING)
