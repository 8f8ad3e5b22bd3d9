"""P3: access to cases is given by the own leader, to people of the own house; nobody gives it to themself but the one
whose task it is, and the log names it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connections
from django.utils import timezone

from buvett.access import handing
from buvett.access.errors import NotHere
from buvett.access.holders import cases_of, granting_room
from buvett.access.memberships import hats_of
from buvett.access.models import CaseUserObjectPermission, Membership
from buvett.access.roles import LOCAL, Role
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tests import people
from tests.attacks.test_p3_gates import actions

TODAY = timezone.localdate()
PAGES = ("", "nobody/", "{user}/", "case/{case}/")


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def other_house(neighbour):
    people.adopt_heimel(neighbour)
    return neighbour


def grants(house):
    """(whose, which case) of every grant in the house."""
    with scope(house.pk, by="test", purpose=Purpose.SAK):
        return set(CaseUserObjectPermission.objects.values_list("user", "content_object_id"))


def sent(to, **changed):
    return {"verb": "give", "person": str(to), "to": str(to), "which": "all", "expected": "0" * 64, **changed}


def tries(client, house, *, user, case, to):
    """The status of every page that is read, and of every form that is sent."""
    base = f"/municipality/{house.code}/access/"
    paths = [base + path.format(user=user, case=case) for path in PAGES]
    return [client.get(path).status_code for path in paths], [
        client.post(path, sent(to)).status_code for path in paths[1:]
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LOCAL_LEADER}))
def test_nobody_but_a_leader_gives_themself_a_case(house, role):
    (case,) = people.register(house, names=["Ada"], to=people.worker(house))
    person = people.user()
    people.give_role(person, role, house if role in LOCAL else None)
    people.sign(person, house, on=TODAY)
    before = grants(house)

    read, written = tries(people.browser(person), house, user=person.pk, case=case, to=person.pk)

    assert {*read, *written} == {403 if role in LOCAL else 404}
    assert grants(house) == before


def test_leader_who_has_left_gives_nothing(house):
    (case,) = people.register(house, names=["Ada"], to=people.worker(house))
    leader = people.worker(house, Role.LOCAL_LEADER)
    client = people.browser(leader)
    before = grants(house)

    Membership.objects.filter(user=leader).update(ended_at=timezone.now())

    read, written = tries(client, house, user=leader.pk, case=case, to=leader.pk)
    assert {*read, *written} == {404}
    assert grants(house) == before


def test_leader_without_a_declaration_reads_and_signs_first(house):
    (case,) = people.register(house, names=["Ada"], to=people.worker(house))
    leader = people.worker(house, Role.LOCAL_LEADER, signed=False)
    before = grants(house)

    read, written = tries(people.browser(leader), house, user=leader.pk, case=case, to=leader.pk)

    assert set(read) == {302}
    assert set(written) <= {302, 422}  # a form that is refused asks for the declaration when it is shown
    assert grants(house) == before


def test_leader_of_a_neighbour_finds_nothing_and_learns_nothing(house, other_house):
    worker = people.worker(house)
    (case,) = people.register(house, names=["Ada"], to=worker)
    leader = people.worker(other_house, Role.LOCAL_LEADER)
    client = people.browser(leader)
    before, told = grants(house), len(actions(house))

    read, written = tries(client, house, user=worker.pk, case=case, to=leader.pk)
    # The own address with the neighbour's person and case.
    for path in (f"{worker.pk}/", f"{uuid4()}/", f"case/{case}/", f"case/{uuid4()}/"):
        own = f"/municipality/{other_house.code}/access/{path}"
        read.append(client.get(own).status_code)
        written.append(client.post(own, sent(leader.pk)).status_code)
    found = client.get(f"/municipality/{other_house.code}/access/", {"case": str(case)})

    assert set(read) == {404}
    assert set(written) <= {404, 409, 422}
    assert (found.status_code, str(worker.name) in found.content.decode()) == (422, False)
    assert (grants(house), grants(other_house)) == (before, set())
    assert len(actions(house)) == told


def test_case_is_not_given_out_of_the_house(house, other_house):
    worker, leader = people.worker(house), people.worker(house, Role.LOCAL_LEADER)
    (case,) = people.register(house, names=["Ada"], to=worker)
    (hat,) = hats_of(leader.pk, on=TODAY)
    client = people.browser(leader)
    before = grants(house)
    with granting_room(hat, code=house.code, on=TODAY):
        expected = cases_of(worker.pk, on=TODAY).fingerprint
    base = f"/municipality/{house.code}/access/"

    for outsider in (people.worker(other_house), people.worker(other_house, Role.LOCAL_LEADER), people.user()):
        all_of_them = client.post(f"{base}{worker.pk}/", sent(outsider.pk, expected=expected))
        one = client.post(f"{base}case/{case}/", sent(outsider.pk))
        assert (all_of_them.status_code, one.status_code) == (422, 404)
        assert outsider.name not in all_of_them.content.decode()

    assert (grants(house), grants(other_house)) == (before, set())


def test_neighbours_case_is_not_given_under_the_own_list(house, other_house):
    leader = people.worker(house, Role.LOCAL_LEADER)
    worker = people.worker(house)
    people.register(house, names=["Ada"], to=worker)
    (foreign,) = people.register(other_house, names=["Bo"])
    (hat,) = hats_of(leader.pk, on=TODAY)

    with pytest.raises(NotHere):
        handing.settle_case(hat, code=house.code, case=foreign, person=worker.pk, has=True, on=TODAY)
    assert all(case != foreign for _, case in grants(house))


@pytest.mark.parametrize("lies_in", ["house", "other_house"])
def test_row_security_refuses_a_grant_on_a_neighbours_case(house, other_house, lies_in):
    worker = people.worker(house)
    (foreign,) = people.register(other_house, names=["Bo"])
    municipality = {"house": house, "other_house": other_house}[lies_in].pk
    statement = (
        "INSERT INTO access_caseuserobjectpermission (id, municipality_id, user_id, permission_id, content_object_id)"
        " SELECT %s, %s, %s, id, %s FROM auth_permission WHERE codename = 'open_case'"
    )

    # In the own house the composite key refuses it, in the neighbour's row security.
    expected = (IntegrityError, "same_municipa") if lies_in == "house" else (DatabaseError, "row-level security")
    with (
        scope(house.pk, by=worker.pk, purpose=Purpose.SAK),
        connections["app"].cursor() as cursor,
        pytest.raises(expected[0], match=expected[1]),
    ):
        cursor.execute(statement, [uuid4(), municipality, worker.pk, foreign])


def test_row_security_hides_and_keeps_a_neighbours_grants(house, other_house):
    worker = people.worker(other_house)
    people.register(other_house, names=["Bo"], to=worker)
    before = grants(other_house)

    with scope(house.pk, by=worker.pk, purpose=Purpose.SAK):
        assert CaseUserObjectPermission.objects.filter(user=worker).delete()[0] == 0

    assert grants(other_house) == before


def test_cases_that_a_leader_takes_are_in_the_log_by_name(house):
    (case,) = people.register(house, names=["Ada"], to=people.worker(house))
    leader = people.worker(house, Role.LOCAL_LEADER)
    people.browser(leader).post(f"/municipality/{house.code}/access/case/{case}/", sent(leader.pk))
    officer = people.browser(people.worker(house, Role.DATA_PROTECTION_OFFICER, signed=False))

    log = officer.get(f"/municipality/{house.code}/log/", {"show": "all", "case": str(case)[:8]}).content.decode()

    assert "gav tilgang til saker" in log
    assert f": {leader.name}" in log


def test_role_given_anew_opens_nothing_old(house):
    person, leader = people.worker(house), people.worker(house, Role.LOCAL_LEADER)
    (case,) = people.register(house, names=["Ada"], to=person)
    client = people.browser(leader)
    Membership.objects.filter(user=person).update(valid_to=people.days_ago(1))
    dates = {"since": TODAY.isoformat(), "until": (TODAY + timedelta(days=30)).isoformat()}

    answer = client.post(
        f"/municipality/{house.code}/people/new/",
        {"name": person.name, "email": person.email, "role": Role.CASE_WORKER.value, **dates},
    )

    assert answer.status_code in (200, 302)
    assert hats_of(person.pk, on=TODAY)
    assert grants(house) == set()
    assert people.browser(person).get(f"/municipality/{house.code}/cases/{case}/").status_code == 404
