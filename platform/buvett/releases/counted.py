"""What a municipality has counted for a period, kept sealed under its own key: counted once, never again."""

import base64
from uuid import uuid4

from buvett.releases.models import Counted, Run
from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

TABLE = "releases_counted"
PIECE = 700  # bytes of counts in one envelope: with its place and as base64, within the compartment's one size


def keep(run: Run, padded: bytes) -> None:
    """Keep the padded counts. Raises IntegrityError when the municipality has counted for this period before."""
    scope = current_scope()
    identifier = uuid4()
    sealer, salt = Sealer(keyring(), scope.municipality), salts.create(identifier)
    parts = [padded[at : at + PIECE] for at in range(0, len(padded), PIECE)]
    pieces = [
        sealer.seal(
            Compartment.ASSESSMENT,
            TABLE,
            identifier,
            salt,
            {"at": at, "of": len(parts), "counts": base64.b64encode(part).decode()},
        )
        for at, part in enumerate(parts)
    ]
    Counted.objects.create(
        id=identifier,
        municipality_id=scope.municipality,
        agreement=run.agreement,
        period=run.period,
        pieces=b"".join(pieces),
    )


def recall(run: Run) -> bytes | None:
    """The padded counts that were kept for this programme version and period; None when there are none.

    Raises CannotOpen when a piece was changed, moved or removed.
    """
    row = Counted.objects.filter(agreement=run.agreement, period=run.period).first()
    if row is None:
        return None
    receipt = record_intent(Action.CASES_COUNTED, compartments=[Compartment.ASSESSMENT], records=[row.pk])
    opener, salt = Opener(keyring(), receipt), salts.of(row.pk)
    sealed = bytes(row.pieces)
    size = len(Sealer(keyring(), row.municipality_id).seal(Compartment.ASSESSMENT, TABLE, row.pk, salt, {}))
    pieces = [
        opener.open(Compartment.ASSESSMENT, TABLE, row.pk, salt, sealed[at : at + size])
        for at in range(0, len(sealed), size)
    ]
    if [(piece["at"], piece["of"]) for piece in pieces] != [(at, len(pieces)) for at in range(len(pieces))]:
        raise CannotOpen
    return b"".join(base64.b64decode(piece["counts"]) for piece in pieces)
