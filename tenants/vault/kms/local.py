"""Wrapping with a root key that this process can read: shared by the file and the environment adapter.

wrapped = format 1 ‖ id of the root key (8) ‖ salt (16) ‖ nonce (12) ‖ commitment (32) ‖ AES-256-GCM(secret) ‖ tag (16)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tenants.vault import committing, names
from tenants.vault.errors import CannotOpen, KmsUnwrapRefused
from tenants.vault.kms.documents import KEY_ID, RootKey, id_of

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT: Final = b"\x01"
LABEL: Final = b"kms"
LARGEST_SECRET: Final = 64 * 1024
_SALT_AT = 1 + KEY_ID
_NONCE_AT = _SALT_AT + committing.SALT
_BODY_AT = _NONCE_AT + committing.NONCE


def wrap_with(key: bytes, secret: bytes, *, name: str, context: bytes, salt: bytes, nonce: bytes) -> bytes:
    """The wrapped secret. Salt and nonce are random bytes, given for the sake of the published vectors."""
    if not 1 <= len(secret) <= LARGEST_SECRET:
        raise ValueError("a secret has 1 byte to 64 KiB")
    bound = committing.frame(FORMAT, name.encode(), context)
    body = committing.seal(key, secret, label=LABEL, salt=salt, nonce=nonce, context=bound)
    return FORMAT + id_of(key) + salt + nonce + body


class LocalKms:
    """Wraps and unwraps with the root key documents that `read` finds. Reads anew each time: a removed key is gone."""

    def __init__(self, *, read: Callable[[str], RootKey], held: Callable[[], frozenset[str]]) -> None:
        self._read = read
        self._held = held

    def names(self) -> frozenset[str]:
        """Names of the root keys that this process may use."""
        return self._held()

    def wrap(self, name: str, secret: bytes, *, context: bytes) -> bytes:
        """The secret, wrapped under the current key of this name. See `adapter.Kms`."""
        root = self._read(names.checked(name))
        salt, nonce = os.urandom(committing.SALT), os.urandom(committing.NONCE)
        return wrap_with(root.keys[0], secret, name=name, context=context, salt=salt, nonce=nonce)

    def unwrap(self, name: str, wrapped: bytes, *, context: bytes) -> bytes:
        """The secret. See `adapter.Kms`."""
        root = self._read(names.checked(name))
        key = root.by_id(wrapped[1:_SALT_AT])
        if wrapped[:1] != FORMAT or key is None:
            raise KmsUnwrapRefused(f"a key wrapped by {name} does not unwrap")
        salt, nonce = wrapped[_SALT_AT:_NONCE_AT], wrapped[_NONCE_AT:_BODY_AT]
        bound = committing.frame(FORMAT, name.encode(), context)
        try:
            return committing.open_sealed(key, wrapped[_BODY_AT:], label=LABEL, salt=salt, nonce=nonce, context=bound)
        except CannotOpen:
            raise KmsUnwrapRefused(f"a key wrapped by {name} does not unwrap") from None
