"""What a municipality has counted for a period, kept sealed under its own key: counted once, never again."""

from uuid import uuid4

from buvett.releases import pieces
from buvett.releases.models import Counted, Run
from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.vault import salts
from tenants.vault.compartments import Compartment

TABLE = "releases_counted"


def keep(run: Run, padded: bytes) -> None:
    """Keep the padded counts. Raises IntegrityError when the municipality has counted for this period before."""
    municipality, identifier = current_scope().municipality, uuid4()
    salt = salts.create(identifier)
    Counted.objects.create(
        id=identifier,
        municipality_id=municipality,
        agreement=run.agreement,
        period=run.period,
        pieces=pieces.seal(padded, municipality=municipality, table=TABLE, record=identifier, salt=salt),
    )


def recall(run: Run) -> bytes | None:
    """The padded counts that were kept for this programme version and period; None when there are none.

    Raises CannotOpen when a piece was changed, moved or removed.
    """
    row = Counted.objects.filter(agreement=run.agreement, period=run.period).first()
    if row is None:
        return None
    return pieces.open_all(
        bytes(row.pieces),
        receipt=record_intent(Action.CASES_COUNTED, compartments=[Compartment.ASSESSMENT], records=[row.pk]),
        municipality=row.municipality_id,
        table=TABLE,
        record=row.pk,
        salt=salts.of(row.pk),
    )
