"""What operations sees: services, queues, runs. Words and times only: no number that depends on a case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from buvett.access.enums import Permission
from buvett.pages.guard import needs
from buvett.pages.rendering import page
from buvett.releases.watching import QueueState, last_and_next_run, queue_states
from tenants.isolation.enums import Role

# Sent work that nobody has done by then is told as waiting. A run waits for papers for days: that is no fault.
SOON = timedelta(minutes=2)


class Condition(StrEnum):
    """How one part is; the template has a letter, a word and a colour for each."""

    ANSWERS = "answers"
    SILENT = "silent"
    IDLE = "idle"
    WORKS = "works"
    WAITS = "waits"
    STUCK = "stuck"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One line of the page."""

    name: str
    condition: Condition
    since: datetime | None = None
    last_done: datetime | None = None


@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """For the supervisor: the process answers. No number, no version, nothing of the content."""
    return JsonResponse({"ok": True})


@require_safe
@needs(Permission.SEE_OPERATIONS)
def operations(request: HttpRequest) -> HttpResponse:
    """The state of the installation."""
    now = timezone.now()
    services = [Part(name="web", condition=Condition.ANSWERS), *(_database(role) for role in (Role.APP, Role.READER))]
    last, coming = last_and_next_run()
    return page(
        request,
        "operations/status.html",
        {
            "now": now,
            "services": services,
            "queues": [_queue(state, now=now) for state in queue_states()],
            "last": last,
            "next": coming,
        },
    )


def _database(role: Role) -> Part:
    """Whether the database answers for one of this process's roles."""
    try:
        with connections[role.value].cursor() as cursor:
            cursor.execute("SELECT 1")
            answered = cursor.fetchone() == (1,)
    except DatabaseError:
        answered = False
    return Part(name=f"database_{role.value}", condition=Condition.ANSWERS if answered else Condition.SILENT)


def _queue(state: QueueState, *, now: datetime) -> Part:
    if state.unsent_since is not None and now - state.unsent_since > SOON:
        condition, since = Condition.STUCK, state.unsent_since  # the outbox does not send
    elif state.waits_since is None:
        condition, since = Condition.IDLE, None
    elif now - state.waits_since > SOON:
        condition, since = Condition.WAITS, state.waits_since
    else:
        condition, since = Condition.WORKS, state.waits_since
    return Part(name=f"queue_{state.queue}", condition=condition, since=since, last_done=state.last_done)
