"""The document that holds a root key: JSON in a file, a systemd credential or an environment variable.

{"format": "buvett/kms-key/1", "name": "<name>", "demo": false, "keys": ["<base64 of 32 bytes>", …]}

The first key wraps; all of them unwrap. The name is inside, so that a renamed file is noticed. `demo` marks a key
that the demo made: nobody guarded it, so it is refused in production.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Final

from tenants.vault import names
from tenants.vault.committing import KEY
from tenants.vault.errors import KmsKeyRefused

FORMAT: Final = "buvett/kms-key/1"
KEY_ID: Final = 8


@dataclass(frozen=True, slots=True)
class RootKey:
    """A named root key: the current key first, then older ones that still unwrap."""

    name: str
    demo: bool
    keys: tuple[bytes, ...] = field(repr=False)

    def by_id(self, key_id: bytes) -> bytes | None:
        """The key with this id, or nothing."""
        return next((key for key in self.keys if id_of(key) == key_id), None)


def id_of(key: bytes) -> bytes:
    """Public id of a root key: the first 8 bytes of SHA-256("buvett/kms-key-id" ‖ key)."""
    return hashlib.sha256(b"buvett/kms-key-id" + key).digest()[:KEY_ID]


def make(name: str, *, demo: bool) -> RootKey:
    """A new random root key."""
    return RootKey(name=names.checked(name), demo=demo, keys=(os.urandom(KEY),))


def dump(root: RootKey) -> str:
    """The document of a root key, one line."""
    keys = [base64.b64encode(key).decode() for key in root.keys]
    return json.dumps({"format": FORMAT, "name": root.name, "demo": root.demo, "keys": keys}) + "\n"


def load(text: str | bytes, *, name: str, allow_demo: bool) -> RootKey:
    """The root key of a document. Raises `KmsKeyRefused`: malformed, of another name, or a demo key not allowed."""
    try:
        document = json.loads(text)
        if set(document) != {"format", "name", "demo", "keys"} or document["format"] != FORMAT:
            raise ValueError
        keys = tuple(base64.b64decode(key, validate=True) for key in document["keys"])
        if not keys or len(set(keys)) != len(keys) or any(len(key) != KEY for key in keys):
            raise ValueError
        found, demo = document["name"], document["demo"]
        if not isinstance(found, str) or not isinstance(demo, bool):
            raise ValueError
    except (ValueError, TypeError, AttributeError):
        # Without the cause: its text may hold a part of the key.
        raise KmsKeyRefused(f"root key {name}: not a key document") from None
    if found != name:
        raise KmsKeyRefused(f"root key {name}: the document holds the key of another name")
    if demo and not allow_demo:
        raise KmsKeyRefused(f"root key {name}: made by the demo, refused when BUVETT_MODE is production")
    return RootKey(name=name, demo=demo, keys=keys)
