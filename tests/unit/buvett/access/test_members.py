"""A local leader invites, dates, changes and ends memberships: of the own house, never the own, always told."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from buvett.access import founding, members, people, resets
from buvett.access.errors import MembershipRefused, NotAllowed, NotHere
from buvett.access.members import Wanted
from buvett.access.memberships import hats_of
from buvett.access.models import Membership
from buvett.access.roles import GIVEN_BY_LEADER, LOCAL, Role
from buvett.accounts import invitations
from buvett.accounts.errors import InvitationRefused
from buvett.accounts.models import Invitation, User
from tenants.audit.models import Entry
from tenants.isolation.enums import Purpose
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal import declarations
from tests import people as made
from tests.second_factors import PASSWORD

TODAY = timezone.localdate()
YEAR = timedelta(days=365)


@pytest.fixture
def leader(municipality):
    """The hat of a local leader who has signed."""
    return hats_of(made.worker(municipality, Role.LOCAL_LEADER).pk, on=TODAY)[0]


@pytest.fixture
def other_leader(neighbour):
    return hats_of(made.worker(neighbour, Role.LOCAL_LEADER).pk, on=TODAY)[0]


def wanted(role=Role.CASE_WORKER, since=TODAY, until=TODAY + YEAR, region=None):
    return Wanted(role=role, since=since, until=until, region=region)


def invite(hat, email=None, **changed):
    """(the person, the link) of an invitation."""
    email = email or f"{uuid4().hex}@example.invalid"
    link = members.invite(hat, code=hat.code, email=email, name="Ny Person", wanted=wanted(**changed), on=TODAY)
    return User.objects.get(email=email.lower()), link


def refusal(call):
    with pytest.raises(MembershipRefused) as caught:
        call()
    return caught.value.why


def told(municipality):
    """The municipality's log: actions, oldest first."""
    with connected_as(DatabaseRole.BACKUP):
        rows = list(Entry.objects.filter(municipality=municipality).order_by("recorded_at", "id"))
    return [json.loads(row.entry)["action"] for row in rows]


def test_invited_person_has_the_role_and_a_link(leader, municipality):
    person, link = invite(leader)

    (hat,) = hats_of(person.pk, on=TODAY)
    assert (hat.role, hat.municipality) == (Role.CASE_WORKER, municipality.pk)
    assert not person.has_usable_password()
    assert invitations.waiting(invitations.hashed(link.token), now=timezone.now()).user == person
    assert told(municipality)[-2:] == ["membership_given", "person_invited"]


def test_link_is_kept_as_a_hash_only(leader):
    _, link = invite(leader)

    kept = repr(list(Invitation.objects.values()))
    assert link.token not in kept
    assert invitations.hashed(link.token) in kept


def test_role_that_begins_later_is_off_until_then(leader):
    person, _ = invite(leader, since=TODAY + timedelta(days=3))

    assert hats_of(person.pk, on=TODAY + timedelta(days=2)) == ()
    assert len(hats_of(person.pk, on=TODAY + timedelta(days=3))) == 1
    assert hats_of(person.pk, on=TODAY + YEAR + timedelta(days=1)) == ()


@pytest.mark.parametrize("role", sorted(set(Role) - set(GIVEN_BY_LEADER)))
def test_role_of_the_region_is_not_given(leader, role):
    assert refusal(lambda: invite(leader, role=role)) == "role"


@pytest.mark.parametrize(
    "dates",
    [
        {"since": TODAY - timedelta(days=1)},
        {"until": TODAY - timedelta(days=1)},
        {"since": TODAY + timedelta(days=9), "until": TODAY + timedelta(days=8)},
        {"until": TODAY + timedelta(days=800)},
    ],
)
def test_dates_that_cannot_be(leader, dates):
    assert refusal(lambda: invite(leader, **dates)) == "dates"


def test_refused_invitation_leaves_nothing(leader, municipality):
    before, count = told(municipality), User.objects.count()
    refusal(lambda: invite(leader, role=Role.OPERATIONS))

    assert (told(municipality), User.objects.count()) == (before, count)


def test_leader_gives_the_own_person_nothing(leader):
    own = User.objects.get(pk=leader.user)

    assert refusal(lambda: invite(leader, email=own.email.upper(), role=Role.DATA_PROTECTION_OFFICER)) == "own"
    assert len(hats_of(own.pk, on=TODAY)) == 1


def test_leader_lengthens_and_ends_the_own_role_not(leader):
    for call in (
        lambda: members.change(leader, code=leader.code, membership=leader.membership, until=TODAY + YEAR, on=TODAY),
        lambda: members.end(leader, code=leader.code, membership=leader.membership, on=TODAY),
        lambda: members.invite_again(leader, code=leader.code, membership=leader.membership, on=TODAY),
        lambda: resets.ask(leader, code=leader.code, user=leader.user, on=TODAY),
    ):
        assert refusal(call) == "own"
    assert hats_of(leader.user, on=TODAY)[0] == leader


@pytest.mark.parametrize("role", sorted((LOCAL | {Role.INTERMUNICIPAL_MEMBER}) - {Role.LOCAL_LEADER}))
def test_nobody_else_touches_memberships(municipality, leader, role):
    person, _ = invite(leader)
    membership = person.memberships.get().pk
    user = made.user()
    hat = made.give_role(user, role, municipality)

    for call in (
        lambda: invite(hat),
        lambda: members.change(hat, code=hat.code, membership=membership, until=TODAY, on=TODAY),
        lambda: members.end(hat, code=hat.code, membership=membership, on=TODAY),
        lambda: members.invite_again(hat, code=hat.code, membership=membership, on=TODAY),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_neighbours_leader_finds_nothing(leader, other_leader, municipality):
    person, _ = invite(leader)
    membership = person.memberships.get().pk

    for code in (leader.code, other_leader.code):
        for call in (
            lambda code=code: members.change(other_leader, code=code, membership=membership, until=TODAY, on=TODAY),
            lambda code=code: members.end(other_leader, code=code, membership=membership, on=TODAY),
            lambda code=code: resets.ask(other_leader, code=code, user=person.pk, on=TODAY),
        ):
            with pytest.raises(NotHere):
                call()
    with pytest.raises(NotHere):
        members.invite(other_leader, code=leader.code, email="a@example.invalid", name="A", wanted=wanted(), on=TODAY)


def test_same_role_twice_is_refused(leader):
    person, _ = invite(leader)

    assert refusal(lambda: invite(leader, email=person.email)) == "already"
    assert invite(leader, email=person.email, role=Role.USER_REPRESENTATIVE)[0] == person


def test_demo_person_is_given_nothing(leader):
    assert refusal(lambda: invite(leader, email=made.user(demo=True).email)) == "demo"


def test_person_with_a_password_gets_the_role_and_no_link(leader):
    person = made.user(password=PASSWORD)

    assert invite(leader, email=person.email)[1] is None
    assert len(hats_of(person.pk, on=TODAY)) == 1


def test_neighbour_makes_no_link_for_someone_another_house_invited(leader, other_leader):
    """It would open the other house's door."""
    person, link = invite(leader)

    assert invite(other_leader, email=person.email)[1] is None
    theirs = person.memberships.get(municipality=other_leader.house).pk
    assert (
        refusal(lambda: members.invite_again(other_leader, code=other_leader.code, membership=theirs, on=TODAY))
        == "signs_in"
    )
    assert invitations.waiting(invitations.hashed(link.token), now=timezone.now()).user == person


def test_new_link_ends_the_earlier_one(leader):
    person, first = invite(leader)
    again = members.invite_again(leader, code=leader.code, membership=person.memberships.get().pk, on=TODAY)

    with pytest.raises(InvitationRefused):
        invitations.waiting(invitations.hashed(first.token), now=timezone.now())
    assert invitations.waiting(invitations.hashed(again.token), now=timezone.now()).user == person


def test_last_day_is_changed_and_told(leader, municipality):
    person, _ = invite(leader)
    membership = person.memberships.get()

    members.change(leader, code=leader.code, membership=membership.pk, until=TODAY, on=TODAY)

    membership.refresh_from_db()
    assert membership.valid_to == TODAY
    assert told(municipality)[-1] == "membership_changed"
    for until in (TODAY - timedelta(days=1), TODAY + timedelta(days=800)):
        assert (
            refusal(
                lambda until=until: members.change(
                    leader, code=leader.code, membership=membership.pk, until=until, on=TODAY
                )
            )
            == "dates"
        )


def test_ended_membership_is_out_at_once(leader, municipality):
    person = made.worker(municipality)
    client = made.browser(person)
    path = f"/municipality/{municipality.code}/declaration/"
    assert client.get(path).status_code == 200

    members.end(leader, code=leader.code, membership=person.memberships.get().pk, on=TODAY)

    assert client.get(path).status_code == 404
    assert hats_of(person.pk, on=TODAY) == ()
    assert told(municipality)[-1] == "membership_ended" or told(municipality)[-2] == "membership_ended"


def test_whoever_comes_back_signs_anew(leader, municipality):
    person = made.worker(municipality)
    members.end(leader, code=leader.code, membership=person.memberships.get().pk, on=TODAY)
    invite(leader, email=person.email)

    with scope(municipality.pk, by=person.pk, purpose=Purpose.KONTROLL):
        assert not declarations.has_valid(person.pk, on=TODAY)
        declarations.sign(person.pk, language="nn", on=TODAY)
        assert declarations.has_valid(person.pk, on=TODAY)


def test_one_of_two_roles_ended_leaves_declaration_and_the_other(leader, municipality):
    person = made.worker(municipality)
    made.give_role(person, Role.USER_REPRESENTATIVE, municipality)
    ended = person.memberships.get(role=Role.USER_REPRESENTATIVE.value)

    members.end(leader, code=leader.code, membership=ended.pk, on=TODAY)

    assert [hat.role for hat in hats_of(person.pk, on=TODAY)] == [Role.CASE_WORKER]
    with scope(municipality.pk, by=person.pk, purpose=Purpose.KONTROLL):
        assert declarations.has_valid(person.pk, on=TODAY)


def test_ended_membership_is_not_there_to_be_changed(leader):
    person, _ = invite(leader)
    membership = person.memberships.get().pk
    members.end(leader, code=leader.code, membership=membership, on=TODAY)

    with pytest.raises(NotHere):
        members.change(leader, code=leader.code, membership=membership, until=TODAY + YEAR, on=TODAY)


def test_people_page_tells_how_each_stands(leader, municipality):
    ending, _ = invite(leader, until=TODAY + timedelta(days=10))
    signed = made.worker(municipality)

    found = {member.user: member for member in people.people_of(leader, code=leader.code, on=TODAY).members}

    assert (found[ending.pk].ends_soon, found[ending.pk].declared_until) == (True, None)
    assert found[ending.pk].invited_until is not None
    assert found[signed.pk].declared_until == TODAY + YEAR
    assert (found[signed.pk].second_factor, found[signed.pk].own) == (False, False)
    assert found[leader.user].own


def test_people_of_a_neighbour_are_not_listed(leader, neighbour):
    theirs = made.worker(neighbour)
    found = people.people_of(leader, code=leader.code, on=TODAY)

    assert theirs.pk not in {member.user for member in (*found.members, *found.of_region)}


def found(municipality=None, email=None, **changed):
    email = email or f"{uuid4().hex}@example.invalid"
    changed.setdefault("role", Role.LOCAL_LEADER if municipality else Role.OPERATIONS)
    link = founding.found(
        email=email, name="Fyrste Person", municipality=municipality, wanted=wanted(**changed), on=TODAY
    )
    return User.objects.get(email=email), link


def test_console_makes_the_first_leader(municipality):
    person, link = found(municipality)

    (hat,) = hats_of(person.pk, on=TODAY)
    assert (hat.role, hat.code) == (Role.LOCAL_LEADER, municipality.code)
    assert invitations.waiting(invitations.hashed(link.token), now=timezone.now()).user == person
    assert told(municipality) == ["membership_given"]


def test_console_makes_another_link_while_the_first_was_not_used(municipality):
    person, first = found(municipality)
    _, second = found(municipality, email=person.email)

    assert Membership.objects.filter(user=person).count() == 1
    with pytest.raises(InvitationRefused):
        invitations.waiting(invitations.hashed(first.token), now=timezone.now())
    assert invitations.waiting(invitations.hashed(second.token), now=timezone.now()).user == person


def test_console_makes_no_second_leader_where_one_signs_in(municipality):
    first = made.user(password=PASSWORD)
    made.give_role(first, Role.LOCAL_LEADER, municipality)

    assert refusal(lambda: found(municipality)) == "has_leader"
    Membership.objects.filter(user=first).update(ended_at=timezone.now())
    assert found(municipality)[1]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LOCAL_LEADER}))
def test_console_gives_no_other_role_in_a_municipality(municipality, role):
    assert refusal(lambda: found(municipality, role=role)) == "role"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PROJECT_LEADER, Role.OPERATIONS}))
def test_console_gives_no_other_role_in_the_region(installation, role):
    assert refusal(lambda: found(role=role)) == "role"


def test_role_of_the_installation_is_told_in_every_log(municipality, neighbour):
    found()

    assert told(municipality) == told(neighbour) == ["membership_given"]


def test_role_of_a_region_is_told_in_the_logs_of_that_region(municipality, neighbour):
    region = made.region(municipality)

    person, _ = found(role=Role.PROJECT_LEADER, region=region.pk)

    (hat,) = hats_of(person.pk, on=TODAY)
    assert (hat.region, hat.municipality, hat.name) == (region.pk, None, region.name)
    assert (told(municipality), told(neighbour)) == (["membership_given"], [])


@pytest.mark.parametrize(("role", "named"), [(Role.PROJECT_LEADER, False), (Role.OPERATIONS, True)])
def test_console_names_a_region_for_a_role_of_one_and_for_no_other(municipality, role, named):
    region = made.region(municipality).pk if named else None

    assert refusal(lambda: found(role=role, region=region)) == "region"


def test_member_of_the_group_works_in_the_region_of_the_house(leader, municipality):
    region = made.region(municipality)

    person, _ = invite(leader, role=Role.INTERMUNICIPAL_MEMBER)

    (hat,) = hats_of(person.pk, on=TODAY)
    assert (hat.region, hat.municipality) == (region.pk, municipality.pk)


def test_leader_of_a_house_in_no_region_sends_nobody_to_a_group(leader):
    assert refusal(lambda: invite(leader, role=Role.INTERMUNICIPAL_MEMBER)) == "region"


def test_leader_of_a_house_in_two_regions_says_which_and_only_of_the_own(leader, municipality, neighbour):
    first, second = made.region(municipality), made.region(municipality)
    foreign = made.region(neighbour)

    for region in (None, foreign.pk, uuid4()):
        assert refusal(lambda: invite(leader, role=Role.INTERMUNICIPAL_MEMBER, region=region)) == "region"  # noqa: B023
    for region in (first.pk, second.pk):
        person, _ = invite(leader, role=Role.INTERMUNICIPAL_MEMBER, region=region)
        assert [hat.region for hat in hats_of(person.pk, on=TODAY)] == [region]


def test_leader_of_a_house_in_two_regions_chooses_on_the_page(municipality):
    first, second = made.region(municipality, name="Fyrste region"), made.region(municipality, name="Andre region")
    client = made.browser(made.worker(municipality, Role.LOCAL_LEADER))
    path, email = f"/municipality/{municipality.code}/people/new/", f"{uuid4().hex}@example.invalid"
    form = {"name": "Ny Person", "email": email, "role": "intermunicipal_member"}
    form |= {"since": str(TODAY), "until": str(TODAY + YEAR)}

    assert client.get(path).content.decode().count(" region</option>") == 2
    assert client.post(path, form).status_code == 422
    assert client.post(path, form | {"region": str(second.pk)}).status_code == 200
    assert [hat.region for hat in hats_of(User.objects.get(email=email).pk, on=TODAY)] == [second.pk]
    assert first.pk != second.pk


def test_role_of_the_house_names_no_region(leader, municipality):
    region = made.region(municipality)

    person, _ = invite(leader, region=region.pk)

    assert [hat.region for hat in hats_of(person.pk, on=TODAY)] == [None]


def test_people_of_another_region_are_not_listed(leader, municipality, neighbour):
    ours, theirs, runs_it = made.user(), made.user(), made.user()
    made.give_role(ours, Role.PROJECT_LEADER, of=made.region(municipality))
    made.give_role(theirs, Role.PROJECT_LEADER, of=made.region(neighbour))
    made.give_role(runs_it, Role.OPERATIONS)

    listed = {member.user for member in people.people_of(leader, code=leader.code, on=TODAY).of_region}

    assert {ours.pk, runs_it.pk} <= listed
    assert theirs.pk not in listed


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("place", ["nothing", "municipality", "region", "both"])
def test_membership_names_its_place_in_the_database(municipality, role, place):
    fits = {
        Role.PROJECT_LEADER: {"region"},
        Role.INTERMUNICIPAL_MEMBER: {"region", "both"},
        Role.OPERATIONS: {"nothing"},
    }.get(role, {"municipality"})
    of = made.region() if place in {"region", "both"} else None
    given = {
        "user": made.user(),
        "municipality": municipality if place in {"municipality", "both"} else None,
        "region": of,
        "role": role.value,
        "valid_from": TODAY,
    }
    if place in fits:
        assert Membership.objects.create(**given)
    else:
        with pytest.raises(IntegrityError):
            Membership.objects.create(**given)


def test_console_opens_no_account_that_has_a_password_or_another_role(municipality, leader):
    assert refusal(lambda: found(email=made.user(password=PASSWORD).email)) == "signs_in"
    invited, _ = invite(leader)
    assert refusal(lambda: found(email=invited.email)) == "already"
