"""The envelope: bytes in, bytes out, no keys looked up here.

offset  length  field
     0       1  format, 1
     1       1  compartment code
     2       4  key version, big end first
     6      12  nonce
    18      32  commitment
    50    P+16  AES-256-GCM of the padded payload (P is a size of the compartment), tag at the end

Padded payload: length (4 bytes, big end first) ‖ canonical JSON (RFC 8785) ‖ zero bytes. Context, which goes into the
derivation and is the associated data: frame(format, municipality, table, record, compartment, key version).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from tenants.vault import committing
from tenants.vault.compartments import BY_CODE, Compartment
from tenants.vault.errors import CannotOpen, PayloadRefused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

FORMAT: Final = 1
LABEL: Final = b"rec"
_HEADER: Final = struct.Struct(">BBI12s")
_BEFORE_NONCE: Final = struct.Struct(">BBI")
_SEALED: Final = _HEADER.size + committing.COMMITMENT + committing.TAG
_CONTEXT_START: Final = committing.frame(bytes([FORMAT]))
_JSON: Final = json.JSONDecoder()
_ID_LENGTH: Final = (16).to_bytes(4, "big")

SHARED: Final = _BEFORE_NONCE.size
"""Bytes at the start that all envelopes of one compartment and key version have in common."""

Payload = dict[str, Any]
"""A payload after opening: a JSON object."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What an envelope belongs to. `table` is the name of the table that holds it, `record` the id of the record."""

    municipality: UUID
    table: str
    record: UUID
    compartment: Compartment
    key_version: int

    def context(self) -> bytes:
        """The canonical bytes of format and binding: six framed fields."""
        return _CONTEXT_START + committing.frame(
            self.municipality.bytes,
            self.table.encode(),
            self.record.bytes,
            bytes([self.compartment.code]),
            self.key_version.to_bytes(4, "big"),
        )


@dataclass(frozen=True, slots=True)
class Header:
    """What an envelope says of itself, before anything is proven."""

    compartment: Compartment
    key_version: int
    nonce: bytes


class Batch:
    """Opens envelopes of one table, compartment and key version: what they share is made once."""

    def __init__(self, key: bytes, municipality: UUID, table: str, compartment: Compartment, key_version: int) -> None:
        self._key = key
        self._start = _BEFORE_NONCE.pack(FORMAT, compartment.code, key_version)
        self._lengths = frozenset(_SEALED + size for size in compartment.sizes)
        # `Binding.context` but for the record's id, which always has 16 bytes.
        self._before = _CONTEXT_START + committing.frame(municipality.bytes, table.encode()) + _ID_LENGTH
        self._after = committing.frame(bytes([compartment.code]), key_version.to_bytes(4, "big"))

    def open_padded(self, record: UUID, envelope: bytes, *, salt: bytes) -> bytes:
        """As the function `open_padded`. Raises `CannotOpen`, for an envelope of another batch too."""
        if len(envelope) not in self._lengths or not envelope.startswith(self._start):
            raise CannotOpen
        return committing.open_sealed(
            self._key,
            envelope[_HEADER.size :],
            label=LABEL,
            salt=salt,
            nonce=envelope[SHARED : _HEADER.size],
            context=self._before + record.bytes + self._after,
        )


def read_header(envelope: bytes) -> Header:
    """The unproven header. Raises `CannotOpen` for another format, compartment or a length that no envelope has."""
    if len(envelope) < _HEADER.size:
        raise CannotOpen
    form, code, key_version, nonce = _HEADER.unpack_from(envelope)
    compartment = BY_CODE.get(code)
    if form != FORMAT or compartment is None:
        raise CannotOpen
    if len(envelope) - _SEALED not in compartment.sizes:
        raise CannotOpen
    return Header(compartment, key_version, nonce)


def pad(payload: Mapping[str, Any], *, compartment: Compartment) -> bytes:
    """The padded payload. Raises `PayloadRefused`: not a JSON object, numbers beyond ±2⁵³, or too large."""
    if not isinstance(payload, dict):
        raise PayloadRefused("a payload is a JSON object")
    try:
        body = rfc8785.dumps(payload)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError):
        # Without the cause: its text may hold a value.
        raise PayloadRefused("a payload holds JSON values only: whole numbers within ±2⁵³, valid text") from None
    for size in compartment.sizes:
        if 4 + len(body) <= size:
            return (len(body).to_bytes(4, "big") + body).ljust(size, b"\0")
    raise PayloadRefused(f"a payload in compartment {compartment.label} has at most {compartment.sizes[-1] - 4} bytes")


def unpad(padded: bytes) -> Payload:
    """The payload. Raises `CannotOpen` where the padding or the JSON is not what `pad` makes."""
    end = 4 + int.from_bytes(padded[:4], "big")
    if end > len(padded) or padded[end:] != bytes(len(padded) - end):
        raise CannotOpen
    try:
        text = padded[4:end].decode()
        payload, read = _JSON.raw_decode(text)  # `json.loads` guesses an encoding and seeks blanks: twice the time
    except ValueError:
        raise CannotOpen from None
    if read != len(text) or not isinstance(payload, dict):
        raise CannotOpen
    return payload


def seal_padded(key: bytes, padded: bytes, *, binding: Binding, salt: bytes, nonce: bytes) -> bytes:
    """The envelope of a padded payload. `nonce`: 12 random bytes, given for the sake of the published vectors."""
    header = _HEADER.pack(FORMAT, binding.compartment.code, binding.key_version, nonce)
    context = binding.context()
    return header + committing.seal(key, padded, label=LABEL, salt=salt, nonce=nonce, context=context)


def open_padded(key: bytes, envelope: bytes, *, header: Header, binding: Binding, salt: bytes) -> bytes:
    """The padded payload. Raises `CannotOpen`. `header` is what `read_header` gave for this envelope."""
    if header.compartment is not binding.compartment or header.key_version != binding.key_version:
        raise CannotOpen
    return committing.open_sealed(
        key, envelope[_HEADER.size :], label=LABEL, salt=salt, nonce=header.nonce, context=binding.context()
    )
