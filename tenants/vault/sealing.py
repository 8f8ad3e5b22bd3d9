"""Seals payloads, opens them against a receipt, and moves envelopes to a newer key without showing what is inside."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from tenants.vault import committing, envelope, receipts
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen, KeyMissing, ReceiptRefused
from tenants.vault.names import compartment_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from uuid import UUID

    from tenants.vault.keyring import Keyring
    from tenants.vault.names import KeyName


class Sealer:
    """Seals facts of one municipality. Needs no receipt: whoever can write a fact knows it already."""

    def __init__(self, keyring: Keyring, municipality: UUID) -> None:
        self._keyring = keyring
        self._municipality = municipality
        self._names = _names_of(municipality)

    def seal(
        self, compartment: Compartment, table: str, record_id: UUID, salt: bytes, payload: Mapping[str, Any]
    ) -> bytes:
        """The envelope, under the newest key. Raises `PayloadRefused` and what `Keyring.current` raises."""
        padded = envelope.pad(payload, compartment=compartment)
        version, key = self._keyring.current(self._names[compartment])
        binding = envelope.Binding(self._municipality, table, record_id, compartment, version)
        return envelope.seal_padded(key, padded, binding=binding, salt=salt, nonce=os.urandom(committing.NONCE))


class Opener:
    """Opens what one receipt covers, until it expires. Raises `ReceiptRefused` for a receipt that is not genuine."""

    def __init__(self, keyring: Keyring, receipt: object, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._receipt = receipts.check(receipt)
        self._keyring = keyring
        self._monotonic = monotonic
        self._names = _names_of(self._receipt.municipality)

    def open(
        self, compartment: Compartment, table: str, record_id: UUID, salt: bytes, sealed: bytes
    ) -> envelope.Payload:
        """The payload.

        Raises `ReceiptRefused` before anything is looked at; `CannotOpen` whatever is wrong with the envelope, its
        salt or its key version; `KmsError` or `StoreRefused` where the keys themselves are out of reach.
        """
        if self._monotonic() >= self._receipt.deadline:
            raise ReceiptRefused("the receipt has expired")
        if not self._receipt.covers(compartment, record_id):
            raise ReceiptRefused("the receipt is for other records or compartments")
        header = envelope.read_header(sealed)
        binding = envelope.Binding(self._receipt.municipality, table, record_id, compartment, header.key_version)
        key = _key_for(self._keyring, self._names[compartment], header.key_version)
        return envelope.unpad(envelope.open_padded(key, sealed, header=header, binding=binding, salt=salt))

    def open_many(
        self, compartment: Compartment, table: str, rows: Iterable[tuple[UUID, bytes, bytes]]
    ) -> Iterator[envelope.Payload]:
        """The payload of each (record, salt, envelope) of one table, in order: `open` for long lists.

        Every row is checked as `open` checks it, and raises what `open` raises when its turn comes. What rows share
        (key, header, most of the context) is made once per key version: half the time of `open` each.
        """
        receipt, monotonic, deadline = self._receipt, self._monotonic, self._receipt.deadline
        known: dict[bytes, envelope.Batch] = {}
        for record_id, salt, sealed in rows:
            if monotonic() >= deadline:
                raise ReceiptRefused("the receipt has expired")
            if not receipt.covers(compartment, record_id):
                raise ReceiptRefused("the receipt is for other records or compartments")
            start = sealed[: envelope.SHARED]
            batch = known.get(start)
            if batch is None:
                version = envelope.read_header(sealed).key_version
                key = _key_for(self._keyring, self._names[compartment], version)
                batch = envelope.Batch(key, receipt.municipality, table, compartment, version)
                known[start] = batch
            yield envelope.unpad(batch.open_padded(record_id, sealed, salt=salt))


class Resealer:
    """Moves envelopes of one municipality to the newest key. Shows nothing of what is inside, so needs no receipt."""

    def __init__(self, keyring: Keyring, municipality: UUID) -> None:
        self._keyring = keyring
        self._municipality = municipality
        self._names = _names_of(municipality)

    def reseal(self, compartment: Compartment, table: str, record_id: UUID, salt: bytes, sealed: bytes) -> bytes:
        """The envelope under the newest key; the same bytes if it is there already. Raises as `Opener.open`."""
        version, key = self._keyring.current(self._names[compartment])
        header = envelope.read_header(sealed)
        older = envelope.Binding(self._municipality, table, record_id, compartment, header.key_version)
        old_key = _key_for(self._keyring, self._names[compartment], header.key_version)
        padded = envelope.open_padded(old_key, sealed, header=header, binding=older, salt=salt)
        if header.key_version >= version:
            return sealed
        newer = envelope.Binding(self._municipality, table, record_id, compartment, version)
        return envelope.seal_padded(key, padded, binding=newer, salt=salt, nonce=os.urandom(committing.NONCE))


def _names_of(municipality: UUID) -> dict[Compartment, KeyName]:
    return {compartment: compartment_key(municipality, compartment) for compartment in Compartment}


def _key_for(keyring: Keyring, name: KeyName, version: int) -> bytes:
    try:
        return keyring.key(name, version)
    except KeyMissing:
        raise CannotOpen from None
