import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.vault import committing
from tenants.vault.errors import CannotOpen

fields = st.lists(st.binary(max_size=6), max_size=5)
PARTS = {"label": b"rec", "salt": bytes(16), "nonce": bytes(12), "context": b"place"}


def unframe(data: bytes) -> list[bytes]:
    found = []
    while data:
        length = int.from_bytes(data[:4], "big")
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    return found


@given(fields)
def test_frame_can_be_taken_apart_again(parts: list[bytes]) -> None:
    assert unframe(committing.frame(*parts)) == parts


@given(fields, fields)
def test_frames_are_equal_for_equal_fields_only(one: list[bytes], other: list[bytes]) -> None:
    assert (committing.frame(*one) == committing.frame(*other)) == (one == other)


@given(st.binary(max_size=200))
def test_sealed_bytes_open_again(plaintext: bytes) -> None:
    key = os.urandom(32)
    sealed = committing.seal(key, plaintext, **PARTS)
    assert committing.open_sealed(key, sealed, **PARTS) == plaintext
    assert len(sealed) == 32 + len(plaintext) + 16


@pytest.mark.parametrize(
    "change",
    [
        {"label": b"kms"},
        {"salt": bytes(15) + b"\1"},
        {"salt": bytes(15)},
        {"salt": bytes(17)},
        {"nonce": bytes(11) + b"\1"},
        {"nonce": bytes(11)},
        {"nonce": b""},
        {"context": b"elsewhere"},
        {"context": b""},
    ],
)
def test_sealed_bytes_do_not_open_with_another_part(change: dict[str, bytes]) -> None:
    sealed = committing.seal(bytes(32), b"text", **PARTS)
    with pytest.raises(CannotOpen):
        committing.open_sealed(bytes(32), sealed, **{**PARTS, **change})


def test_derivation_takes_each_part_into_account() -> None:
    base = {"label": b"rec", "salt": bytes(16), "context": b""}
    changes = [{}, {"label": b"reb"}, {"salt": b"\1" + bytes(15)}, {"context": b"\0"}]
    outputs = [part for change in changes for part in committing.derive(bytes(32), **{**base, **change})]
    outputs += committing.derive(b"\1" + bytes(31), **base)
    assert len(set(outputs)) == 10
    assert {len(part) for part in outputs} == {32}


@pytest.mark.parametrize(
    ("key", "label", "salt"),
    [(bytes(31), b"rec", bytes(16)), (bytes(33), b"rec", bytes(16)), (bytes(32), b"re", bytes(17)), (b"", b"rec", b"")],
)
def test_derivation_refuses_other_lengths(key: bytes, label: bytes, salt: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        committing.derive(key, label=label, salt=salt, context=b"")


def test_seal_refuses_a_nonce_of_another_length() -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        committing.seal(bytes(32), b"", **{**PARTS, "nonce": bytes(16)})


def test_error_of_every_failure_is_the_same() -> None:
    sealed = committing.seal(bytes(32), b"text", **PARTS)
    texts = set()
    for broken in (b"", sealed[:40], bytes(32) + sealed[32:], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(CannotOpen) as caught:
            committing.open_sealed(bytes(32), broken, **PARTS)
        texts.add((str(caught.value), caught.value.__cause__))
    assert texts == {("this envelope cannot be opened", None)}
