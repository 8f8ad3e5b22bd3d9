"""The publisher's secrets: a private key for each run, and the region's signing key.

Wrapped by the KMS and kept in the key store, outside the database and every backup of data. A run's key is deleted
when the run is published or refused, and its name can never be used again.
"""

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from tenants.vault.errors import KeyExists, KeyMissing
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.adapter import Kms
from tenants.vault.kms.choice import from_environment
from tenants.vault.kms.file import FileKms
from tenants.vault.names import KeyName, region_key
from tenants.vault.secretbox import SecretBox

PERIOD = "period"
SIGNING = "signing"


def box() -> SecretBox:
    """This process's secrets; production refuses root keys that a demo made."""
    return SecretBox(_kms(), KeyStore(Path(settings.KEYSTORE_FOLDER)))


def _kms() -> Kms:
    return from_environment(os.environ)


def period_key(region: UUID, run: UUID) -> KeyName:
    """The name of a run's private key."""
    return region_key(region, PERIOD, str(run))


def signing_key(region: UUID) -> KeyName:
    """The name of a region's signing key."""
    return region_key(region, SIGNING, "1")


def ensure_region_keys(region: UUID) -> None:
    """Make the region's root keys and its signing key in this process's own folders; those that exist stay.

    Root keys that the service manager hands over are made by the operator, never here.
    """
    kms = _kms()
    for use in (PERIOD, SIGNING) if isinstance(kms, FileKms) else ():
        root = region_key(region, use, "1").root
        # Two at once: whoever loses finds the other's key there.
        with suppress(KeyExists):
            if root not in kms.names():
                kms.create(root, demo=settings.MODE != "production")
    secrets, name = box(), signing_key(region)
    with suppress(KeyExists):
        if not secrets.exists(name):
            secrets.put(name, Ed25519PrivateKey.generate().private_bytes_raw())


def forget_run(region: UUID, run: UUID) -> bool:
    """Delete a run's private key for good; False when it was gone already."""
    try:
        box().shred(period_key(region, run))
    except KeyMissing:
        return False
    return True


def sign(region: UUID, body: bytes) -> tuple[bytes, bytes]:
    """(signature, public key): Ed25519 of the region over the body's bytes. Deterministic."""
    key = Ed25519PrivateKey.from_private_bytes(box().get(signing_key(region)))
    return key.sign(body), key.public_key().public_bytes_raw()


def is_signed(body: bytes, *, signature: bytes, public_key: bytes) -> bool:
    """Whether the signature is the key's over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def tie_key(region: UUID, *, programme_sha256: str, period: str) -> bytes:
    """The secret that breaks ties in ``protect`` (32 bytes): the same at every retry, unknown outside the publisher."""
    secret = box().get(signing_key(region))
    return hmac.new(secret, f"protect|{programme_sha256}|{period}".encode(), hashlib.sha256).digest()
