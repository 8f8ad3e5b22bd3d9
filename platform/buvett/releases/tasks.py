"""What workers do on a wake-up. The one argument is the id of planned work; everything else is read again here.

A message that is forged, repeated or late finds work that is absent, done or another's, and does nothing.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from celery import shared_task
from django.db import connections

from buvett.celery import wake
from buvett.releases import outbox
from buvett.releases.contribute import call_done, contribute
from buvett.releases.errors import AlreadyContributed, Waits, WrongState
from buvett.releases.lock import lock
from buvett.releases.models import Planned
from buvett.releases.publish import publish
from buvett.releases.withdraw import as_planned
from tenants.isolation.errors import NoContextKey

log = logging.getLogger(__name__)
BY = "process:contributor"


@shared_task(name="buvett.releases.contribute")
def contribute_task(planned: str) -> None:
    """Hand in one municipality's planned contribution."""
    with fresh_connections():
        work = undone(planned, Planned.Kind.CONTRIBUTE)
        if work is None or work.municipality_id is None:
            return
        try:
            try:
                contribute(work.run_id, work.municipality_id, by=BY, planned=work.pk)
            except (AlreadyContributed, WrongState):
                call_done(work, by=BY)
        except Waits as waits:
            log.info("planned work %s %s", work.pk, waits)
        except NoContextKey:
            log.warning("planned work %s is of a municipality that this process does not serve", work.pk)


@shared_task(name="buvett.releases.lock")
def lock_task(planned: str) -> None:
    """Lock a run if it is due."""
    with fresh_connections():
        work = undone(planned, Planned.Kind.LOCK)
        if work is not None:
            with suppress(WrongState):  # not due yet: it is sent again
                try:
                    lock(work.run_id, planned=work.pk)
                except Waits as waits:
                    log.info("run %s %s", work.run_id, waits)


@shared_task(name="buvett.releases.publish")
def publish_task(planned: str) -> None:
    """Publish or refuse a locked run."""
    with fresh_connections():
        work = undone(planned, Planned.Kind.PUBLISH)
        if work is not None:
            publish(work.run_id, planned=work.pk)


@shared_task(name="buvett.releases.withdraw")
def withdraw_task(planned: str) -> None:
    """Withdraw a release that somebody has asked to withdraw."""
    with fresh_connections():
        work = undone(planned, Planned.Kind.WITHDRAW)
        if work is not None:
            as_planned(work)


@shared_task(name="buvett.releases.relay")
def relay_task() -> None:
    """Plan what is due and send what waits."""
    with fresh_connections():
        outbox.plan()
        outbox.relay(lambda kind, identifier: wake(outbox.QUEUES[kind], TASKS[kind], identifier))


TASKS = {
    Planned.Kind.CONTRIBUTE: contribute_task.name,
    Planned.Kind.LOCK: lock_task.name,
    Planned.Kind.PUBLISH: publish_task.name,
    Planned.Kind.WITHDRAW: withdraw_task.name,
}


@contextmanager
def fresh_connections() -> Iterator[None]:
    """Ask of each connection whether it still lives before the task uses it: the database may have been restarted."""
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
    yield


def undone(planned: str, kind: Planned.Kind) -> Planned | None:
    """The planned work of that kind, or None when there is nothing to do: absent, done, another's, or no id at all."""
    try:
        identifier = UUID(planned)
    except (ValueError, TypeError, AttributeError):
        return None
    return Planned.objects.filter(pk=identifier, kind=kind, done_at=None).first()
