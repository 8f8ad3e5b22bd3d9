"""The lock: fixes who is in the release. Nothing that depends on a contribution's content is computed before it."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from buvett.agreements.enums import Missing
from buvett.agreements.queries import missing
from buvett.releases.errors import Waits, WrongState
from buvett.releases.models import Contribution, Delivery, Lock, Planned, Run
from buvett.releases.runs import hold, members_of, run_of
from buvett.releases.states import State, check_may_move
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as

# What only the contributor can know, and has told; the papers are looked at again here.
TOLD = (Missing.HEIMEL, Missing.FACTS, Missing.KEY)


def lock(run: UUID, *, planned: UUID | None = None) -> None:
    """Lock the run's contributors, once; a run that is locked already stays as it is.

    Due at the cut-off, or as soon as every member has contributed: no contribution can be added then, so waiting
    would change nothing. Raises WrongState before that. Raises Waits, naming who waits for what, while a member
    lacks a paper or a legal basis, and when nobody has contributed at all. A member that lacks nothing and has not
    delivered at the cut-off is left out, and the release says so.
    """
    with connected_as(Role.PUBLISHER), transaction.atomic(using=Role.PUBLISHER.value, durable=True):
        hold(run)
        found = run_of(run)
        if found.state == State.OPEN:
            _lock(found)
        if planned is not None:
            Planned.objects.filter(pk=planned, done_at=None).update(done_at=timezone.now())


def _lock(run: Run) -> None:
    now = timezone.now()
    members = {member.pk: member.code for member in members_of(run, on=timezone.localdate())}
    rows = Contribution.objects.filter(run=run, municipality__in=list(members))
    delivered = {row.municipality_id: row for row in rows}
    lacking = waiting_for(run, delivered={pk: row.prepared_by for pk, row in delivered.items()})
    if lacking:
        raise Waits(lacking)
    if now < run.cut_off and len(delivered) < len(members):
        raise WrongState("lock: before the cut-off, and not everyone has contributed")
    if not delivered:
        raise Waits({code: ["contribution"] for code in members.values()})
    contributors = [{"municipality": members[pk], "sha256": row.sha256} for pk, row in delivered.items()]
    contributors.sort(key=lambda entry: entry["municipality"])
    check_may_move(State(run.state), State.LOCKED, verb="lock")
    Lock.objects.create(run=run, contributors=contributors, locked_at=now)
    run.state = State.LOCKED
    run.save(update_fields=["state"])


def waiting_for(run: Run, *, delivered: dict[UUID, str]) -> dict[str, tuple[Missing, ...]]:
    """Code → what each member lacks now, for those that lack something. ``delivered``: member → who prepared it."""
    today = timezone.localdate()
    rows = Delivery.objects.filter(run=run)
    told = {row.municipality_id: row.waiting_for for row in rows}
    # Approved by a decision on these very numbers: there is nothing left to run out.
    once = {row.municipality_id for row in rows if row.approved_once}
    found = {}
    for member in members_of(run, on=today):
        lacks = missing(run.agreement, member.pk, on=today, prepared_by=delivered.get(member.pk))
        if member.pk in delivered and member.pk in once:
            lacks = tuple(what for what in lacks if what is not Missing.APPROVAL)
        if member.pk not in delivered:
            lacks += tuple(what for what in TOLD if what in told.get(member.pk, "").split())
        if lacks:
            found[member.code] = lacks
    return found
