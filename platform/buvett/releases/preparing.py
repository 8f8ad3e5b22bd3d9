"""Numbers that lie ready for a municipality's leader: prepared by a case worker or the contributor, byte for byte.

Inside the municipality's scope, as the web's or the contributor's role.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connections
from django.utils import timezone

from buvett.releases import pieces
from buvett.releases.models import Decision, Preparation, Run
from tenants.audit.entries import record_change, record_intent
from tenants.audit.enums import Action
from tenants.isolation.roles import current_role
from tenants.isolation.scopes import current_scope
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen, SaltMissing

TABLE = "releases_preparation"
Verdict = Decision.Verdict


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One preparation and what was decided on it; the numbers themselves stay sealed."""

    id: UUID
    prepared_by: str
    prepared_by_name: str  # empty: a process
    prepared_at: datetime
    verdict: Verdict | None
    decided_by: str
    decided_by_name: str
    decided_at: datetime | None

    @property
    def is_approved(self) -> bool:
        """Whether another than whoever prepared has approved it."""
        return self.verdict is Verdict.APPROVED and self.decided_by != self.prepared_by and bool(self.decided_by_name)


def hold(run: Run, municipality: UUID) -> None:
    """Hold the municipality's place in the run until the transaction ends: nobody else prepares or contributes.

    The key is that of the triggers (releases/migrations/0004).
    """
    with connections[current_role().value].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"place:{run.pk}:{municipality}"])


def keep(run: Run, padded: bytes, *, by: str, name: str = "") -> Prepared:
    """Keep padded counts for the leader to look at, told in the log in the same transaction."""
    scope, identifier = current_scope(), uuid4()
    salt = salts.create(identifier)
    row = Preparation.objects.create(
        id=identifier,
        municipality_id=scope.municipality,
        run=run,
        prepared_by=by,
        prepared_by_name=name,
        prepared_at=timezone.now(),
        pieces=pieces.seal(padded, municipality=scope.municipality, table=TABLE, record=identifier, salt=salt),
    )
    record_change(Action.CONTRIBUTION_PREPARED, details={"run": str(run.pk), "preparation": str(identifier)})
    return _told(row, None)


def newest(run: UUID) -> Prepared | None:
    """The newest preparation of the scope's municipality for the run, without its numbers."""
    return next(iter(history(run)), None)


def history(run: UUID) -> tuple[Prepared, ...]:
    """All preparations of the scope's municipality for the run, newest first. Two queries."""
    municipality = current_scope().municipality
    rows = list(
        Preparation.objects.filter(municipality_id=municipality, run=run).defer("pieces").order_by("-prepared_at", "id")
    )
    decided = Decision.objects.filter(municipality_id=municipality, preparation__in=[row.pk for row in rows])
    of = {decision.preparation_id: decision for decision in decided.defer("remark")}
    return tuple(_told(row, of.get(row.pk)) for row in rows)


def numbers(preparation: UUID) -> bytes | None:
    """The padded counts that were prepared; the intent is committed first. None when they no longer open.

    An older key may have been shredded since: then the numbers have to be prepared anew.
    """
    municipality = current_scope().municipality
    row = Preparation.objects.get(municipality_id=municipality, pk=preparation)
    receipt = record_intent(Action.OWN_COUNTS_SEEN, compartments=[Compartment.ASSESSMENT], records=[row.pk])
    try:
        return pieces.open_all(
            bytes(row.pieces),
            receipt=receipt,
            municipality=municipality,
            table=TABLE,
            record=row.pk,
            salt=salts.of(row.pk),
        )
    except (CannotOpen, SaltMissing):
        return None


def _told(row: Preparation, decision: Decision | None) -> Prepared:
    return Prepared(
        id=row.pk,
        prepared_by=row.prepared_by,
        prepared_by_name=row.prepared_by_name,
        prepared_at=row.prepared_at,
        verdict=Verdict(decision.verdict) if decision else None,
        decided_by=str(decision.decided_by_id) if decision else "",
        decided_by_name=decision.decided_by_name if decision else "",
        decided_at=decision.decided_at if decision else None,
    )
