"""Seals what second factors are made of, under a key of the web process that lies outside the database.

A stolen dump gives neither a TOTP secret nor a recovery code.
"""

import base64
import os

from tenants.vault import committing
from tenants.vault.names import KeyName
from tenants.vault.process import keyring

KEY = KeyName(entry="accounts/second-factor", root="accounts/second-factor")
_LABEL = b"2fa"
_HEAD = 4  # bytes that hold the key's version


def seal(text: str) -> str:
    """The text as base64 of version ‖ salt ‖ nonce ‖ sealed. Raises KeyMissing where set-up has made no key."""
    version, key = keyring().current(KEY)
    head = version.to_bytes(_HEAD, "big")
    salt, nonce = os.urandom(committing.SALT), os.urandom(committing.NONCE)
    sealed = committing.seal(key, text.encode(), label=_LABEL, salt=salt, nonce=nonce, context=head)
    return base64.b64encode(head + salt + nonce + sealed).decode("ascii")


def unseal(sealed: str) -> str:
    """The text again. Raises CannotOpen whatever is wrong with it."""
    raw = base64.b64decode(sealed)
    head, rest = raw[:_HEAD], raw[_HEAD:]
    salt, nonce = rest[: committing.SALT], rest[committing.SALT : committing.SALT + committing.NONCE]
    body = rest[committing.SALT + committing.NONCE :]
    key = keyring().key(KEY, int.from_bytes(head, "big"))
    return committing.open_sealed(key, body, label=_LABEL, salt=salt, nonce=nonce, context=head).decode()
