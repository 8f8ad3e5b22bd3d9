import json
import struct
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.vault import envelope
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen, PayloadRefused

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
payloads = st.dictionaries(st.text(max_size=8), values, max_size=5)
PLACE = UUID(int=7)


def binding(compartment: Compartment = Compartment.NOTES, version: int = 3) -> envelope.Binding:
    return envelope.Binding(PLACE, "t", UUID(int=8), compartment, version)


def sealed_padded(padded: bytes) -> bytes:
    return envelope.seal_padded(bytes(32), padded, binding=binding(), salt=bytes(16), nonce=bytes(12))


def opened(sealed: bytes) -> dict:
    header = envelope.read_header(sealed)
    return envelope.unpad(envelope.open_padded(bytes(32), sealed, header=header, binding=binding(), salt=bytes(16)))


@given(payloads)
def test_payload_comes_back_from_padding(payload: dict) -> None:
    padded = envelope.pad(payload, compartment=Compartment.NOTES)
    assert envelope.unpad(padded) == payload
    assert len(padded) in Compartment.NOTES.sizes


@given(payloads)
def test_payload_comes_back_from_an_envelope(payload: dict) -> None:
    assert opened(sealed_padded(envelope.pad(payload, compartment=Compartment.NOTES))) == payload


@pytest.mark.parametrize("compartment", [*list(Compartment)[:3], Compartment.AUDIT])
def test_size_is_the_smallest_that_holds_the_payload(compartment: Compartment) -> None:
    for size, next_size in zip(compartment.sizes, (*compartment.sizes[1:], None), strict=True):
        fits = {"t": "x" * (size - 4 - 8)}
        too_long = {"t": "x" * (size - 4 - 7)}
        assert len(json.dumps(fits, separators=(",", ":"))) == size - 4
        assert len(envelope.pad(fits, compartment=compartment)) == size
        if next_size:
            assert len(envelope.pad(too_long, compartment=compartment)) == next_size
        else:
            with pytest.raises(PayloadRefused):
                envelope.pad(too_long, compartment=compartment)


def test_length_of_identity_and_assessment_tells_nothing() -> None:
    for compartment in (Compartment.IDENTITY, Compartment.ASSESSMENT):
        lengths = {len(envelope.pad({"t": "x" * n}, compartment=compartment)) for n in range(0, 1012, 50)}
        assert lengths == {1024}


@pytest.mark.parametrize(
    "payload",
    [
        [],
        None,
        "text",
        {"a": {1, 2}},
        {"a": b"bytes"},
        {"a": 2**53 + 1},
        {"a": float("nan")},
        {"a": float("inf")},
        {1: "a"},
        {"a": "\ud800"},
        {"a": UUID(int=1)},
    ],
    ids=repr,
)
def test_payload_that_is_no_json_object_is_refused(payload: object) -> None:
    with pytest.raises(PayloadRefused):
        envelope.pad(payload, compartment=Compartment.NOTES)


def test_payload_nested_without_end_is_refused() -> None:
    payload: dict = {}
    payload["self"] = payload
    with pytest.raises(PayloadRefused):
        envelope.pad(payload, compartment=Compartment.NOTES)


@pytest.mark.parametrize(
    "payload", [{"a": "Kari-CANARY" * 200}, {"a": ["Kari-CANARY", {1}]}, {"Kari-CANARY": 2**60}], ids=range(3)
)
def test_refusal_does_not_repeat_the_payload(payload: dict) -> None:
    with pytest.raises(PayloadRefused) as caught:
        envelope.pad(payload, compartment=Compartment.IDENTITY)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "padded",
    [
        struct.pack(">I", 2) + b"{}" + b"\0" * 1017 + b"\1",  # padding that is not zero
        struct.pack(">I", 1021) + b"{}" + b"\0" * 1018,  # longer than it can be
        struct.pack(">I", 2**32 - 1) + b"{}" + b"\0" * 1018,
        struct.pack(">I", 2) + b"[]" + b"\0" * 1018,  # no object
        struct.pack(">I", 2) + b"{x" + b"\0" * 1018,
        struct.pack(">I", 4) + b'"\xff\xff"' + b"\0" * 1016,
        b"\0" * 1024,
        struct.pack(">I", 1021) + b'{"a":"' + b"x" * 1012 + b'"}',  # says one byte more than there is
    ],
    ids=range(8),
)
def test_genuine_ciphertext_of_something_else_does_not_open(padded: bytes) -> None:
    with pytest.raises(CannotOpen):
        opened(sealed_padded(padded))


def test_header_of_an_envelope_is_read() -> None:
    sealed = sealed_padded(envelope.pad({}, compartment=Compartment.NOTES))
    assert envelope.read_header(sealed) == envelope.Header(Compartment.NOTES, 3, bytes(12))


@pytest.mark.parametrize("form", [0, 2, 255])
def test_header_of_another_format_is_refused(form: int) -> None:
    sealed = sealed_padded(envelope.pad({}, compartment=Compartment.NOTES))
    with pytest.raises(CannotOpen):
        envelope.read_header(bytes([form]) + sealed[1:])


def test_length_of_another_compartment_is_refused() -> None:
    sealed = sealed_padded(envelope.pad({"t": "x" * 2000}, compartment=Compartment.NOTES))
    assert len(sealed) == 4096 + 66
    with pytest.raises(CannotOpen):
        envelope.read_header(b"\x01\x02" + sealed[2:])


def test_context_differs_for_every_field() -> None:
    base = binding()
    others = [
        envelope.Binding(UUID(int=9), "t", UUID(int=8), Compartment.NOTES, 3),
        envelope.Binding(PLACE, "u", UUID(int=8), Compartment.NOTES, 3),
        envelope.Binding(PLACE, "t", UUID(int=9), Compartment.NOTES, 3),
        envelope.Binding(PLACE, "t", UUID(int=8), Compartment.AUDIT, 3),
        envelope.Binding(PLACE, "t", UUID(int=8), Compartment.NOTES, 4),
    ]
    assert len({one.context() for one in [base, *others]}) == 6
