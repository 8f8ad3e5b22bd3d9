"""Unwrapped keys of this process, by name and version: cached for five minutes at most, never written anywhere."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Final

from tenants.vault import names
from tenants.vault.committing import KEY, frame
from tenants.vault.compartments import Compartment
from tenants.vault.errors import KeyExists, KeyMissing, RetireRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from tenants.vault.keystore import KeyStore
    from tenants.vault.kms.adapter import Kms
    from tenants.vault.names import KeyName

CACHE_SECONDS: Final = 300.0
GRACE_SECONDS: Final = 900.0
"""How long a process may go on sealing with a version after a newer one was made, and hold an envelope before it opens
it: the cache, and a long transaction or page on top."""


class Keyring:
    """Data keys: versioned, 32 random bytes each, wrapped by the KMS, kept in the key store.

    Thread-safe. A version that this process has not seen is looked up, so a rotation elsewhere needs no message.
    A shredded key is gone from every process when its cache runs out.
    """

    def __init__(
        self,
        kms: Kms,
        store: KeyStore,
        *,
        cache_seconds: float = CACHE_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not 0 <= cache_seconds <= CACHE_SECONDS:
            raise ValueError("keys are cached for five minutes at most")
        self._kms = kms
        self._store = store
        self._cache_seconds = cache_seconds
        self._grace_seconds = grace_seconds
        self._monotonic = monotonic
        self._now = now
        self._lock = threading.Lock()
        self._keys: dict[tuple[str, int], tuple[bytes, float]] = {}
        self._newest: dict[str, tuple[int, float]] = {}

    def create(self, name: KeyName) -> None:
        """Makes version 1. Raises `KeyExists` if there is a version or ever was: a shredded name stays shredded."""
        if self._store.used(name.entry):
            raise KeyExists(f"{name.entry} has a key, or had one that was shredded")
        self._add(name, 1)

    def create_municipality(self, municipality: UUID) -> None:
        """Makes version 1 of each compartment's key. Raises `KeyExists` before any is made."""
        wanted = [names.compartment_key(municipality, compartment) for compartment in Compartment]
        for name in wanted:
            if self._store.used(name.entry):
                raise KeyExists(f"{name.entry} has a key, or had one that was shredded")
        for name in wanted:
            self.create(name)

    def rotate(self, name: KeyName) -> int:
        """Makes a new version, returns its number; older ones go on opening. Raises `KeyMissing` where none lives."""
        while True:
            if not self._store.versions(name.entry):
                raise KeyMissing(f"{name.entry} has no key to rotate")
            version = self._store.used(name.entry) + 1
            try:
                self._add(name, version)
            except KeyExists:
                continue  # another process rotated at the same time: take the next number
            return version

    def current(self, name: KeyName) -> tuple[int, bytes]:
        """(newest version, its key), for sealing; at most five minutes behind another process. Raises `KeyMissing`."""
        found = self._newest.get(name.entry)
        if found is None or found[1] <= self._monotonic():
            versions = self._store.versions(name.entry)
            if not versions:
                raise KeyMissing(f"{name.entry} has no key")
            found = (versions[-1], self._monotonic() + self._cache_seconds)
            self._newest[name.entry] = found
        return found[0], self.key(name, found[0])

    def key(self, name: KeyName, version: int) -> bytes:
        """The key of a version. Raises `KeyMissing`, `StoreRefused`, and what `Kms.unwrap` raises."""
        found = self._keys.get((name.entry, version))
        if found is not None and found[1] > self._monotonic():
            return found[0]
        return self._load(name, version)

    def versions(self, name: KeyName) -> tuple[int, ...]:
        """Versions that live in the key store, lowest first."""
        return self._store.versions(name.entry)

    def may_sweep(self, name: KeyName) -> bool:
        """Whether every process must have noticed the newest version, so that a sweep can be the last one."""
        versions = self._store.versions(name.entry)
        return bool(versions) and self._now() >= self._store.made_at(name.entry, versions[-1]) + self._grace_seconds

    def retire(self, name: KeyName, version: int, *, swept_at: float) -> None:
        """Shreds an older version. `swept_at`: Unix time at which a sweep began that found no envelope of this version.

        Raises `RetireRefused` for the newest version; where the sweep began before every sealer must have noticed the
        newest version; and where a reader may still hold an envelope that it read before the sweep ended.
        """
        versions = self._store.versions(name.entry)
        if version not in versions:
            raise KeyMissing(f"no version {version} of {name.entry}")
        if version == versions[-1]:
            raise RetireRefused("the newest version is in use")
        if swept_at < self._store.made_at(name.entry, versions[-1]) + self._grace_seconds:
            raise RetireRefused("the sweep began while some process could still seal with an older version")
        if self._now() < swept_at + self._grace_seconds:
            raise RetireRefused("some reader could still hold an envelope of this version")
        self._store.delete(name.entry, version)
        self._forget(name.entry)

    def shred(self, name: KeyName) -> None:
        """Shreds every version. What they sealed is lost at once here, and elsewhere within five minutes."""
        for version in self._store.versions(name.entry):
            self._store.delete(name.entry, version)
        self._forget(name.entry)

    def shred_municipality(self, municipality: UUID) -> int:
        """Shreds every key of a municipality, blind index too; the number of keys. Its root keys are shredded apart."""
        entries = self._store.names(str(municipality))
        count = 0
        for entry in entries:
            for version in self._store.versions(entry):
                self._store.delete(entry, version)
                count += 1
            self._forget(entry)
        return count

    def rewrap(self, name: KeyName) -> int:
        """Wraps every version anew under the current root key; the number of versions. Envelopes do not change."""
        versions = self._store.versions(name.entry)
        for version in versions:
            context = _context(name, version)
            secret = self._kms.unwrap(name.root, self._store.get(name.entry, version), context=context)
            self._store.replace(name.entry, version, self._kms.wrap(name.root, secret, context=context))
        return len(versions)

    def _add(self, name: KeyName, version: int) -> None:
        wrapped = self._kms.wrap(name.root, os.urandom(KEY), context=_context(name, version))
        self._store.put(name.entry, version, wrapped)
        self._newest.pop(name.entry, None)

    def _load(self, name: KeyName, version: int) -> bytes:
        with self._lock:
            now = self._monotonic()
            for expired in [entry for entry, (_, until) in self._keys.items() if until <= now]:
                del self._keys[expired]
            found = self._keys.get((name.entry, version))  # another thread may have been first
            if found is not None:
                return found[0]
            wrapped = self._store.get(name.entry, version)
            key = self._kms.unwrap(name.root, wrapped, context=_context(name, version))
            self._keys[name.entry, version] = (key, now + self._cache_seconds)
            newest = self._newest.get(name.entry)
            if newest is not None and newest[0] < version:
                del self._newest[name.entry]
            return key

    def _forget(self, entry: str) -> None:
        with self._lock:
            for cached in [pair for pair in self._keys if pair[0] == entry]:
                del self._keys[cached]
            self._newest.pop(entry, None)


def _context(name: KeyName, version: int) -> bytes:
    return frame(b"data-key", name.entry.encode(), version.to_bytes(4, "big"))
