"""One municipality's contribution to a run: gates, count, seal, insert. In its own scope, in one transaction."""

import hashlib
import logging
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from buvett.agreements.enums import Missing
from buvett.agreements.queries import approval, missing
from buvett.releases import counted, sealing
from buvett.releases.errors import AlreadyContributed, NotCountable, Waits, WrongState
from buvett.releases.models import Contribution, Delivery, Planned, Run
from buvett.releases.runs import binding_of, programme_of, run_of
from buvett.releases.states import State
from buvett.releases.tabulate import pad, padded_length, tabulate
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.register import facts

log = logging.getLogger(__name__)
LIFETIME = timedelta(minutes=10)
UNIQUE = "23505"
AGAIN = "{} has contributed: there is one contribution a period"


def contribute(run: UUID, municipality: UUID, *, by: str, planned: UUID | None = None) -> None:
    """Count, seal and hand in one municipality's agreed tables; ``planned`` work is done in the same transaction.

    Raises Waits when a paper or the legal basis is missing (and notes for everyone that it does), AlreadyContributed
    for a second contribution whatever it contains, WrongState when the run takes none any more.
    """
    with connected_as(Role.CONTRIBUTOR):
        found = run_of(run)
        town = Municipality.objects.get(pk=municipality)
        if found.left_out_id == municipality:
            raise WrongState("the run is without this municipality")
        lacks: tuple[Missing, ...] = ()
        with scope(municipality, by=by, purpose=Purpose.REGIONAL, lifetime=LIFETIME):
            if Contribution.objects.filter(municipality_id=municipality, run=found).exists():
                raise AlreadyContributed(AGAIN.format(town.code))
            if found.state != State.OPEN:
                raise WrongState(f"the run is {found.state}: it takes no contribution")
            lacks = _lacks(found, municipality, by=by)
            if not lacks:
                try:
                    _count_and_seal(found, town, by=by)
                except NotCountable:
                    lacks = (Missing.FACTS,)
                except IntegrityError as error:
                    # Somebody was faster: another worker with the same municipality, or the lock.
                    if getattr(error.__cause__, "sqlstate", "") == UNIQUE:
                        raise AlreadyContributed(AGAIN.format(town.code)) from None
                    raise WrongState("the run takes no contribution any more") from None
            _note(found, municipality, lacks=lacks)
            if planned is not None and not lacks:
                Planned.objects.filter(pk=planned, done_at=None).update(done_at=timezone.now())
        if lacks:
            raise Waits({town.code: lacks})
        log.info("%s has contributed to run %s", town.code, run)


def call_done(planned: Planned, *, by: str) -> None:
    """Call planned work done that has nothing left to do: it was done by hand, or the run takes no more."""
    assert planned.municipality_id is not None  # noqa: S101 - the table's own constraint
    with connected_as(Role.CONTRIBUTOR), scope(planned.municipality_id, by=by, purpose=Purpose.REGIONAL):
        Planned.objects.filter(pk=planned.pk, done_at=None).update(done_at=timezone.now())


def _lacks(run: Run, municipality: UUID, *, by: str) -> tuple[Missing, ...]:
    today = timezone.localdate()
    lacks = missing(run.agreement, municipality, on=today, prepared_by=by)
    if not heimel.is_live(Purpose.REGIONAL, on=today):
        lacks = (*lacks, Missing.HEIMEL)
    return lacks


def _count_and_seal(run: Run, town: Municipality, *, by: str) -> None:
    programme = programme_of(run.agreement)
    padded = counted.recall(run)
    if padded is None:
        # The intent is in the audit log before the first envelope opens (tenants.register.facts).
        text = tabulate(facts.assessments(), programme, municipality=town.code, counted_on=run.counted_on)
        padded = pad(text, length=padded_length(programme))
        counted.keep(run, padded)
    sealed = sealing.seal(padded, public_key=bytes(run.public_key), binding=binding_of(run, town.pk))
    approved = approval(run.agreement, town.pk, on=timezone.localdate(), prepared_by=by)
    sha256 = hashlib.sha256(sealed).hexdigest()
    Contribution.objects.create(
        municipality=town,
        run=run,
        sealed=sealed,
        sha256=sha256,
        approved_by=approved.approved_by_name if approved else "",
        prepared_by=by,
        created_at=timezone.now(),
    )
    record_change(Action.CONTRIBUTION_SEALED, details={"run": str(run.pk), "sha256": sha256})


def _note(run: Run, municipality: UUID, *, lacks: tuple[Missing, ...]) -> None:
    """Where the municipality stands, for everyone to see."""
    told = {
        "delivered_at": None if lacks else timezone.now(),
        "waiting_for": " ".join(lacks),
    }
    if not Delivery.objects.filter(run=run, municipality=municipality).update(**told):
        Delivery.objects.create(run=run, municipality_id=municipality, **told)
