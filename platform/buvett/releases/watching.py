"""How the push runs, for operations: what each queue waits for since when, the last run, the next. No number at all."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Q

from buvett.releases.models import Planned, Run
from buvett.releases.outbox import QUEUES
from buvett.releases.states import State
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """One queue. ``unsent_since``: planned and not sent on; ``waits_since``: not done; both None: nothing to do."""

    queue: str
    unsent_since: datetime | None
    waits_since: datetime | None
    last_done: datetime | None


def queue_states() -> tuple[QueueState, ...]:
    """Each queue of the push, in the order of the work. One query, as the reader."""
    with connected_as(Role.READER):
        rows = {
            row["kind"]: row
            for row in Planned.objects.values("kind").annotate(
                unsent=Min("planned_at", filter=Q(sent_at=None, done_at=None)),
                undone=Min("planned_at", filter=Q(done_at=None)),
                done=Max("done_at"),
            )
        }
    found = []
    for queue in dict.fromkeys(QUEUES.values()):
        of_queue = [rows[kind.value] for kind, name in QUEUES.items() if name == queue and kind.value in rows]
        found.append(
            QueueState(
                queue=queue,
                unsent_since=min((row["unsent"] for row in of_queue if row["unsent"]), default=None),
                waits_since=min((row["undone"] for row in of_queue if row["undone"]), default=None),
                last_done=max((row["done"] for row in of_queue if row["done"]), default=None),
            )
        )
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class RunState:
    """One run: what it is about, where it stands, when it is locked at the latest."""

    programme: str
    period: str
    state: State
    opened_at: datetime
    cut_off: datetime


def last_and_next_run() -> tuple[RunState | None, RunState | None]:
    """The run that was opened last among those that are not open any more, and the open one that is locked first."""
    with connected_as(Role.READER):
        runs = Run.objects.select_related("agreement")
        last = runs.exclude(state=State.OPEN.value).order_by("-opened_at", "id").first()
        coming = runs.filter(state=State.OPEN.value).order_by("cut_off", "id").first()
    return _run(last), _run(coming)


def _run(row: Run | None) -> RunState | None:
    if row is None:
        return None
    return RunState(
        programme=row.agreement.programme,
        period=row.period,
        state=State(row.state),
        opened_at=row.opened_at,
        cut_off=row.cut_off,
    )
