"""Membership, declaration, legal basis, grant, log: each missing one closes the case. On the real database."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from buvett.access import grants
from buvett.access.case_lists import listed
from buvett.access.cases import case_room, opened
from buvett.access.errors import DeclarationNeeded, NoBasis, NotAllowed, NotHere
from buvett.access.memberships import hats_of
from buvett.access.models import CaseUserObjectPermission
from buvett.access.roles import Role
from buvett.accounts.models import User
from buvett.releases.own_counts import own_counts
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal.models import Declaration, Heimel
from tenants.register.models import Case
from tests import people

TODAY = timezone.localdate()


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def worker(house):
    return people.worker(house)


def hat_of(user):
    (hat,) = hats_of(user.pk, on=TODAY)
    return hat


def names(user, house):
    with case_room(user, hat_of(user), code=house.code, on=TODAY):
        return [case.name for case in listed(user)]


def open_case(user, house, case):
    with case_room(user, hat_of(user), code=house.code, on=TODAY, case=case):
        return opened(user, case, on=TODAY)


def test_list_shows_the_granted_cases_in_norwegian_order(house, worker):
    people.register(house, names=["Åse", "Ada", "Ørjan", "Ægir", "Per"], to=worker)
    people.register(house, names=["Ikkje Min"])

    assert names(worker, house) == [f"{name} Oppdikta" for name in ("Ada", "Per", "Ægir", "Ørjan", "Åse")]


def test_opened_case_gives_all_three_envelopes_and_its_legal_bases(house, worker):
    (case,) = people.register(house, names=["Ada"], to=worker)

    found = open_case(worker, house, case)

    assert (found.name, found.identity["phone"]) == ("Ada Oppdikta", "00000000")
    assert found.assessment["situation"] == "MELL_VEN"
    assert found.notes == {"text": "Noko oppdikta."}
    assert {basis.purpose for basis in found.bases} == {"SAK"}


def test_representation_of_a_case_tells_nothing(house, worker):
    (case,) = people.register(house, names=["Ada"], to=worker)

    assert "Ada" not in repr(open_case(worker, house, case))


def test_case_without_a_grant_is_not_here(house, worker):
    (case,) = people.register(house, names=["Ada"])

    with pytest.raises(NotHere):
        open_case(worker, house, case)


def test_case_that_never_was_is_not_here(house, worker):
    with pytest.raises(NotHere):
        open_case(worker, house, uuid4())


def test_case_of_a_neighbour_is_not_here_even_with_a_grant_of_the_same_id(house, worker, neighbour):
    people.adopt_heimel(neighbour)
    (case,) = people.register(neighbour, names=["Ada"])

    # A grant may point at a case of its own municipality only.
    with scope(house.pk, by=worker.pk, purpose=Purpose.SAK), pytest.raises(IntegrityError):
        grants.give_new([case], to=worker, by=worker)
    with pytest.raises(NotHere):
        open_case(worker, house, case)


def test_taken_grant_closes_the_case(house, worker):
    leader = people.worker(house, Role.LOCAL_LEADER)
    (case,) = people.register(house, names=["Ada"], to=worker)

    with scope(house.pk, by=leader.pk, purpose=Purpose.SAK):
        grants.take(Case.objects.get(pk=case), to=worker, by=leader)

    with pytest.raises(NotHere):
        open_case(worker, house, case)


def test_grant_given_twice_is_one(house, worker):
    leader = people.worker(house, Role.LOCAL_LEADER)
    (identifier,) = people.register(house, names=["Ada"])

    with scope(house.pk, by=leader.pk, purpose=Purpose.SAK):
        case = Case.objects.get(pk=identifier)
        grants.give(case, to=worker, by=leader)
        grants.give(case, to=worker, by=leader)
        grants.give_new([identifier], to=worker, by=leader)
        assert CaseUserObjectPermission.objects.filter(content_object=case).count() == 1

    assert names(worker, house) == ["Ada Oppdikta"]


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.USER_REPRESENTATIVE, Role.DATA_PROTECTION_OFFICER])
def test_only_a_leader_gives_grants(house, worker, role):
    other = people.worker(house, role)
    (case,) = people.register(house, names=["Ada"])

    with scope(house.pk, by=other.pk, purpose=Purpose.SAK), pytest.raises(NotAllowed):
        grants.give(Case.objects.get(pk=case), to=worker, by=other)


def test_grant_to_someone_without_a_role_here_refused(house, neighbour):
    leader, stranger = people.worker(house, Role.LOCAL_LEADER), people.worker(neighbour)
    (case,) = people.register(house, names=["Ada"])

    with scope(house.pk, by=leader.pk, purpose=Purpose.SAK), pytest.raises(NotAllowed):
        grants.give(Case.objects.get(pk=case), to=stranger, by=leader)


def test_without_a_declaration_the_person_signs_first(house):
    worker = people.worker(house, signed=False)

    with pytest.raises(DeclarationNeeded):
        names(worker, house)


def test_declaration_run_out_is_none(house):
    worker = people.worker(house, signed=False)
    people.sign(worker, house, on=people.days_ago(366))

    with pytest.raises(DeclarationNeeded):
        names(worker, house)


def test_declaration_on_its_last_day_is_one(house):
    worker = people.worker(house, signed=False)
    people.sign(worker, house, on=people.days_ago(365))

    assert names(worker, house) == []


@pytest.mark.parametrize("change", [{"text_version": "2020-1"}, {"revoked_on": TODAY}])
def test_declaration_of_an_earlier_text_or_revoked_is_none(house, worker, change):
    with scope(house.pk, by=worker.pk, purpose=Purpose.KONTROLL):
        Declaration.objects.filter(user=worker.pk).update(**change)

    with pytest.raises(DeclarationNeeded):
        names(worker, house)


def test_declaration_of_another_municipality_is_none(house, neighbour):
    worker = people.worker(house, signed=False)
    people.sign(worker, neighbour, on=TODAY)

    with pytest.raises(DeclarationNeeded):
        names(worker, house)


def test_case_without_a_grant_is_not_here_before_a_declaration_is_asked_for(house):
    worker = people.worker(house, signed=False)
    (case,) = people.register(house, names=["Ada"])

    with pytest.raises(NotHere):
        open_case(worker, house, case)


def test_without_a_live_legal_basis_nothing_is_shown(house, worker):
    (case,) = people.register(house, names=["Ada"], to=worker)
    with scope(house.pk, by="set-up", purpose=Purpose.SAK):
        Heimel.objects.filter(purpose="SAK").update(valid_to=TODAY - timedelta(days=1))

    with pytest.raises(NoBasis):
        open_case(worker, house, case)


def test_legal_basis_that_ends_today_still_holds(house, worker):
    with scope(house.pk, by="set-up", purpose=Purpose.SAK):
        Heimel.objects.filter(purpose="SAK").update(valid_to=TODAY)

    assert names(worker, house) == []


@pytest.mark.parametrize(
    ("dates", "live"),
    [
        ({"valid_from": TODAY}, True),
        ({"valid_from": TODAY + timedelta(days=1)}, False),
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - timedelta(days=1)}, False),
    ],
)
def test_membership_holds_on_its_days(house, dates, live):
    user = people.user()
    people.give_role(user, Role.CASE_WORKER, house, **dates)

    assert bool(hats_of(user.pk, on=TODAY)) is live


def test_own_counts_are_the_leaders(house, worker):
    leader = people.worker(house, Role.LOCAL_LEADER)
    people.register(house, names=["Ada", "Bo"], to=worker)

    found = own_counts(hat_of(leader), code=house.code, on=TODAY)

    assert (found.countable, found.by_support) == (2, {"3": 2})
    with pytest.raises(NotAllowed):
        own_counts(hat_of(worker), code=house.code, on=TODAY)
    with pytest.raises(NotHere):
        own_counts(hat_of(leader), code="9999", on=TODAY)


def test_own_counts_need_a_declaration_and_a_basis_for_the_overview(house):
    unsigned = people.worker(house, Role.LOCAL_LEADER, signed=False)
    with pytest.raises(DeclarationNeeded):
        own_counts(hat_of(unsigned), code=house.code, on=TODAY)

    leader = people.worker(house, Role.LOCAL_LEADER)
    with scope(house.pk, by="set-up", purpose=Purpose.SAK):
        Heimel.objects.filter(purpose="OVERSIKT").update(valid_to=TODAY - timedelta(days=1))
    with pytest.raises(NoBasis):
        own_counts(hat_of(leader), code=house.code, on=TODAY)


def test_nobody_is_superuser(house):
    with pytest.raises(IntegrityError):
        User.objects.create(email="above@example.invalid", name="Over", is_superuser=True)


def test_superuser_in_memory_is_given_no_case(house, worker):
    people.register(house, names=["Ada"])
    worker.is_superuser = True

    assert names(worker, house) == []
