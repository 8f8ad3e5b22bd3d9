"""Two people let a third in anew: never one, never oneself, and every house that the person works in takes part."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from buvett.access import resets
from buvett.access.errors import MembershipRefused, NotAllowed, NotHere
from buvett.access.memberships import hats_of
from buvett.access.models import Reset
from buvett.access.roles import Role
from buvett.accounts import invitations
from buvett.accounts.models import User
from tests import people
from tests.second_factors import PASSWORD
from tests.unit.buvett.access.test_members import refusal, told

TODAY = timezone.localdate()


def hat(municipality, role=Role.LOCAL_LEADER):
    return hats_of(people.worker(municipality, role, signed=False).pk, on=TODAY)[0]


@pytest.fixture
def lost(municipality):
    """A case worker who has lost the phone."""
    person = people.user(password=PASSWORD)
    people.give_role(person, Role.CASE_WORKER, municipality)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "mista"})
    return person


def ask(by, person):
    return resets.ask(by, code=by.code, user=person.pk, on=TODAY)


def untouched(person):
    found = User.objects.get(pk=person.pk)
    return found.has_usable_password() and Authenticator.objects.filter(user=found).exists()


def test_first_asks_and_nothing_changes(municipality, lost):
    outcome = ask(hat(municipality), lost)

    assert outcome.link is None
    assert untouched(lost)
    assert told(municipality)[-1] == "reset_asked"


@pytest.mark.parametrize("second", [Role.LOCAL_LEADER, Role.CHIEF_EXECUTIVE])
def test_second_confirms_and_everything_ends_but_the_link(municipality, lost, second):
    client = people.browser(lost)
    ask(hat(municipality), lost)

    outcome = ask(hat(municipality, second), lost)

    assert invitations.waiting(invitations.hashed(outcome.link.token), now=timezone.now()).user == lost
    assert not User.objects.get(pk=lost.pk).has_usable_password()
    assert not Authenticator.objects.filter(user=lost).exists()
    assert client.get("/role/").status_code == 302
    assert told(municipality)[-2:] == ["reset_asked", "reset_done"]


def test_one_person_is_never_two(municipality, lost):
    first = hat(municipality)
    ask(first, lost)

    assert refusal(lambda: ask(first, lost)) == "twice"
    other_hat = people.give_role(User.objects.get(pk=first.user), Role.CHIEF_EXECUTIVE, municipality)
    assert refusal(lambda: ask(other_hat, lost)) == "twice"
    assert untouched(lost)


def test_nobody_takes_part_in_the_own(municipality):
    own = hat(municipality)
    person = User.objects.get(pk=own.user)
    ask(hat(municipality, Role.CHIEF_EXECUTIVE), person)

    assert refusal(lambda: ask(own, person)) == "own"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LOCAL_LEADER, Role.CHIEF_EXECUTIVE}))
def test_other_roles_have_no_part(municipality, lost, role):
    with pytest.raises(NotAllowed):
        ask(hat(municipality, role), lost)


def test_two_of_a_neighbour_have_no_part(neighbour, lost):
    for _ in range(2):
        with pytest.raises(NotHere):
            ask(hat(neighbour), lost)
    assert untouched(lost)


def test_every_house_of_the_person_takes_part(municipality, neighbour, lost):
    people.give_role(lost, Role.CASE_WORKER, neighbour)
    assert ask(hat(municipality), lost).waits_for == {neighbour.pk}
    assert ask(hat(municipality, Role.CHIEF_EXECUTIVE), lost).link is None
    assert untouched(lost)

    assert ask(hat(neighbour), lost).link is not None
    assert told(neighbour) == ["reset_asked", "reset_asked", "reset_done"]


def test_person_of_the_region_is_let_in_by_two_of_any_houses(municipality, neighbour):
    person = people.user(password=PASSWORD)
    people.give_role(person, Role.PROJECT_LEADER)

    assert ask(hat(municipality), person).link is None
    assert ask(hat(neighbour), person).link is not None


def test_what_was_asked_runs_out(municipality, lost):
    ask(hat(municipality), lost)
    Reset.objects.filter(user=lost).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert ask(hat(municipality, Role.CHIEF_EXECUTIVE), lost).link is None
    assert untouched(lost)


def test_done_reset_is_not_done_again(municipality, lost):
    ask(hat(municipality), lost)
    ask(hat(municipality, Role.CHIEF_EXECUTIVE), lost)

    assert ask(hat(municipality), lost).link is None  # a new one, that waits for a second person


def test_console_is_a_second_person_and_never_the_first(municipality, lost):
    with pytest.raises(NotHere):
        resets.confirm_at_console(lost, on=TODAY)
    ask(hat(municipality), lost)

    assert resets.confirm_at_console(lost, on=TODAY).link is not None


def test_console_does_not_stand_for_another_house(municipality, neighbour, lost):
    people.give_role(lost, Role.CASE_WORKER, neighbour)
    ask(hat(municipality), lost)

    assert resets.confirm_at_console(lost, on=TODAY).link is None
    with pytest.raises(MembershipRefused):
        resets.confirm_at_console(lost, on=TODAY)
    assert untouched(lost)


def test_demo_person_is_not_reset(municipality):
    person = people.user(demo=True)
    people.give_role(person, Role.CASE_WORKER, municipality)

    assert refusal(lambda: ask(hat(municipality), person)) == "demo"


def test_ended_role_gives_no_part(municipality, lost):
    lost.memberships.update(ended_at=timezone.now())

    with pytest.raises(NotHere):
        ask(hat(municipality), lost)
