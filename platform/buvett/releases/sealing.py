"""Sealing counts to a run: HPKE (RFC 9180, base mode) with X25519, HKDF-SHA256 and AES-256-GCM.

Everybody can seal, only the run's private key opens. ``info`` binds a contribution to its region, run, programme
version, period and municipality: one that was sealed for another does not open.
"""

from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from buvett.releases.errors import NotOurs

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
OVERHEAD = 32 + 16  # encapsulated key and tag
FORMAT = b"buvett/contribution/1"


@dataclass(frozen=True, kw_only=True)
class Binding:
    """What a contribution belongs to."""

    region: UUID
    run: UUID
    programme_sha256: str
    period: str
    municipality: UUID

    def info(self) -> bytes:
        """The canonical bytes: each field after its length, so that no two lists of fields look alike."""
        fields = (
            FORMAT,
            self.region.bytes,
            self.run.bytes,
            bytes.fromhex(self.programme_sha256),
            self.period.encode(),
            self.municipality.bytes,
        )
        return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def new_key() -> tuple[bytes, bytes]:
    """(private, public), 32 raw bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal(padded: bytes, *, public_key: bytes, binding: Binding) -> bytes:
    """The sealed counts; ``OVERHEAD`` bytes longer than what went in."""
    return SUITE.encrypt(padded, X25519PublicKey.from_public_bytes(public_key), info=binding.info())


def open_sealed(sealed: bytes, *, private_key: bytes, binding: Binding) -> bytes:
    """What was sealed. Raises NotOurs, whatever the reason."""
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info=binding.info())
    except (InvalidTag, ValueError):
        raise NotOurs("the contribution does not open for this run and municipality") from None
