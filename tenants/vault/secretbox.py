"""Secrets that are no data keys, such as a period's private key: wrapped, kept in the key store, never cached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenants.vault.committing import frame

if TYPE_CHECKING:
    from tenants.vault.keystore import KeyStore
    from tenants.vault.kms.adapter import Kms
    from tenants.vault.names import KeyName

_ONLY_VERSION = 1


class SecretBox:
    """One secret per name, written once."""

    def __init__(self, kms: Kms, store: KeyStore) -> None:
        self._kms = kms
        self._store = store

    def put(self, name: KeyName, secret: bytes) -> None:
        """Keeps the secret (1 byte to 64 KiB). Raises `KeyExists` if the name is taken or was shredded."""
        wrapped = self._kms.wrap(name.root, secret, context=_context(name))
        self._store.put(name.entry, _ONLY_VERSION, wrapped)

    def get(self, name: KeyName) -> bytes:
        """The secret. Raises `KeyMissing` (never put, or shredded), and what `Kms.unwrap` raises."""
        wrapped = self._store.get(name.entry, _ONLY_VERSION)
        return self._kms.unwrap(name.root, wrapped, context=_context(name))

    def shred(self, name: KeyName) -> None:
        """Deletes the secret for good. Raises `KeyMissing`."""
        self._store.delete(name.entry, _ONLY_VERSION)

    def exists(self, name: KeyName) -> bool:
        """Whether the secret is there."""
        return bool(self._store.versions(name.entry))


def _context(name: KeyName) -> bytes:
    return frame(b"secret", name.entry.encode())
