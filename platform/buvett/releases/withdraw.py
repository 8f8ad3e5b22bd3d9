"""A release is taken back after the lock: that ends the period's run (one shot, rule e)."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from buvett.access.account_log import told_in
from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import check_can
from buvett.access.regions import houses_of_region
from buvett.accounts.models import User
from buvett.agreements.models import Region
from buvett.releases import keys, queries
from buvett.releases.errors import NoRelease, NotToDecide, Obstacle, WrongState
from buvett.releases.models import Planned, Release, Run, Withdrawal
from buvett.releases.queries import ReleaseDetail
from buvett.releases.runs import hold, run_of
from buvett.releases.states import State, check_may_move
from tenants.audit.enums import Action
from tenants.isolation.enums import Role
from tenants.isolation.models import Municipality
from tenants.isolation.regions import region_scope
from tenants.isolation.roles import connected_as

AFTER = {State.LOCKED: State.REFUSED, State.PUBLISHED: State.WITHDRAWN}
LONGEST = 2000


def ask(hat: Hat | None, release: UUID, *, reason: str) -> None:
    """Ask, as the project leader, for a published release to be withdrawn; the publisher's worker does it.

    An act of the region, told in the log of each of its municipalities; every reader of the release sees who, when and
    why (decisions 0072, 0091).

    Raises NotAllowed, NoRelease, and NotToDecide without a reason or when it is not published (any more).
    """
    found = own_release(hat, release)
    assert hat is not None  # noqa: S101 - no hat, no right
    assert hat.region is not None  # noqa: S101 - without one there is no such release
    reason = reason.strip()[:LONGEST]
    if not reason:
        raise NotToDecide(Obstacle.NO_REMARK)
    if found.is_withdrawn or found.withdrawal is not None:
        raise NotToDecide(Obstacle.NOT_OPEN)
    name = User.objects.values_list("name", flat=True).get(pk=hat.user)
    houses = houses_of_region(hat.region, on=timezone.localdate())
    details = {"release": str(release), "sha256": found.sha256}
    with (
        told_in(houses, Action.WITHDRAWAL_ASKED, by=hat.user, details=details),
        region_scope(hat.region, by=hat.user),
    ):
        _, made = Withdrawal.objects.get_or_create(
            run_id=found.run,
            defaults={
                "reason": reason,
                "asked_by": str(hat.user),
                "asked_by_name": name,
                "asked_at": timezone.now(),
            },
        )
        if not made:
            raise NotToDecide(Obstacle.NOT_OPEN)


def own_release(hat: Hat | None, release: UUID) -> ReleaseDetail:
    """A release of the region that the hat works in, for whoever may withdraw it. Raises NotAllowed, NoRelease."""
    check_can(hat, Permission.WITHDRAW_RELEASE)
    found = queries.release(release)
    if not is_own_region(hat, found.region):
        raise NoRelease("there is no such release in the region of the role that is on")
    return found


def is_own_region(hat: Hat | None, slug: str) -> bool:
    """Whether the hat's role names the region with that slug."""
    return hat is not None and Region.objects.filter(pk=hat.region, slug=slug).exists()


def withdraw(
    run: UUID, municipality: UUID | None = None, *, reason: str = "", by: str = "", planned: UUID | None = None
) -> None:
    """End the run: refused if nothing was published yet, else withdrawn. Runs as the publisher.

    ``municipality``: the contributor for whose sake; the period may then have one more run, without it. Without one
    the release is withdrawn as a whole. ``reason`` is kept for the readers, unless one was given when it was asked for.

    What was published stays in the ledger: the attacker of every later release plays against it. Raises WrongState
    before the lock (revoke the approval instead), after another withdrawal, and for who is not in the release.
    """
    with connected_as(Role.PUBLISHER):
        with transaction.atomic(using=Role.PUBLISHER.value, durable=True):
            hold(run)
            found = run_of(run)
            if planned is not None:
                Planned.objects.filter(pk=planned, done_at=None).update(done_at=timezone.now())
            before = State(found.state)
            check_may_move(before, AFTER.get(before, before), verb="withdraw")
            if municipality is not None:
                _check_contributed(found, municipality)
            elif before is not State.PUBLISHED:
                raise WrongState("only a published release is withdrawn as a whole")
            if reason and not Withdrawal.objects.filter(run=found).exists():
                Withdrawal.objects.create(
                    run=found,
                    for_member_id=municipality,
                    reason=reason[:LONGEST],
                    asked_by=by,
                    asked_by_name=by,
                    asked_at=timezone.now(),
                )
            Run.objects.filter(pk=run).update(state=AFTER[before], withdrawn_by=municipality)
            Release.objects.filter(run=found).update(state=Release.State.WITHDRAWN)
        keys.forget_run(found.agreement.region_id, run)


def as_planned(planned: Planned) -> None:
    """Carry out what was asked for; nothing is left to do when it is withdrawn already."""
    with connected_as(Role.PUBLISHER):
        asked = Withdrawal.objects.get(run=planned.run_id)
        if State(run_of(planned.run_id).state) in AFTER:
            withdraw(planned.run_id, asked.for_member_id, planned=planned.pk)
        else:
            Planned.objects.filter(pk=planned.pk, done_at=None).update(done_at=timezone.now())


def _check_contributed(run: Run, municipality: UUID) -> None:
    code = Municipality.objects.get(pk=municipality).code
    if code not in {entry["municipality"] for entry in run.lock.contributors}:
        raise WrongState(f"{code} is not in this release")
