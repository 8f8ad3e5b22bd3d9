"""P4: what leaves is what a named person has seen and approved, and never the person who prepared it."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connections
from django.utils import timezone

from buvett.access.memberships import Hat, hats_of
from buvett.access.models import Membership
from buvett.access.roles import Role as Named
from buvett.agreements.enums import Missing
from buvett.agreements.models import StandingApproval
from buvett.releases import deciding, keys, preparing, sealing
from buvett.releases.contribute import contribute
from buvett.releases.delivering import see_delivery
from buvett.releases.errors import AlreadyContributed, NotToDecide, Obstacle, Waits
from buvett.releases.models import Contribution, Decision, Preparation
from buvett.releases.runs import binding_of, run_of
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tests import people as workers
from tests.integration.releases.fixtures import small_region
from tests.integration.releases.region import Agreed, people, person, register

__all__ = ["small_region"]
BY = "process:contributor"
TODAY = timezone.localdate()


@pytest.fixture
def run(small_region: Agreed) -> UUID:
    """An open run; nobody has approved anything in advance."""
    with connected_as(Role.OWNER):
        StandingApproval.objects.filter(agreement=small_region.agreement).update(revoked_on=TODAY)
    return small_region.open()


def two_hats(region: Agreed, member: Municipality) -> tuple[Hat, Hat]:
    """One person, case worker and leader of the same municipality."""
    user = region.leaders[member.pk]
    workers.sign(user, member, on=TODAY)
    Membership.objects.create(user=user, municipality=member, role=Named.CASE_WORKER, valid_from=workers.SINCE)
    found = {hat.role: hat for hat in hats_of(user.pk, on=TODAY)}
    return found[Named.CASE_WORKER], found[Named.LOCAL_LEADER]


def prepared(run: UUID, member: Municipality) -> UUID:
    """Numbers that the process has prepared."""
    with pytest.raises(Waits):
        contribute(run, member.pk, by=BY)
    with scope(member.pk, by="test", purpose=Purpose.REGIONAL):
        found = preparing.newest(run)
    assert found is not None
    return found.id


def decide(preparation: UUID, member: Municipality, *, claimed: UUID, by: str, name: str = "Leiar") -> None:
    """A decision by a statement of one's own, in a scope that ``by`` has signed."""
    with scope(member.pk, by=by, purpose=Purpose.REGIONAL):
        Decision.objects.create(
            municipality=member,
            preparation_id=preparation,
            verdict="approved",
            decided_by_id=claimed,
            decided_by_name=name,
            decided_at=timezone.now(),
        )


def sealed_by_hand(run: UUID, member: Municipality, *, by: str, claimed: str = "") -> None:
    """A contribution by a statement of the contributor's role, round the program's checks."""
    with connected_as(Role.CONTRIBUTOR), scope(member.pk, by=by, purpose=Purpose.REGIONAL):
        Contribution.objects.create(
            municipality=member,
            run_id=run,
            sealed=b"x",
            sha256=hashlib.sha256(b"x").hexdigest(),
            prepared_by=claimed or by,
            approved_by="Leiar",
            created_at=timezone.now(),
        )


# Never by whoever prepared.


def test_a_person_with_two_hats_does_not_approve_the_own_numbers(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    worker, leader = two_hats(small_region, member)
    mine = deciding.prepare(worker, run, code=member.code, on=TODAY)
    for act in (
        lambda: deciding.approve(leader, mine.id, run=run, code=member.code, on=TODAY),
        lambda: deciding.give_back(leader, mine.id, remark="x", run=run, code=member.code, on=TODAY),
    ):
        with pytest.raises(NotToDecide) as refused:
            act()
        assert refused.value.why is Obstacle.OWN
    with pytest.raises(Waits):
        contribute(run, member.pk, by=BY)


def test_the_database_refuses_whoever_prepared(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    worker, _ = two_hats(small_region, member)
    mine = deciding.prepare(worker, run, code=member.code, on=TODAY)
    with pytest.raises(IntegrityError, match="never by whoever prepared"):
        decide(mine.id, member, claimed=worker.user, by=str(worker.user))


def test_the_database_believes_the_signed_actor_not_a_column(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    worker, _ = two_hats(small_region, member)
    mine = deciding.prepare(worker, run, code=member.code, on=TODAY)
    other = workers.worker(member, Named.LOCAL_LEADER)
    with pytest.raises(IntegrityError, match="names who makes it"):
        decide(mine.id, member, claimed=other.pk, by=str(worker.user))
    with pytest.raises(IntegrityError, match="names who makes it"):
        decide(mine.id, member, claimed=other.pk, by=str(other.pk), name="  ")
    with (
        pytest.raises(IntegrityError, match="whoever prepares says so"),
        scope(member.pk, by=str(worker.user), purpose=Purpose.REGIONAL),
    ):
        Preparation.objects.create(
            municipality=member, run_id=run, prepared_by=BY, prepared_at=timezone.now(), pieces=b"x"
        )


def test_a_decision_is_dated_by_the_database(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    leader = small_region.leaders[member.pk]
    ready = prepared(run, member)
    before = timezone.now()
    with scope(member.pk, by=str(leader.pk), purpose=Purpose.REGIONAL):
        Decision.objects.create(
            municipality=member,
            preparation_id=ready,
            verdict="approved",
            decided_by=leader,
            decided_by_name="Leiar",
            decided_at=before - timedelta(days=30),
        )
        assert before <= Decision.objects.get(preparation=ready).decided_at <= timezone.now()


def test_the_database_takes_no_contribution_that_nobody_else_approved(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    leader = small_region.leaders[member.pk]
    ready = prepared(run, member)
    with pytest.raises(IntegrityError, match="nobody else has approved it"):
        sealed_by_hand(run, member, by=BY)
    decide(ready, member, claimed=leader.pk, by=str(leader.pk))
    with pytest.raises(IntegrityError, match="nobody else has approved it"):
        sealed_by_hand(run, member, by=str(leader.pk), claimed=BY)
    sealed_by_hand(run, member, by=BY)


def test_a_standing_approval_of_the_actor_is_none(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    leader = str(small_region.leaders[member.pk].pk)
    with pytest.raises(IntegrityError, match="nobody else has approved it"):
        sealed_by_hand(run, member, by=leader, claimed=BY)


def test_a_returned_or_older_preparation_approves_nothing(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    worker, _ = two_hats(small_region, member)
    other = workers.worker(member, Named.LOCAL_LEADER)
    (leader,) = hats_of(other.pk, on=TODAY)
    first = deciding.prepare(worker, run, code=member.code, on=TODAY)
    deciding.approve(leader, first.id, run=run, code=member.code, on=TODAY)
    register(member, people(0, 0, 1))
    second = deciding.prepare(worker, run, code=member.code, on=TODAY)
    with pytest.raises(IntegrityError, match="nobody else has approved it"):
        sealed_by_hand(run, member, by=BY)
    with pytest.raises(IntegrityError, match="nothing to decide"):
        decide(first.id, member, claimed=other.pk, by=str(other.pk))
    deciding.give_back(leader, second.id, remark="Nei", run=run, code=member.code, on=TODAY)
    with pytest.raises(IntegrityError, match="nobody else has approved it"):
        sealed_by_hand(run, member, by=BY)


# What was shown is what leaves.


def test_sealed_bytes_are_the_approved_bytes(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    _, leader = two_hats(small_region, member)
    ready = prepared(run, member)
    deciding.approve(leader, ready, run=run, code=member.code, on=TODAY)
    with scope(member.pk, by="test", purpose=Purpose.REGIONAL):
        shown = preparing.numbers(ready)
    contribute(run, member.pk, by=BY)
    with connected_as(Role.PUBLISHER):
        row = Contribution.objects.select_related("run__agreement").get(run=run, municipality=member)
        private = keys.box().get(keys.period_key(small_region.region.pk, run))
        sent = sealing.open_sealed(bytes(row.sealed), private_key=private, binding=binding_of(row.run, member.pk))
    assert sent == shown


@pytest.mark.parametrize("changed", [1, 7])
def test_a_register_that_changed_after_the_approval_goes_back_to_the_leader(
    small_region: Agreed, run: UUID, changed: int
) -> None:
    member = small_region.members[0]
    _, leader = two_hats(small_region, member)
    ready = prepared(run, member)
    deciding.approve(leader, ready, run=run, code=member.code, on=TODAY)
    register(member, [person(support="3")] * changed)

    stale = see_delivery(leader, run, code=member.code, on=TODAY)
    assert stale.stale
    with pytest.raises(Waits) as waits:
        contribute(run, member.pk, by=BY)
    assert waits.value.missing == {member.code: (Missing.APPROVAL,)}
    with connected_as(Role.PUBLISHER):
        assert not Contribution.objects.filter(run=run).exists()

    anew = see_delivery(leader, run, code=member.code, on=TODAY)
    assert anew.prepared is not None
    assert (anew.prepared.id == ready, anew.to_decide) == (False, True)
    deciding.approve(leader, anew.prepared.id, run=run, code=member.code, on=TODAY)
    contribute(run, member.pk, by=BY)


def test_prepared_numbers_that_were_exchanged_do_not_open(small_region: Agreed, run: UUID) -> None:
    """Bytes of another preparation put under an approved one: they are bound to their record."""
    member = small_region.members[0]
    _, leader = two_hats(small_region, member)
    ready = prepared(run, member)
    deciding.approve(leader, ready, run=run, code=member.code, on=TODAY)
    with connected_as(Role.OWNER), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE releases_preparation NO FORCE ROW LEVEL SECURITY")
        cursor.execute("UPDATE releases_preparation SET pieces = overlay(pieces placing '\\x00' from 200)")
        cursor.execute("ALTER TABLE releases_preparation FORCE ROW LEVEL SECURITY")
    with pytest.raises(Waits):
        contribute(run, member.pk, by=BY)
    with connected_as(Role.PUBLISHER):
        assert not Contribution.objects.filter(run=run).exists()


# One shot: as many looks at the own numbers as one likes, one contribution, nothing of the others.


def test_one_shot_after_many_preparations(small_region: Agreed, run: UUID) -> None:
    member = small_region.members[0]
    worker, _ = two_hats(small_region, member)
    (leader,) = hats_of(workers.worker(member, Named.LOCAL_LEADER).pk, on=TODAY)
    for _ in range(4):
        register(member, people(0, 1))
        last = deciding.prepare(worker, run, code=member.code, on=TODAY)
    deciding.approve(leader, last.id, run=run, code=member.code, on=TODAY)
    contribute(run, member.pk, by=BY)
    register(member, people(0, 1))
    with pytest.raises(NotToDecide):
        deciding.prepare(worker, run, code=member.code, on=TODAY)
    with pytest.raises(AlreadyContributed):
        contribute(run, member.pk, by=BY)


def test_leader_sees_the_same_whatever_the_others_have(
    make_municipality: Callable[..., Municipality], small_region: Agreed, run: UUID
) -> None:
    member, other, _ = small_region.members
    _, leader = two_hats(small_region, member)
    prepared(run, member)
    before = see_delivery(leader, run, code=member.code, on=TODAY)
    register(other, people(50, 3))
    prepared(run, other)
    (theirs,) = hats_of(workers.worker(other, Named.LOCAL_LEADER).pk, on=TODAY)
    seen = see_delivery(theirs, run, code=other.code, on=TODAY)
    assert seen.prepared is not None
    deciding.approve(theirs, seen.prepared.id, run=run, code=other.code, on=TODAY)
    contribute(run, other.pk, by=BY)

    assert see_delivery(leader, run, code=member.code, on=TODAY) == before


# Rights of the roles.


@pytest.mark.parametrize("role", [Role.READER, Role.PUBLISHER, Role.OUTBOX])
@pytest.mark.parametrize("table", ["releases_preparation", "releases_decision"])
def test_no_other_role_reads_them(installation: object, role: Role, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connected_as(role),
        connections[role.value].cursor() as cursor,
    ):
        cursor.execute(f"SELECT * FROM {table}")


@pytest.mark.parametrize("role", [Role.APP, Role.CONTRIBUTOR])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET municipality_id = municipality_id"])
@pytest.mark.parametrize("table", ["releases_preparation", "releases_decision"])
def test_neither_is_changed_or_removed(municipality: Municipality, role: Role, change: str, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connected_as(role),
        scope(municipality.pk, by="x", purpose=Purpose.REGIONAL),
        connections[role.value].cursor() as cursor,
    ):
        cursor.execute(change.format(table))


def test_contributor_decides_nothing_and_reads_no_remark(municipality: Municipality) -> None:
    for statement in (
        "INSERT INTO releases_decision SELECT * FROM releases_decision",
        "SELECT remark FROM releases_decision",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            connected_as(Role.CONTRIBUTOR),
            scope(municipality.pk, by=BY, purpose=Purpose.REGIONAL),
            connections["contributor"].cursor() as cursor,
        ):
            cursor.execute(statement)


def test_another_municipality_sees_and_decides_nothing(small_region: Agreed, run: UUID) -> None:
    member, other, _ = small_region.members
    ready = prepared(run, member)
    leader = small_region.leaders[other.pk]
    with scope(other.pk, by=str(leader.pk), purpose=Purpose.REGIONAL):
        assert not Preparation.objects.filter(pk=ready).exists()
    for house in (other, member):
        with (
            pytest.raises(DatabaseError),
            scope(other.pk, by=str(leader.pk), purpose=Purpose.REGIONAL),
        ):
            Decision.objects.create(
                id=uuid4(),
                municipality=house,
                preparation_id=ready,
                verdict="approved",
                decided_by=leader,
                decided_by_name=leader.name,
                decided_at=timezone.now(),
            )
    assert run_of(run).state == "open"
