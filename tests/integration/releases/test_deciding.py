"""Prepare, approve, return, and what the leader sees, on the real database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from buvett.access.errors import DeclarationNeeded, NotAllowed, NotHere
from buvett.access.memberships import Hat, hats_of
from buvett.access.roles import Role as Named
from buvett.agreements.enums import Missing
from buvett.agreements.models import StandingApproval
from buvett.releases import deciding, standing
from buvett.releases.contribute import contribute
from buvett.releases.delivering import own_runs, see_delivery, see_preparations
from buvett.releases.errors import NotToDecide, Obstacle, Waits
from buvett.releases.lock import lock
from buvett.releases.models import Contribution, Decision, Delivery, Preparation
from buvett.releases.own_tables import Mark
from buvett.releases.preparing import Verdict
from buvett.releases.queries import run_status
from buvett.releases.runs import run_of
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tests import people as workers
from tests.integration.releases.region import Agreed, person, register

BY = "process:contributor"
TODAY = timezone.localdate()


def without_standing(region: Agreed, member: Municipality) -> None:
    """Nobody has approved in advance."""
    with connected_as(Role.OWNER):
        StandingApproval.objects.filter(agreement=region.agreement, municipality=member).update(revoked_on=TODAY)


def leader(region: Agreed, member: Municipality) -> Hat:
    """The member's leader, who has signed the declaration, with the hat on."""
    user = region.leaders[member.pk]
    workers.sign(user, member, on=TODAY)
    (hat,) = hats_of(user.pk, on=TODAY)
    return hat


def case_worker(member: Municipality) -> Hat:
    (hat,) = hats_of(workers.worker(member).pk, on=TODAY)
    return hat


def wait_for_approval(region: Agreed, run: object, member: Municipality) -> None:
    with pytest.raises(Waits) as waits:
        contribute(run, member.pk, by=BY)  # type: ignore[arg-type]
    assert waits.value.missing == {member.code: (Missing.APPROVAL,)}


def test_numbers_lie_ready_and_leave_when_they_are_approved(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    without_standing(region, member)
    hat = leader(region, member)

    wait_for_approval(region, run, member)
    seen = see_delivery(hat, run, code=member.code, on=TODAY)
    assert seen.prepared is not None
    assert (seen.to_decide, seen.changed, seen.is_own, seen.prepared.prepared_by) == (True, False, False, BY)
    deciding.approve(hat, seen.prepared.id, run=run, code=member.code, on=TODAY)
    contribute(run, member.pk, by=BY)

    after = see_delivery(hat, run, code=member.code, on=TODAY)
    assert after.run.delivered_at is not None
    assert after.run.missing == ()
    assert after.tables == seen.tables
    with connected_as(Role.PUBLISHER):
        assert Contribution.objects.get(run=run).approved_by == region.leaders[member.pk].name


def test_leader_sees_the_agreed_tables_with_what_may_be_shown(region: Agreed) -> None:
    run, member = region.open(), region.members[1]  # 11, 7, 0
    contribute(run, member.pk, by=BY)

    seen = see_delivery(leader(region, member), run, code=member.code, on=TODAY)

    assert [table.id for table in seen.tables] == ["support", "group"]
    support, group = seen.tables
    assert [(cell.key, cell.number, cell.mark) for cell in support.cells] == [
        (("ALL",), 18, Mark.MAY_SHOW),
        (("1",), 11, Mark.MAY_SHOW),
        (("2",), 7, Mark.MAY_SHOW),
        (("3",), 0, Mark.MAY_SHOW),
    ]
    assert {cell.mark for cell in group.cells} == {Mark.SUM_ONLY}
    assert [cell.number for cell in group.cells] == [18, 0, 11]
    assert seen.policy["threshold"] == 5


def test_nothing_is_counted_while_the_leader_has_the_word(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    without_standing(region, member)
    for _ in range(3):
        wait_for_approval(region, run, member)

    with scope(member.pk, by="test", purpose=Purpose.REGIONAL):
        assert Preparation.objects.filter(run=run).count() == 1


def test_return_with_a_remark_waits_for_new_numbers(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    without_standing(region, member)
    hat, worker = leader(region, member), case_worker(member)
    wait_for_approval(region, run, member)
    first = see_delivery(hat, run, code=member.code, on=TODAY).prepared
    assert first is not None

    deciding.give_back(hat, first.id, remark="  Sjekk nivå 3. ", run=run, code=member.code, on=TODAY)
    wait_for_approval(region, run, member)
    told = see_preparations(worker, run, code=member.code, on=TODAY)
    assert (told.remark, told.history[0].verdict, told.may_prepare) == ("Sjekk nivå 3.", Verdict.RETURNED, True)

    register(member, [person(support="3")])
    second = deciding.prepare(worker, run, code=member.code, on=TODAY)
    seen = see_delivery(hat, run, code=member.code, on=TODAY)
    assert (seen.prepared and seen.prepared.id, len(seen.history)) == (second.id, 2)
    deciding.approve(hat, second.id, run=run, code=member.code, on=TODAY)
    contribute(run, member.pk, by=BY)


def test_register_changed_before_the_approval_is_told_and_counted_again(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    without_standing(region, member)
    hat = leader(region, member)
    wait_for_approval(region, run, member)
    register(member, [person(support="3")])

    seen = see_delivery(hat, run, code=member.code, on=TODAY)
    assert seen.prepared is not None
    assert (seen.changed, seen.stale) == (True, False)
    with pytest.raises(NotToDecide) as refused:
        deciding.approve(hat, seen.prepared.id, run=run, code=member.code, on=TODAY)
    assert refused.value.why is Obstacle.CHANGED

    deciding.ask_for_recount(hat, seen.prepared.id, run=run, code=member.code, on=TODAY)
    wait_for_approval(region, run, member)
    anew = see_delivery(hat, run, code=member.code, on=TODAY)
    assert anew.prepared is not None
    assert (anew.to_decide, anew.changed, len(anew.history)) == (True, False, 2)


def test_what_cannot_be_decided_says_why(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    without_standing(region, member)
    hat, worker = leader(region, member), case_worker(member)
    first = deciding.prepare(worker, run, code=member.code, on=TODAY)
    with pytest.raises(NotToDecide) as again:
        deciding.prepare(worker, run, code=member.code, on=TODAY)
    with pytest.raises(NotToDecide) as bare:
        deciding.give_back(hat, first.id, remark=" \n ", run=run, code=member.code, on=TODAY)
    deciding.approve(hat, first.id, run=run, code=member.code, on=TODAY)
    with pytest.raises(NotToDecide) as twice:
        deciding.give_back(hat, first.id, remark="Nei", run=run, code=member.code, on=TODAY)
    contribute(run, member.pk, by=BY)
    with pytest.raises(NotToDecide) as late:
        deciding.prepare(worker, run, code=member.code, on=TODAY)
    register(member, [person(support="9")])

    assert [refused.value.why for refused in (again, bare, twice, late)] == [
        Obstacle.OLDER,
        Obstacle.NO_REMARK,
        Obstacle.OLDER,
        Obstacle.NOT_OPEN,
    ]


def test_facts_without_a_code_are_told_not_shown(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    register(member, [person(support="9")])
    with pytest.raises(NotToDecide) as refused:
        deciding.prepare(case_worker(member), run, code=member.code, on=TODAY)
    seen = see_delivery(leader(region, member), run, code=member.code, on=TODAY)

    assert refused.value.why is Obstacle.FACTS
    assert (seen.countable, seen.tables) == (False, ())


def test_only_the_own_house_and_the_own_role(region: Agreed) -> None:
    run, (mine, other, *_) = region.open(), region.members
    hat, worker = leader(region, mine), case_worker(mine)
    with pytest.raises(NotHere):
        see_delivery(hat, run, code=other.code, on=TODAY)
    with pytest.raises(NotAllowed):
        see_delivery(worker, run, code=mine.code, on=TODAY)
    with pytest.raises(NotAllowed):
        deciding.prepare(hat, run, code=mine.code, on=TODAY)
    (unsigned,) = hats_of(workers.worker(mine, Named.LOCAL_LEADER, signed=False).pk, on=TODAY)
    with pytest.raises(DeclarationNeeded):
        see_delivery(unsigned, run, code=mine.code, on=TODAY)


def test_a_run_of_another_region_is_not_here(region: Agreed, municipality: Municipality) -> None:
    run = region.open()
    workers.adopt_heimel(municipality)
    user = workers.worker(municipality, Named.LOCAL_LEADER)
    (hat,) = hats_of(user.pk, on=TODAY)
    with pytest.raises(NotHere):
        see_delivery(hat, run, code=municipality.code, on=TODAY)
    assert own_runs(municipality.pk) == ()
    assert [found.id for found in own_runs(region.members[0].pk)] == [run]


def test_standing_approval_given_renewed_and_taken_back(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    without_standing(region, member)
    hat, agreement = leader(region, member), region.agreement.pk
    for days in (0, -1, 367):
        with pytest.raises(NotToDecide) as refused:
            standing.give(hat, agreement, code=member.code, on=TODAY, until=TODAY + timedelta(days=days))
        assert refused.value.why is Obstacle.DATES
    standing.give(hat, agreement, code=member.code, on=TODAY, until=TODAY + timedelta(days=9))
    standing.give(hat, agreement, code=member.code, on=TODAY, until=TODAY + timedelta(days=99))
    seen = see_delivery(hat, run, code=member.code, on=TODAY).standing
    assert seen is not None
    assert seen.expires_on == TODAY + timedelta(days=99)

    standing.take_back(hat, agreement, code=member.code, on=TODAY)
    assert see_delivery(hat, run, code=member.code, on=TODAY).standing is None
    wait_for_approval(region, run, member)


def test_an_approval_of_these_numbers_does_not_run_out_before_the_lock(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    without_standing(region, member)
    hat = leader(region, member)
    wait_for_approval(region, run, member)
    prepared = see_delivery(hat, run, code=member.code, on=TODAY).prepared
    assert prepared is not None
    deciding.approve(hat, prepared.id, run=run, code=member.code, on=TODAY)
    region.contribute_all(run)
    with connected_as(Role.READER):
        told = Delivery.objects.get(run=run, municipality=member)
    assert (told.approved_once, told.waiting_for) == (True, "")
    assert run_status(run).members[0].missing == ()
    lock(run)
    with connected_as(Role.PUBLISHER):
        assert run_of(run).state == "locked"


def test_a_fixed_count_is_prepared_by_the_contributor_alone(region: Agreed) -> None:
    first, second = region.members[:2]
    run = region.open()
    region.contribute_all(run)
    lock(run)
    from buvett.releases.withdraw import withdraw

    withdraw(run, first.pk)
    again = region.open(left_out=first.pk)
    without_standing(region, second)
    register(second, [person(support="3")] * 9)
    with pytest.raises(NotToDecide) as refused:
        deciding.prepare(case_worker(second), again, code=second.code, on=TODAY)
    wait_for_approval(region, again, second)
    hat = leader(region, second)
    seen = see_delivery(hat, again, code=second.code, on=TODAY)
    assert refused.value.why is Obstacle.FIXED
    assert seen.prepared is not None
    assert seen.changed is False
    assert seen.tables[0].cells[3].number == 0  # as it was counted
    deciding.approve(hat, seen.prepared.id, run=again, code=second.code, on=TODAY)
    contribute(again, second.pk, by=BY)
    with scope(second.pk, by="test", purpose=Purpose.REGIONAL):
        assert Decision.objects.filter(preparation=seen.prepared.id).count() == 1
