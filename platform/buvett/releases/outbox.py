"""The outbox: work is planned in the database, sent as a wake-up, and sent again until it is done.

Runs as the outbox role, which holds no key and sees no content. A message that is lost, doubled, forged or late can at
most repeat planned work, and every piece of work may be repeated.
"""

from collections import defaultdict
from collections.abc import Callable, Set
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from buvett.agreements.queries import members_of_each
from buvett.releases.models import Delivery, Planned, Run, Withdrawal
from buvett.releases.states import State
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as

AGAIN = timedelta(seconds=15)
"""How long sent work may stay undone before it is sent again. Shorter than the broker's own recovery."""

QUEUES = {
    Planned.Kind.CONTRIBUTE: "contributor",
    Planned.Kind.LOCK: "publisher",
    Planned.Kind.PUBLISH: "publisher",
    Planned.Kind.WITHDRAW: "publisher",
}
AT_A_TIME = 500


def plan() -> int:
    """Plan what is due in every run that goes on; what is planned already stays. Returns how many pieces are new.

    It is asked every second, so the number of queries is the same however many runs there are.
    """
    with connected_as(Role.OUTBOX):
        runs = list(Run.objects.exclude(state__in=ENDED))
        members = members_of_each({run.agreement_id for run in runs}, on=timezone.localdate())
        delivered = _delivered()
        due = [piece for run in runs for piece in _due(run, members.get(run.agreement_id, set()), delivered[run.pk])]
        asked = Withdrawal.objects.select_related("run").filter(run__state__in=TO_WITHDRAW)
        due += [_piece(one.run, Planned.Kind.WITHDRAW) for one in asked]
        known = set(
            Planned.objects.filter(run__in={piece.run_id for piece in due}).values_list("idempotency_key", flat=True)
        )
        new = [piece for piece in due if piece.idempotency_key not in known]
        # Two planners at once: the unique key keeps one of each.
        Planned.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def relay(send: Callable[[Planned.Kind, UUID], None]) -> int:
    """Give every piece that waits to be sent, or was sent long ago and is not done, to ``send(kind, id)``.

    A piece is marked as sent after it was: a crash in between sends it twice, never not at all.
    """
    now = timezone.now()
    with connected_as(Role.OUTBOX), transaction.atomic(using=Role.OUTBOX.value, durable=True):
        waiting = Planned.objects.filter(done_at=None).exclude(sent_at__gt=now - AGAIN)
        rows = list(waiting.order_by("planned_at", "id").select_for_update(skip_locked=True)[:AT_A_TIME])
        for row in rows:
            send(Planned.Kind(row.kind), row.pk)
        Planned.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=now)
    return len(rows)


TO_WITHDRAW = (State.LOCKED.value, State.PUBLISHED.value)
ENDED = tuple(state.value for state in State if not state.has_key)


def _delivered() -> defaultdict[UUID, set[UUID]]:
    """Which municipalities have delivered in each open run."""
    found = defaultdict[UUID, set[UUID]](set)
    rows = Delivery.objects.filter(run__state=State.OPEN.value, delivered_at__isnull=False)
    for run, municipality in rows.values_list("run_id", "municipality_id"):
        found[run].add(municipality)
    return found


def _due(run: Run, agreed: Set[UUID], delivered: Set[UUID]) -> list[Planned]:
    if run.state == State.LOCKED:
        return [_piece(run, Planned.Kind.PUBLISH)]
    members = agreed - {run.left_out_id}
    work = [_piece(run, Planned.Kind.CONTRIBUTE, municipality=member) for member in sorted(members)]
    if timezone.now() >= run.cut_off or (members and members <= delivered):
        work.append(_piece(run, Planned.Kind.LOCK))
    return work


def _piece(run: Run, kind: Planned.Kind, *, municipality: UUID | None = None) -> Planned:
    key = f"{kind}:{run.pk}" + (f":{municipality}" if municipality else "")
    return Planned(kind=kind, run=run, municipality_id=municipality, idempotency_key=key, planned_at=timezone.now())
