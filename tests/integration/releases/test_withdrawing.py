"""A project leader asks for a release to be withdrawn; the publisher does it; everyone reads why."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connections, transaction
from django.utils import timezone

from buvett.access.errors import NotAllowed
from buvett.access.memberships import Hat
from buvett.access.roles import REGIONAL
from buvett.access.roles import Role as Named
from buvett.console import push_works
from buvett.console.requests import Request, WorkRefused
from buvett.releases import outbox
from buvett.releases.errors import NoRelease, NotToDecide, Obstacle, PeriodUsed, WrongState
from buvett.releases.lock import lock
from buvett.releases.models import LedgerEntry, Planned, Withdrawal
from buvett.releases.publish import publish
from buvett.releases.queries import latest, release, releases
from buvett.releases.runs import run_of
from buvett.releases.tasks import withdraw_task
from buvett.releases.withdraw import ask, withdraw
from tenants.isolation.enums import Role
from tenants.isolation.models import Municipality
from tenants.isolation.regions import region_scope
from tenants.isolation.roles import connected_as
from tests import people as workers
from tests.integration.releases.region import Agreed, agree, people
from tests.unit.buvett.access.test_members import told


@pytest.fixture
def published(make_municipality: Callable[..., Municipality]) -> tuple[Agreed, UUID]:
    """A small region and its published run."""
    agreed = agree(make_municipality, [people(7, 6, 2), people(8, 5, 0), people(6, 9, 1)])
    run = agreed.open()
    agreed.contribute_all(run)
    lock(run)
    publish(run)
    return agreed, run


def hat(role: Named, agreed: Agreed) -> Hat:
    of = agreed.region if role in REGIONAL else None
    return workers.give_role(workers.user(name="Prosjekt Leiarsen"), role, of=of)


def carry_out(run: UUID) -> list[Planned]:
    """What the relay and the publisher's worker do."""
    outbox.plan()
    with connected_as(Role.OUTBOX):
        rows = list(Planned.objects.filter(run=run, kind="withdraw"))
    with connected_as(Role.PUBLISHER):
        for row in rows:
            withdraw_task(str(row.pk))
    return rows


def test_asked_for_then_withdrawn_and_told_why(published: tuple[Agreed, UUID]) -> None:
    agreed, run = published
    (summary,) = releases(agreed.region.slug)
    ask(hat(Named.PROJECT_LEADER, agreed), summary.id, reason=" Feil i Fyresdal. ")
    told = release(summary.id)
    assert told.withdrawal is not None
    assert (told.state, told.withdrawal.reason, told.withdrawal.name) == (
        "published",
        "Feil i Fyresdal.",
        "Prosjekt Leiarsen",
    )

    assert len(carry_out(run)) == 1
    assert release(summary.id).is_withdrawn
    assert latest(agreed.region.slug) is None
    with connected_as(Role.OUTBOX):
        assert not Planned.objects.filter(run=run, done_at=None, kind="withdraw").exists()
    carry_out(run)  # again is nothing
    with connected_as(Role.PUBLISHER):
        assert run_of(run).state == "withdrawn"
        assert LedgerEntry.objects.filter(sha256=summary.sha256).exists()


def test_withdrawn_as_a_whole_the_period_is_used(published: tuple[Agreed, UUID]) -> None:
    agreed, run = published
    withdraw(run, reason="Feil", by="command-line")
    with pytest.raises(PeriodUsed):
        agreed.open(left_out=agreed.members[0].pk)


@pytest.mark.parametrize("role", [Named.INTERMUNICIPAL_MEMBER, Named.OPERATIONS])
def test_others_ask_for_nothing(published: tuple[Agreed, UUID], role: Named) -> None:
    (summary,) = releases(published[0].region.slug)
    with pytest.raises(NotAllowed):
        ask(hat(role, published[0]), summary.id, reason="x")
    assert release(summary.id).withdrawal is None


def test_a_withdrawal_has_a_reason_and_is_asked_for_once(published: tuple[Agreed, UUID]) -> None:
    (summary,) = releases(published[0].region.slug)
    leader = hat(Named.PROJECT_LEADER, published[0])
    with pytest.raises(NotToDecide) as bare:
        ask(leader, summary.id, reason=" ")
    ask(leader, summary.id, reason="x")
    with pytest.raises(NotToDecide) as twice:
        ask(leader, summary.id, reason="y")
    with pytest.raises(NoRelease):
        ask(leader, uuid4(), reason="x")
    assert (bare.value.why, twice.value.why) == (Obstacle.NO_REMARK, Obstacle.NOT_OPEN)


def test_a_project_leader_of_another_region_finds_nothing_to_withdraw(published: tuple[Agreed, UUID]) -> None:
    agreed, run = published
    (summary,) = releases(agreed.region.slug)
    other = workers.give_role(workers.user(name="Framand"), Named.PROJECT_LEADER)
    own = hat(Named.PROJECT_LEADER, agreed)
    assert other.region is not None
    with pytest.raises(NoRelease):
        ask(other, summary.id, reason="x")
    browser = workers.browser(workers.User.objects.get(pk=other.user))
    path = f"/release/{summary.id}/withdraw/"
    assert browser.get(path).status_code == browser.post(path, {"reason": "x"}).status_code == 404
    assert path not in browser.get(f"/region/{agreed.region.slug}/releases/").content.decode()
    for region, by, named in (
        (other.region, other.user, other.user),
        (agreed.region.pk, own.user, other.user),  # in another's name
    ):
        with pytest.raises(DatabaseError, match="row-level security"), region_scope(region, by=by):
            Withdrawal.objects.create(
                run_id=run, reason="x", asked_by=str(named), asked_by_name="x", asked_at=timezone.now()
            )
    assert release(summary.id).withdrawal is None


def test_a_withdrawal_is_in_the_log_of_each_municipality_of_the_region(
    published: tuple[Agreed, UUID], make_municipality: Callable[..., Municipality]
) -> None:
    agreed, _ = published
    outside = make_municipality("Utanfor")
    (summary,) = releases(agreed.region.slug)
    ask(hat(Named.PROJECT_LEADER, agreed), summary.id, reason="x")
    assert [told(member).count("withdrawal_asked") for member in (*agreed.members, outside)] == [1, 1, 1, 0]


def test_nothing_is_withdrawn_before_it_is_published(make_municipality: Callable[..., Municipality]) -> None:
    agreed = agree(make_municipality, [people(7, 6, 2), people(8, 5, 0), people(6, 9, 1)])
    run = agreed.open()
    agreed.contribute_all(run)
    lock(run)
    with pytest.raises(WrongState):
        withdraw(run, reason="x")
    with pytest.raises(IntegrityError, match="nothing to withdraw"), transaction.atomic(using="app"):
        Withdrawal.objects.create(run_id=run, reason="x", asked_by="x", asked_by_name="x", asked_at=timezone.now())


def asked_for_a_member(run: UUID, member: Municipality, *, role: Role) -> None:
    with connected_as(role), transaction.atomic(using=role.value):
        Withdrawal.objects.create(
            run_id=run, for_member=member, reason="x", asked_by="x", asked_by_name="x", asked_at=timezone.now()
        )


def test_web_asks_for_nothing_for_a_members_sake(published: tuple[Agreed, UUID]) -> None:
    agreed, run = published
    with pytest.raises(IntegrityError, match="as a whole"):
        asked_for_a_member(run, agreed.members[0], role=Role.APP)
    asked_for_a_member(run, agreed.members[0], role=Role.PUBLISHER)


def test_web_asks_for_nothing_of_a_locked_run(make_municipality: Callable[..., Municipality]) -> None:
    agreed = agree(make_municipality, [people(7, 6, 2), people(8, 5, 0), people(6, 9, 1)])
    run = agreed.open()
    agreed.contribute_all(run)
    lock(run)
    with pytest.raises(IntegrityError, match="as a whole"):
        asked_for_a_member(run, agreed.members[0], role=Role.APP)
    asked_for_a_member(run, agreed.members[0], role=Role.PUBLISHER)


@pytest.mark.parametrize("role", [Role.APP, Role.PUBLISHER, Role.READER, Role.OUTBOX])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET reason = 'y'"])
def test_a_withdrawal_is_never_changed(installation: object, role: Role, change: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connected_as(role),
        transaction.atomic(using=role.value),
        connections[role.value].cursor() as cursor,
    ):
        cursor.execute(change.format("releases_withdrawal"))


def test_command_withdraws_the_newest_release(published: tuple[Agreed, UUID]) -> None:
    agreed, run = published

    def say(**options: object) -> dict[str, object]:
        return push_works.withdraw(Request(options={"region": agreed.region.slug, **options}, content=b""))

    for options, why in (
        ({"reason": " "}, "with a reason"),
        ({"reason": "x", "municipality": "nope"}, "no municipality"),
    ):
        with pytest.raises(WorkRefused, match=why):
            say(**options)
    assert say(reason="Feil", municipality=agreed.members[0].code) == {"line": f"withdrawn {agreed.programme.id} 2026"}
    (summary,) = releases(agreed.region.slug)
    assert summary.withdrawal is not None
    assert (summary.is_withdrawn, summary.withdrawal.reason) == (True, "Feil")
    with pytest.raises(WorkRefused, match="no release"):
        say(reason="x")
    with connected_as(Role.PUBLISHER):
        assert run_of(run).withdrawn_by_id == agreed.members[0].pk
