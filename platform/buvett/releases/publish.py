"""Publish: protect once, attack once, then release or refuse. Each step is one transaction and may be repeated.

    protect_once   the locked set → Result, stored before anything else is done with it
    release_once   Result → ledger entry, release and the run's state, together
    forget         the run's private key is deleted

A process that dies anywhere loses nothing: the next try finds what was stored and goes on from there.
"""

import hashlib
import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from anonymisation.release import Release as Protected
from buvett.releases import keys
from buvett.releases.errors import WrongState
from buvett.releases.methods import protect_and_attack
from buvett.releases.models import LedgerEntry, Lock, Planned, Release, Result, Run
from buvett.releases.opening import open_locked
from buvett.releases.runs import hold, programme_of, run_of
from buvett.releases.states import State, check_may_move
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as

log = logging.getLogger(__name__)


def publish(run: UUID, *, planned: UUID | None = None) -> State:
    """Publish or refuse a locked run; what is done already stays as it is. Returns the state that the run is in.

    Raises WrongState before the lock. A refusal says that the release would be too detailed, never where.
    """
    with connected_as(Role.PUBLISHER):
        protect_once(run)
        state = release_once(run)
        keys.forget_run(run_of(run).agreement.region_id, run)
        if planned is not None:
            Planned.objects.filter(pk=planned, done_at=None).update(done_at=timezone.now())
    return state


def protect_once(run: UUID) -> None:
    """Protect and attack the locked set and store what came out; nothing is computed a second time."""
    with transaction.atomic(using=Role.PUBLISHER.value, durable=True):
        hold(run)
        found = run_of(run)
        if found.state == State.OPEN:
            raise WrongState("publish: the run is not locked")
        if found.state != State.LOCKED or Result.objects.filter(lock=run).exists():
            return
        lock = Lock.objects.select_related("run__agreement").get(run=run)
        body = _protected(lock)
        Result.objects.create(lock=lock, safe=body is not None, body=body, created_at=timezone.now())


def release_once(run: UUID) -> State:
    """Enter the stored result into the ledger and publish it, or refuse the run. Returns the state afterwards."""
    with transaction.atomic(using=Role.PUBLISHER.value, durable=True):
        hold(run)
        found = run_of(run)
        if found.state != State.LOCKED:
            return State(found.state)
        result = Result.objects.get(lock=run)
        after = State.PUBLISHED if result.safe else State.REFUSED
        check_may_move(State.LOCKED, after, verb="publish")
        if result.body is not None:
            _enter(found, bytes(result.body))
        found.state = after
        found.save(update_fields=["state"])
    log.info("run %s is %s", run, "published" if after is State.PUBLISHED else "refused: too detailed")
    return after


def _protected(lock: Lock) -> bytes | None:
    programme = programme_of(lock.run.agreement)
    counts = open_locked(lock, programme)
    if counts is None:
        return None
    region, sha256 = lock.run.agreement.region_id, programme.sha256
    return protect_and_attack(
        counts,
        history=ledger_of(programme.population),
        key=keys.tie_key(region, programme_sha256=sha256, period=programme.period),
    )


def ledger_of(population: str) -> tuple[Protected, ...]:
    """Everything ever published about these people, oldest first."""
    rows = LedgerEntry.objects.filter(population=population).order_by("entered_at", "sha256")
    return tuple(Protected.parse(bytes(row.body), source=f"ledger {row.sha256[:12]}") for row in rows)


def _enter(run: Run, body: bytes) -> None:
    """Ledger entry and release. The ledger comes first: what anybody sees is in it (one shot, rule d)."""
    now = timezone.now()
    protected = Protected.parse(body)
    sha256 = hashlib.sha256(body).hexdigest()
    signature, public_key = keys.sign(run.agreement.region_id, body)
    LedgerEntry.objects.create(
        sha256=sha256,
        region_id=run.agreement.region_id,
        population=protected.programme.population,
        period=run.period,
        body=body,
        entered_at=now,
    )
    Release.objects.create(
        run=run,
        revision=protected.revision,
        body=body,
        sha256=sha256,
        signature=signature,
        public_key=public_key,
        published_at=now,
    )
