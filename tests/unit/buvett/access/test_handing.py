"""Access is given, taken, handed on: whole or not at all, one at a time, every case named in the log."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from buvett.access import founding, grants, handing, members
from buvett.access.errors import HandingRefused, NotHere
from buvett.access.holders import cases_of, fingerprint, granting_room
from buvett.access.members import Wanted
from buvett.access.memberships import hats_of
from buvett.access.models import CaseUserObjectPermission
from buvett.access.roles import Role
from buvett.accounts.models import User
from tenants.audit import reading
from tenants.audit.enums import Action
from tenants.audit.reading import Sought
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tests import people

TODAY = timezone.localdate()
GIVEN, TAKEN = Action.GRANT_GIVEN, Action.GRANT_TAKEN


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def leader(house):
    return hat_of(people.worker(house, Role.LOCAL_LEADER))


@pytest.fixture
def ada(house):
    return people.worker(house)


@pytest.fixture
def bo(house):
    return people.worker(house)


def hat_of(user):
    (hat,) = hats_of(user.pk, on=TODAY)
    return hat


def has(house, user):
    with scope(house.pk, by="test", purpose=Purpose.SAK):
        rows = CaseUserObjectPermission.objects.filter(user=getattr(user, "pk", user))
        return set(rows.values_list("content_object_id", flat=True))


def seen(leader, of):
    with granting_room(leader, code=leader.code, on=TODAY):
        return cases_of(getattr(of, "pk", None), on=TODAY).fingerprint


def hand_on(leader, of, to, **changed):
    asked = {"expected": seen(leader, of), "on": TODAY, **changed}
    return handing.hand_on(leader, code=leader.code, of=getattr(of, "pk", None), to=to.pk, **asked)


def settle(leader, case, person, has):
    return handing.settle_case(leader, code=leader.code, case=case, person=person.pk, has=has, on=TODAY)


def refusal(call):
    with pytest.raises(HandingRefused) as caught:
        call()
    return caught.value.why


def told(house):
    """(action, to whom, the cases that are named) of each entry about access, oldest first."""
    now = timezone.now()
    sought = Sought(since=now - timedelta(hours=1), until=now + timedelta(hours=1), looks_only=False, last=())
    sealed = reading.lines(house.pk, by="test", sought=sought, most=1000)
    with scope(house.pk, by="test", purpose=Purpose.KONTROLL):
        lines = reading.opened(sealed, details={})
    return [
        (line.action, line.about["to"], tuple(line.about["records"]["ids"]))
        for line in reversed(lines)
        if line.action in (GIVEN, TAKEN) and "records" in line.about
    ]


def test_colleague_takes_over_all_cases(house, leader, ada, bo):
    cases = people.register(house, names=["Ein", "To"], to=ada)

    done = hand_on(leader, ada, bo)

    assert (done.given, done.to) == (2, bo.name)
    assert (has(house, ada), has(house, bo)) == (set(), set(cases))
    names = {str(case) for case in cases}
    assert [(action, to, set(ids)) for action, to, ids in told(house)] == [
        (GIVEN, str(bo.pk), names),
        (TAKEN, str(ada.pk), names),
    ]


def test_both_have_them_where_that_is_asked_for(house, leader, ada, bo):
    cases = set(people.register(house, names=["Ein", "To"], to=ada))

    hand_on(leader, ada, bo, keeping=True)

    assert (has(house, ada), has(house, bo)) == (cases, cases)


def test_some_of_the_cases(house, leader, ada, bo):
    first, *others = people.register(house, names=["Ein", "To", "Tre"], to=ada)

    assert hand_on(leader, ada, bo, chosen={first}).given == 1
    assert (has(house, ada), has(house, bo)) == (set(others), {first})


def test_case_that_the_colleague_has_already_is_not_told_as_given(house, leader, ada, bo):
    first, second = people.register(house, names=["Ein", "To"], to=ada)
    people.grant(house, first, to=bo)

    assert hand_on(leader, ada, bo).given == 1
    assert (GIVEN, str(bo.pk), (str(second),)) in told(house)
    assert has(house, bo) == {first, second}


def test_what_nobody_has_goes_on_and_old_grants_end(house, leader, ada):
    one, other = people.user(name="Slutta"), people.user(name="Slutta før")
    for person in (one, other):
        people.give_role(person, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    cases = people.register(house, names=["Ein", "To"], to=one)
    people.grant(house, cases[0], to=other)
    (kept,) = people.register(house, names=["Tre"], to=ada)
    people.grant(house, kept, to=other)

    assert hand_on(leader, None, ada).given == 2
    assert (has(house, ada), has(house, one), has(house, other)) == ({*cases, kept}, set(), {kept})
    assert {(action, to) for action, to, _ in told(house)} == {
        (GIVEN, str(ada.pk)),
        (TAKEN, str(one.pk)),
        (TAKEN, str(other.pk)),
    }


def test_someone_who_has_left_keeps_nothing_whatever_is_asked(house, leader, ada):
    left = people.user()
    people.give_role(left, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    people.register(house, names=["Ein"], to=left)

    hand_on(leader, left, ada, keeping=True)

    assert has(house, left) == set()


def test_leader_takes_cases_over_and_the_log_names_them(house, leader, ada):
    (case,) = people.register(house, names=["Ein"], to=ada)
    own = User.objects.get(pk=leader.user)

    hand_on(leader, ada, own)

    assert has(house, own) == {case}
    assert (GIVEN, str(own.pk), (str(case),)) in told(house)


def test_log_names_each_of_very_many_in_entries_of_a_hundred(house, leader, ada, bo):
    cases = people.register(house, names=[f"N{number}" for number in range(201)], to=ada)

    hand_on(leader, ada, bo)

    given = [ids for action, _, ids in told(house) if action == GIVEN]
    assert sorted(map(len, given)) == [1, 100, 100]
    assert {case for ids in given for case in ids} == {str(case) for case in cases}


def test_list_that_has_changed_is_refused_and_nothing_is_done(house, leader, ada, bo):
    people.register(house, names=["Ein"], to=ada)
    expected = seen(leader, ada)
    people.register(house, names=["To"], to=ada)
    before = has(house, ada)

    for wrong in (expected, "", "0" * 64):
        assert refusal(lambda wrong=wrong: hand_on(leader, ada, bo, expected=wrong)) == "changed"
    assert (has(house, ada), has(house, bo), told(house)) == (before, set(), [])


def test_case_that_is_not_in_the_list_cannot_be_chosen(house, leader, ada, bo, neighbour):
    people.register(house, names=["Ein"], to=ada)
    (other,) = people.register(house, names=["To"], to=bo)
    (foreign,) = people.register(neighbour, names=["Framand"])

    for case in (other, foreign, uuid4()):
        assert refusal(lambda case=case: hand_on(leader, ada, bo, chosen={case})) == "changed"


def test_nothing_chosen_nothing_there_and_the_same_person(house, leader, ada, bo):
    assert refusal(lambda: hand_on(leader, ada, bo)) == "none"
    people.register(house, names=["Ein"], to=ada)
    assert refusal(lambda: hand_on(leader, ada, bo, chosen=set())) == "none"
    assert refusal(lambda: hand_on(leader, ada, ada)) == "same"


def receivers(house, neighbour):
    """People whom nobody here may give a case."""
    ended, later, shut_out = people.user(), people.user(), people.worker(house)
    people.give_role(ended, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    people.give_role(later, Role.CASE_WORKER, house, valid_from=TODAY + timedelta(days=1))
    User.objects.filter(pk=shut_out.pk).update(is_active=False)
    region = people.user()
    people.give_role(region, Role.PROJECT_LEADER)
    without = [people.worker(house, role) for role in (Role.USER_REPRESENTATIVE, Role.CHIEF_EXECUTIVE)]
    return [ended, later, shut_out, region, *without, people.worker(neighbour), people.user(), User(pk=uuid4())]


def test_only_someone_who_works_with_cases_here_today_is_given_any(house, leader, ada, neighbour):
    (case,) = people.register(house, names=["Ein"], to=ada)

    for person in receivers(house, neighbour):
        assert refusal(lambda person=person: hand_on(leader, ada, person)) == "person"
        with pytest.raises((HandingRefused, NotHere)):
            settle(leader, case, person, True)
        assert has(house, person) == set()
    assert has(house, ada) == {case}


def test_person_who_is_nobody_here_has_no_list(house, leader, ada, neighbour):
    stranger = people.worker(neighbour)
    with pytest.raises(NotHere):
        hand_on(leader, stranger, ada, expected=fingerprint([]))


def test_one_case_is_given_and_taken(house, leader, ada, bo):
    (case,) = people.register(house, names=["Ein"], to=ada)

    assert settle(leader, case, bo, True) == bo.name
    assert settle(leader, case, bo, True) == bo.name  # the same again is nothing
    assert has(house, bo) == {case}
    settle(leader, case, ada, False)
    settle(leader, case, ada, False)
    assert has(house, ada) == set()
    assert told(house) == [(GIVEN, str(bo.pk), (str(case),)), (TAKEN, str(ada.pk), (str(case),))]


def test_case_is_not_taken_from_the_last_one(house, leader, ada):
    left = people.user()
    people.give_role(left, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    (case,) = people.register(house, names=["Ein"], to=ada)
    people.grant(house, case, to=left)

    assert refusal(lambda: settle(leader, case, ada, False)) == "last"
    assert has(house, ada) == {case}


def test_case_that_nobody_has_is_given_and_the_old_grant_ends(house, leader, ada):
    left = people.user()
    people.give_role(left, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    (case,) = people.register(house, names=["Ein"], to=left)

    settle(leader, case, ada, True)

    assert (has(house, ada), has(house, left)) == ({case}, set())


def test_case_that_is_none_here_is_not_here(house, leader, ada, neighbour):
    (foreign,) = people.register(neighbour, names=["Framand"])

    for case in (foreign, uuid4()):
        with pytest.raises(NotHere):
            settle(leader, case, ada, True)


def test_no_log_no_access(house, leader, ada, bo, monkeypatch):
    cases = set(people.register(house, names=["Ein"], to=ada))
    expected = seen(leader, ada)

    def fail(*_, **__):
        raise ConnectionError("the log does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(grants, "record_change", fail)
        with pytest.raises(ConnectionError):
            hand_on(leader, ada, bo, expected=expected)

    assert (has(house, ada), has(house, bo)) == (cases, set())


def test_two_who_hand_on_the_same_list_at_once_do_it_once(house, leader, ada, bo):
    other = hat_of(people.worker(house, Role.LOCAL_LEADER))
    cases = set(people.register(house, names=["Ein", "To"], to=ada))
    cecilie, expected, outcomes = people.worker(house), seen(leader, ada), []

    def run(hat, to):
        try:
            outcomes.append(hand_on(hat, ada, to, expected=expected).given)
        except HandingRefused as refused:
            outcomes.append(refused.why)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in ((leader, bo), (other, cecilie))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)) == ["2", "changed"]
    assert {frozenset(has(house, bo)), frozenset(has(house, cecilie))} == {frozenset(), frozenset(cases)}


def again(leader, person, role=Role.CASE_WORKER):
    wanted = Wanted(role=role, since=TODAY, until=TODAY + timedelta(days=30))
    members.invite(leader, code=leader.code, email=person.email, name=person.name, wanted=wanted, on=TODAY)


@pytest.mark.parametrize("how", ["ended today", "run out"])
def test_old_cases_do_not_come_back_with_a_new_role(house, leader, how):
    person = people.user()
    if how == "ended today":
        hat = people.give_role(person, Role.CASE_WORKER, house)
        people.register(house, names=["Ein"], to=person)
        members.end(leader, code=leader.code, membership=hat.membership, on=TODAY)
    else:
        people.give_role(person, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
        people.register(house, names=["Ein"], to=person)
    (case,) = has(house, person)

    again(leader, person)

    people.sign(person, house, on=TODAY)
    assert has(house, person) == set()
    assert told(house) == [(TAKEN, str(person.pk), (str(case),))]
    assert people.browser(person).get(f"/municipality/{house.code}/cases/{case}/").status_code == 404


def test_first_role_at_the_console_brings_no_old_case_back(house):
    person = people.user()
    people.give_role(person, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    people.register(house, names=["Ein"], to=person)
    wanted = Wanted(role=Role.LOCAL_LEADER, since=TODAY, until=TODAY + timedelta(days=30))

    founding.found(email=person.email, name=person.name, municipality=house, wanted=wanted, on=TODAY)

    assert has(house, person) == set()


def test_whoever_goes_from_one_role_to_another_keeps_the_cases(house, leader, ada):
    cases = set(people.register(house, names=["Ein"], to=ada))

    again(leader, ada, Role.LOCAL_LEADER)
    members.end(leader, code=leader.code, membership=hat_with(ada, Role.CASE_WORKER).membership, on=TODAY)

    assert has(house, ada) == cases


def test_role_that_sees_no_case_brings_none_back_later(house, leader):
    person = people.user()
    people.give_role(person, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    people.register(house, names=["Ein"], to=person)

    again(leader, person, Role.USER_REPRESENTATIVE)
    again(leader, person)

    assert has(house, person) == set()


def hat_with(user, role):
    return next(hat for hat in hats_of(user.pk, on=TODAY) if hat.role is role)
