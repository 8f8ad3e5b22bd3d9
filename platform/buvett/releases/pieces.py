"""Padded counts in envelopes under the municipality's own assessment key: of one size each, one after the other.

How many there are depends on the programme only, so neither the number nor the length tells anything.
"""

import base64
from uuid import UUID

from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen
from tenants.vault.process import keyring
from tenants.vault.receipts import Receipt
from tenants.vault.sealing import Opener, Sealer

PIECE = 700  # bytes of counts in one envelope: with its place and as base64, within the compartment's one size


def seal(padded: bytes, *, municipality: UUID, table: str, record: UUID, salt: bytes) -> bytes:
    """The envelopes of a record of ``table``."""
    sealer = Sealer(keyring(), municipality)
    parts = [padded[at : at + PIECE] for at in range(0, len(padded), PIECE)]
    return b"".join(
        sealer.seal(
            Compartment.ASSESSMENT,
            table,
            record,
            salt,
            {"at": at, "of": len(parts), "counts": base64.b64encode(part).decode()},
        )
        for at, part in enumerate(parts)
    )


def open_all(sealed: bytes, *, receipt: Receipt, municipality: UUID, table: str, record: UUID, salt: bytes) -> bytes:
    """The padded counts. Raises CannotOpen when a piece was changed, moved or removed."""
    opener = Opener(keyring(), receipt)
    size = len(Sealer(keyring(), municipality).seal(Compartment.ASSESSMENT, table, record, salt, {}))
    found = [
        opener.open(Compartment.ASSESSMENT, table, record, salt, sealed[at : at + size])
        for at in range(0, len(sealed), size)
    ]
    if [(piece["at"], piece["of"]) for piece in found] != [(at, len(found)) for at in range(len(found))]:
        raise CannotOpen
    return b"".join(base64.b64decode(piece["counts"]) for piece in found)
