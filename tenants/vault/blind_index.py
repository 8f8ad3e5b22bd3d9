"""Blind index: exact look-up of a value (a fødselsnummer) that is stored sealed only.

index = first 16 bytes of HMAC-SHA256(key of municipality and field, frame(municipality, field, value))

A fødselsnummer can be guessed, so the index is as safe as its key: it exists in the web process only, and callers
throttle and log look-ups. Whoever reads the table sees which rows of one municipality are equal, nothing more.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from tenants.vault.committing import frame
from tenants.vault.names import index_key

if TYPE_CHECKING:
    from uuid import UUID

    from tenants.vault.keyring import Keyring

LENGTH: Final = 16


def compute(key: bytes, *, municipality: UUID, field: str, value: str) -> bytes:
    """The index of one value under one key, 16 bytes. The caller has brought the value to its one normal form."""
    message = frame(municipality.bytes, field.encode(), value.encode())
    return hmac.digest(key, message, "sha256")[:LENGTH]


class BlindIndex:
    """Indexes one field of one municipality."""

    def __init__(self, keyring: Keyring, municipality: UUID, field: str) -> None:
        self._keyring = keyring
        self._municipality = municipality
        self._field = field
        self._name = index_key(municipality, field)

    def of(self, value: str) -> bytes:
        """The index under the newest key, to be stored. Raises as `Keyring.current`."""
        _, key = self._keyring.current(self._name)
        return compute(key, municipality=self._municipality, field=self._field, value=value)

    def candidates(self, value: str) -> tuple[bytes, ...]:
        """The indexes under every living key, newest first: to look up while a rotation re-indexes the rows."""
        keys = [self._keyring.key(self._name, version) for version in self._keyring.versions(self._name)]
        return tuple(
            compute(key, municipality=self._municipality, field=self._field, value=value) for key in reversed(keys)
        )
