"""Who has which cases: numbers, references, what nobody has. Against a slow obvious count."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buvett.access import holders
from buvett.access.errors import DeclarationNeeded, NoBasis, NotAllowed, NotHere
from buvett.access.holders import granting_room, holders_of
from buvett.access.memberships import hats_of
from buvett.access.models import CaseUserObjectPermission, Membership
from buvett.access.roles import LOCAL, Role
from buvett.accounts.models import User
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal.models import Heimel
from tenants.vault import salts
from tests import people

TODAY = timezone.localdate()


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def leader(house):
    return hat_of(people.worker(house, Role.LOCAL_LEADER))


def hat_of(user):
    (hat,) = hats_of(user.pk, on=TODAY)
    return hat


def gone(house, *, name="Slutta"):
    """Someone whose role ran out yesterday."""
    person = people.user(name=name)
    people.give_role(person, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    return person


def seen(leader):
    with granting_room(leader, code=leader.code, on=TODAY):
        return holders_of(leader, on=TODAY)


def held(leader, of):
    with granting_room(leader, code=leader.code, on=TODAY):
        return holders.cases_of(of, on=TODAY).ids


def numbers(leader):
    found = seen(leader)
    return {holder.user: (holder.cases, holder.alone) for holder in (*found.here, *found.gone)} | {None: found.nobody}


def test_numbers_of_each_and_of_nobody(house, leader):
    ada, bo, cecilie = people.worker(house), people.worker(house), gone(house)
    mine = people.register(house, names=["Ein", "To", "Tre"], to=ada)
    people.grant(house, mine[0], to=bo)
    people.register(house, names=["Fire", "Fem"], to=cecilie)
    people.grant(house, mine[1], to=cecilie)
    (lying,) = people.register(house, names=["Seks"])

    assert numbers(leader) == {leader.user: (0, 0), ada.pk: (3, 2), bo.pk: (1, 0), cecilie.pk: (3, 2), None: 3}
    assert seen(leader).cases == 6
    assert set(held(leader, None)) == {*held(leader, cecilie.pk), lying} - {mine[1]}
    assert set(held(leader, ada.pk)) == set(mine)


@pytest.mark.parametrize("change", [{"valid_to": people.days_ago(1)}, {"ended_at": timezone.now()}])
def test_case_is_with_nobody_when_the_role_has_run_out_or_ended(house, leader, change):
    worker = people.worker(house)
    cases = people.register(house, names=["Ein"], to=worker)
    assert held(leader, None) == ()

    Membership.objects.filter(user=worker).update(**change)

    assert held(leader, None) == cases
    assert [holder.user for holder in seen(leader).gone] == [worker.pk]


def test_case_of_someone_whose_role_begins_tomorrow_is_with_nobody(house, leader):
    person = people.user()
    people.give_role(person, Role.CASE_WORKER, house, valid_from=TODAY + timedelta(days=1))

    cases = people.register(house, names=["Ein"], to=person)

    assert held(leader, None) == cases


def test_case_of_someone_shut_out_is_with_nobody(house, leader):
    worker = people.worker(house)
    cases = people.register(house, names=["Ein"], to=worker)
    User.objects.filter(pk=worker.pk).update(is_active=False)

    assert held(leader, None) == cases


@pytest.mark.parametrize("role", [Role.USER_REPRESENTATIVE, Role.CHIEF_EXECUTIVE, Role.DATA_PROTECTION_OFFICER])
def test_grant_of_a_role_that_sees_no_case_is_nobodys(house, leader, role):
    person = people.worker(house, role)
    cases = people.register(house, names=["Ein"], to=person)

    assert held(leader, None) == cases
    assert person.pk not in {holder.user for holder in seen(leader).here}


def test_person_without_a_declaration_has_their_cases_and_the_list_says_it(house, leader):
    worker = people.worker(house, signed=False)
    people.register(house, names=["Ein"], to=worker)

    found = seen(leader)

    assert (found.nobody, found.of(worker.pk).declared, found.of(leader.user).declared) == (0, False, True)


def test_person_with_two_roles_is_one_line(house, leader):
    worker = people.worker(house)
    people.give_role(worker, Role.LOCAL_LEADER, house)

    assert seen(leader).of(worker.pk).roles == (Role.CASE_WORKER, Role.LOCAL_LEADER)
    assert len(seen(leader).here) == 2


def test_shredded_case_is_no_case(house, leader):
    ein, to = people.register(house, names=["Ein", "To"])
    with scope(house.pk, by="register", purpose=Purpose.SAK):
        salts.shred(ein)

    assert (held(leader, None), seen(leader).cases) == ((to,), 1)
    with granting_room(leader, code=leader.code, on=TODAY), pytest.raises(NotHere):
        holders.holding(ein)


def test_neighbours_people_and_cases_are_not_counted(house, leader, neighbour):
    people.adopt_heimel(neighbour)
    people.register(neighbour, names=["Framand"], to=people.worker(neighbour))
    people.register(neighbour, names=["Ingen"])

    assert numbers(leader) == {leader.user: (0, 0), None: 0}


def test_names_of_others_who_have_it_or_had_it(house, leader):
    ada, bo = people.worker(house), people.worker(house)
    User.objects.filter(pk=bo.pk).update(name="Bo")
    cecilie = gone(house, name="Cecilie")
    (case,) = people.register(house, names=["Ein"], to=ada)
    people.grant(house, case, to=bo)
    people.grant(house, case, to=cecilie)
    (lying,) = people.register(house, names=["To"], to=cecilie)

    def others(of):
        with granting_room(leader, code=leader.code, on=TODAY):
            rows = holders.cases_of(of, on=TODAY).rows
            return {each.id: each.others for each in holders.told(rows, of=of, on=TODAY)}

    assert others(ada.pk) == {case: ("Bo",)}
    assert others(None) == {lying: ("Cecilie",)}
    assert others(cecilie.pk) == {case: ("Bo", ada.name), lying: ()}


def test_case_is_found_by_its_reference(house, leader):
    cases = people.register(house, names=["Ein", "To"])
    with granting_room(leader, code=leader.code, on=TODAY):
        for case in cases:
            for text in (str(case)[:8], f" {str(case)[:8].upper()} ", str(case)):
                assert holders.cases_by_reference(text) == (case,)
        for text in ("", "abc", "xyz12345", str(uuid4()), "0" * 33, "%", "1a2b3c4d'"):
            assert holders.cases_by_reference(text) == ()


def test_reference_of_a_neighbours_case_finds_nothing(house, leader, neighbour):
    (case,) = people.register(neighbour, names=["Framand"])

    with granting_room(leader, code=leader.code, on=TODAY):
        assert holders.cases_by_reference(str(case)[:8]) == ()


def test_room_is_closed_without_right_declaration_or_basis(house, leader, neighbour):
    def enter(hat, code=house.code):
        with granting_room(hat, code=code, on=TODAY):
            pass

    with pytest.raises(NotHere):
        enter(leader, neighbour.code)
    with pytest.raises(NotHere):
        enter(None)
    for role in (LOCAL | {Role.INTERMUNICIPAL_MEMBER}) - {Role.LOCAL_LEADER}:
        person = people.user()
        hat = people.give_role(person, role, house)
        people.sign(person, house, on=TODAY)
        with pytest.raises(NotAllowed):
            enter(hat)
    with pytest.raises(DeclarationNeeded):
        enter(hat_of(people.worker(house, Role.LOCAL_LEADER, signed=False)))
    with scope(house.pk, by="set-up", purpose=Purpose.SAK):
        Heimel.objects.filter(purpose=Purpose.SAK).update(valid_to=people.days_ago(1))
    with pytest.raises(NoBasis):
        enter(leader)


@given(st.lists(st.sets(st.integers(0, 3)), max_size=7), st.sets(st.integers(0, 3)))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_are_those_of_a_count_by_hand(make_municipality, given_to, ended):
    """``given_to``: who has each case; ``ended``: whose role has run out."""
    house = make_municipality()
    people.adopt_heimel(house)
    leader = hat_of(people.worker(house, Role.LOCAL_LEADER))
    staff = [gone(house) if number in ended else people.worker(house) for number in range(4)]
    cases = people.register(house, names=[f"N{number}" for number in range(len(given_to))]) if given_to else ()
    for case, who in zip(cases, given_to, strict=True):
        for number in who:
            people.grant(house, case, to=staff[number])

    here = set(range(4)) - ended
    expected = {leader.user: (0, 0), None: sum(not who & here for who in given_to)}
    for number, person in enumerate(staff):
        mine = [who for who in given_to if number in who]
        if number in here or mine:
            expected[person.pk] = (len(mine), sum(not (who & here) - {number} for who in mine))
    assert numbers(leader) == expected
    with scope(house.pk, by="test", purpose=Purpose.SAK):
        assert CaseUserObjectPermission.objects.count() == sum(map(len, given_to))
