"""Errors of the vault. No message holds a payload, a key, a salt or a looked-up value.

VaultError
├── CannotOpen             whatever is wrong with an envelope: one error, one text
├── PayloadRefused         what was to be sealed is no JSON object, or too large for its compartment
├── ReceiptRefused         no receipt, a forged one, an expired one, or one for something else
├── SaltMissing            no salt of that record here (shredded, never made, another municipality's)
├── NameRefused            a key name outside the grammar
├── KeyMissing             no such key or version in the key store (never made, or shredded)
├── KeyExists              a key that would be made twice
├── RetireRefused          a key version that may still be in use
├── StoreRefused           the key store's folder has loose modes
└── KmsError
    ├── KmsSettingMissing  a setting is missing or unknown; the text names it
    ├── KmsKeyNotHeld      this process does not hold that root key
    ├── KmsKeyRefused      a root key file is malformed, misnamed, has loose modes, or is a demo key in production
    └── KmsUnwrapRefused   a wrapped key is damaged, or was wrapped under another name, context or root key
"""

from __future__ import annotations


class VaultError(Exception):
    """Root of every error that the vault raises on purpose."""


class CannotOpen(VaultError):
    """An envelope does not open here. Says nothing more, so that it is no oracle for whoever can alter rows."""

    def __init__(self) -> None:
        super().__init__("this envelope cannot be opened")


class PayloadRefused(VaultError):
    """The payload is not a JSON object, or does not fit the largest size of its compartment."""


class ReceiptRefused(VaultError):
    """The audit log has not vouched for this look."""


class SaltMissing(VaultError):
    """The record has no salt here: shredded, never made, or of another municipality."""

    def __init__(self) -> None:
        super().__init__("no salt of that record")


class NameRefused(VaultError):
    """A key name outside the grammar of `names`."""


class KeyMissing(VaultError):
    """The key store has no such key or version."""


class KeyExists(VaultError):
    """The key store already has that key or version."""


class RetireRefused(VaultError):
    """The key version may still be needed to read something."""


class StoreRefused(VaultError):
    """The key store's folder cannot be trusted."""


class KmsError(VaultError):
    """Root of everything about root keys."""


class KmsSettingMissing(KmsError):
    """A setting is missing or has an unknown value."""


class KmsKeyNotHeld(KmsError):
    """This process does not hold that root key."""


class KmsKeyRefused(KmsError):
    """A root key was found and may not be used."""


class KmsUnwrapRefused(KmsError):
    """A wrapped key does not unwrap under this name and context."""
