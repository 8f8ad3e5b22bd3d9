"""One municipality's contribution to a run: gates, count, seal, insert. In its own scope, in one transaction."""

import hashlib
import logging
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from buvett.agreements.enums import Missing
from buvett.agreements.queries import approval, missing
from buvett.releases import counted, counting, preparing, sealing, trust
from buvett.releases.errors import AlreadyContributed, NotCountable, Waits, WrongState
from buvett.releases.models import Contribution, Delivery, Planned, Run
from buvett.releases.preparing import Verdict
from buvett.releases.runs import binding_of, run_of
from buvett.releases.states import State
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal import heimel

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
            once = False
            lacks = _lacks(found, municipality, by=by)
            if set(lacks) <= {Missing.APPROVAL}:
                preparing.hold(found, municipality)
                once = bool(lacks)
                try:
                    lacks = _seal_or_prepare(found, town, by=by, once=once)
                except NotCountable:
                    lacks = (Missing.FACTS,)
                except IntegrityError as error:
                    # Somebody was faster: another worker with the same municipality, or the lock.
                    if getattr(error.__cause__, "sqlstate", "") == UNIQUE:
                        raise AlreadyContributed(AGAIN.format(town.code)) from None
                    raise WrongState("the run takes no contribution any more") from None
            _note(found, municipality, lacks=lacks, once=once)
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
    if not trust.is_signed_by_region(run):
        lacks = (*lacks, Missing.KEY)
    return lacks


def _seal_or_prepare(run: Run, town: Municipality, *, by: str, once: bool) -> tuple[Missing, ...]:
    """Seal under the standing approval, or (``once``) what the leader has approved; else let numbers lie ready.

    Without a standing approval nothing is counted as long as the leader has the word: only when there is nothing to
    look at yet, when a new count was asked for, and to see whether the approved numbers still are the register's.
    """
    newest = preparing.newest(run.pk)
    if once and newest is not None and newest.verdict in (None, Verdict.RETURNED):
        return (Missing.APPROVAL,)
    padded = counted.recall(run)
    was_counted = padded is not None
    if padded is None:
        padded = counting.now(run, code=town.code)
    ready = newest is not None and preparing.numbers(newest.id) == padded
    if once and not (ready and newest is not None and newest.is_approved and newest.decided_by != by):
        preparing.keep(run, padded, by=by)
        return (Missing.APPROVAL,)
    if not ready:
        preparing.keep(run, padded, by=by)  # so that the leader can read what left the house
    if not was_counted:
        counted.keep(run, padded)
    if once and newest is not None:
        name = newest.decided_by_name
    else:
        standing = approval(run.agreement, town.pk, on=timezone.localdate(), prepared_by=by)
        name = standing.approved_by_name if standing else ""
    _seal(run, town, padded, by=by, approved_by=name)
    return ()


def _seal(run: Run, town: Municipality, padded: bytes, *, by: str, approved_by: str) -> None:
    sealed = sealing.seal(padded, public_key=bytes(run.public_key), binding=binding_of(run, town.pk))
    sha256 = hashlib.sha256(sealed).hexdigest()
    Contribution.objects.create(
        municipality=town,
        run=run,
        sealed=sealed,
        sha256=sha256,
        approved_by=approved_by,
        prepared_by=by,
        created_at=timezone.now(),
    )
    record_change(Action.CONTRIBUTION_SEALED, details={"run": str(run.pk), "sha256": sha256})


def _note(run: Run, municipality: UUID, *, lacks: tuple[Missing, ...], once: bool) -> None:
    """Where the municipality stands, for everyone to see."""
    told = {
        "delivered_at": None if lacks else timezone.now(),
        "waiting_for": " ".join(lacks),
        "approved_once": once and not lacks,
    }
    if not Delivery.objects.filter(run=run, municipality=municipality).update(**told):
        Delivery.objects.create(run=run, municipality_id=municipality, **told)
