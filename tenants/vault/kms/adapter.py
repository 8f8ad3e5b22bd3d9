"""What every holder of root keys can do: wrap and unwrap a small secret by the name of a root key."""

from __future__ import annotations

from typing import Protocol


class Kms(Protocol):
    """A holder of root keys. It never gives a root key away.

    `context` is bound: what was wrapped under one name and context unwraps under no other.
    """

    def names(self) -> frozenset[str]:
        """Names of the root keys that this process may use."""
        ...

    def wrap(self, name: str, secret: bytes, *, context: bytes) -> bytes:
        """The secret (1 byte to 64 KiB), wrapped. Raises `KmsKeyNotHeld`, `KmsKeyRefused`."""
        ...

    def unwrap(self, name: str, wrapped: bytes, *, context: bytes) -> bytes:
        """The secret. Raises `KmsKeyNotHeld`, `KmsKeyRefused`, and `KmsUnwrapRefused` whatever is wrong with it."""
        ...
