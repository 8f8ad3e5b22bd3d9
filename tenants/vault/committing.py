"""Committing encryption: a key derived with a commitment, then AES-256-GCM. Used for envelopes and for wrapped keys.

derived key ‖ commitment = HMAC-SHA512(key, label ‖ salt ‖ context), 32 bytes each.

HMAC as extractor and expander is HKDF's (RFC 5869), here in one step because the key is uniform already and the
output fits one block, as NIST SP 800-108r1 allows. The commitment is needed because GCM is not key-committing: one
ciphertext can be made that opens under two keys (Dodis, Grubbs, Ristenpart, Woodage, CRYPTO 2018; Len, Grubbs,
Ristenpart, USENIX Security 2021). Taking it from the same hash as the key is the derivation of Bellare and Hoang
(EUROCRYPT 2022) and of the AWS Encryption SDK's committing suites. It commits to key, salt and context together.
"""

from __future__ import annotations

import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.vault.errors import CannotOpen

KEY: Final = 32
SALT: Final = 16
NONCE: Final = 12
COMMITMENT: Final = 32
TAG: Final = 16


def frame(*fields: bytes) -> bytes:
    """All fields as one string, each after its length (4 bytes, big end first): no two lists of fields look alike.

    >>> frame(b"ab", b"c").hex()
    '0000000261620000000163'
    """
    return b"".join([len(field).to_bytes(4, "big") + field for field in fields])


def derive(key: bytes, *, label: bytes, salt: bytes, context: bytes) -> tuple[bytes, bytes]:
    """(derived key, commitment), 32 bytes each. `label` has 3 bytes and `salt` 16, so the parts cannot run together."""
    if len(key) != KEY or len(label) != 3 or len(salt) != SALT:
        raise ValueError("a key has 32 bytes, a label 3 and a salt 16")
    digest = hmac.digest(key, label + salt + context, "sha512")
    return digest[:KEY], digest[KEY:]


def seal(key: bytes, plaintext: bytes, *, label: bytes, salt: bytes, nonce: bytes, context: bytes) -> bytes:
    """commitment ‖ ciphertext ‖ tag. `context` is the associated data too. Never the same nonce twice for one key,
    salt and context: outside tests and vectors it is 12 random bytes.
    """
    if len(nonce) != NONCE:
        raise ValueError("a nonce has 12 bytes")
    derived, commitment = derive(key, label=label, salt=salt, context=context)
    return commitment + AESGCM(derived).encrypt(nonce, plaintext, context)


def open_sealed(key: bytes, sealed: bytes, *, label: bytes, salt: bytes, nonce: bytes, context: bytes) -> bytes:
    """The plaintext. Raises `CannotOpen` for any reason; the commitment is compared first and in constant time."""
    if len(sealed) < COMMITMENT + TAG or len(nonce) != NONCE or len(salt) != SALT:
        raise CannotOpen
    derived, commitment = derive(key, label=label, salt=salt, context=context)
    if not hmac.compare_digest(commitment, sealed[:COMMITMENT]):
        raise CannotOpen
    try:
        return AESGCM(derived).decrypt(nonce, sealed[COMMITMENT:], context)
    except InvalidTag:
        raise CannotOpen from None
