"""An uploaded file as it came, sealed in parts, while a person says which of its columns is which.

It lives and dies with its run: under the run's own salt, gone when the run is applied, thrown away or replaced.
"""

from base64 import b64decode, b64encode
from uuid import UUID, uuid4

from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.errors import ImportSuperseded
from tenants.register.models import HeldFile, ImportRun
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

TABLE = "register_heldfile"
PART = 760_000  # bytes: in base64 and a few signs more they fill an envelope of 1 MiB
_WAITING = (ImportRun.State.UNREAD, ImportRun.State.STAGED)


def hold(run: UUID, content: bytes) -> None:
    """Seal the file beside its run."""
    municipality, salt = current_scope().municipality, salts.of(run)
    sealer = Sealer(keyring(), municipality)
    parts = []
    for position, start in enumerate(range(0, len(content), PART)):
        identifier = uuid4()
        payload = {"base64": b64encode(content[start : start + PART]).decode()}
        sealed = sealer.seal(Compartment.STAGING, TABLE, identifier, salt, payload)
        parts.append(
            HeldFile(municipality_id=municipality, id=identifier, run_id=run, position=position, envelope=sealed)
        )
    HeldFile.objects.bulk_create(parts)


def held(run: UUID) -> bytes:
    """The person's own file, opened after the intent is committed. Raises ImportSuperseded when it is gone."""
    scope = current_scope()
    mine = ImportRun.objects.filter(municipality_id=scope.municipality, id=run, state__in=_WAITING, by=scope.by)
    parts = list(HeldFile.objects.filter(municipality_id=scope.municipality, run__in=mine).order_by("position"))
    if not parts:
        raise ImportSuperseded("the file is not held any more")
    receipt = record_intent(
        Action.REGISTER_IMPORTED,
        compartments=[Compartment.STAGING],
        records=[part.id for part in parts],
        details={"run": str(run)},
    )
    salt = salts.of(run)
    rows = ((part.id, salt, bytes(part.envelope)) for part in parts)
    payloads = Opener(keyring(), receipt).open_many(Compartment.STAGING, TABLE, rows)
    return b"".join(b64decode(payload["base64"]) for payload in payloads)


def is_unread(run: UUID) -> bool:
    """Whether it is the person's own file that waits for its columns to be named."""
    scope = current_scope()
    return ImportRun.objects.filter(
        municipality_id=scope.municipality, id=run, state=ImportRun.State.UNREAD, by=scope.by
    ).exists()


def drop(run: UUID) -> None:
    """Let go of the file."""
    HeldFile.objects.filter(municipality_id=current_scope().municipality, run=run).delete()
