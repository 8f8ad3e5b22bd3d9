"""Two people let a third in anew: never one, never oneself, and every house that the person works in takes part."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, local

import pytest
from allauth.mfa.models import Authenticator
from django.db import connections
from django.utils import timezone

from buvett.access import account_log, members, resets
from buvett.access.errors import MembershipRefused, NotAllowed, NotHere
from buvett.access.memberships import hats_of
from buvett.access.models import Membership, Reset
from buvett.access.roles import LOCAL, Role
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


HAVE_A_PART = {Role.LOCAL_LEADER, Role.CHIEF_EXECUTIVE}


@pytest.mark.parametrize("role", sorted((LOCAL | {Role.INTERMUNICIPAL_MEMBER}) - HAVE_A_PART))
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


@pytest.fixture
def of_region(municipality, neighbour):
    person = people.user(password=PASSWORD)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "mista"})
    people.give_role(person, Role.PROJECT_LEADER, of=people.region(municipality, neighbour))
    return person


def test_person_of_the_region_is_let_in_by_two_houses(municipality, neighbour, of_region):
    assert ask(hat(municipality), of_region).link is None
    assert ask(hat(municipality, Role.CHIEF_EXECUTIVE), of_region).link is None
    assert untouched(of_region)

    assert ask(hat(neighbour), of_region).link is not None


def test_person_of_the_region_is_let_in_by_one_house_and_the_console(municipality, of_region):
    ask(hat(municipality), of_region)

    assert resets.confirm_at_console(of_region, on=TODAY).link is not None


def test_role_in_a_house_does_not_make_one_of_the_region_easier(municipality, neighbour, of_region):
    people.give_role(of_region, Role.CASE_WORKER, municipality)
    ask(hat(municipality), of_region)

    assert ask(hat(municipality, Role.CHIEF_EXECUTIVE), of_region).link is None
    assert untouched(of_region)
    assert ask(hat(neighbour), of_region).link is not None


def colleague(by, role=Role.CHIEF_EXECUTIVE):
    """The hat of someone whom ``by`` has invited."""
    person = people.user()
    wanted = members.Wanted(role=role, since=TODAY, until=TODAY)
    members.invite(by, code=by.code, email=person.email, name="", wanted=wanted, on=TODAY)
    return hats_of(person.pk, on=TODAY)[0]


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.DATA_PROTECTION_OFFICER])
@pytest.mark.parametrize("invited_first", [True, False])
def test_a_leader_and_whom_the_leader_invited_are_not_two(municipality, role, invited_first):
    person = people.user(password=PASSWORD)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "mista"})
    people.give_role(person, role, municipality)
    leader = hat(municipality)
    pair = [leader, colleague(leader)]
    for one in reversed(pair) if invited_first else pair:
        assert ask(one, person).link is None
    assert untouched(person)

    assert ask(hat(municipality, Role.CHIEF_EXECUTIVE), person).link is not None


def test_nor_at_one_remove_nor_two_whom_one_leader_invited(municipality, lost):
    leader = hat(municipality)
    straw = colleague(leader, Role.LOCAL_LEADER)
    for one in (leader, colleague(straw), colleague(leader)):
        assert ask(one, lost).link is None
    assert untouched(lost)

    assert resets.confirm_at_console(lost, on=TODAY).link is not None


def test_ended_role_still_tells_who_gave_it(municipality, lost):
    leader = hat(municipality)
    straw = colleague(leader)
    Membership.objects.filter(pk=straw.membership).update(ended_at=timezone.now())
    ask(leader, lost)

    assert ask(people.give_role(User.objects.get(pk=straw.user), Role.LOCAL_LEADER, municipality), lost).link is None


def renewed(by, person, *, used=True):
    """The link of an invited person, made anew by another leader, and used."""
    link = members.invite_again(by, code=by.code, membership=person.membership, on=TODAY)
    if used:
        invitations.use(invitations.hashed(link.token), password=PASSWORD, now=timezone.now())


def test_nor_a_leader_and_whose_link_the_leader_renewed(municipality, lost):
    first, second = hat(municipality), hat(municipality)
    straw = colleague(first)
    renewed(second, straw)
    for one in (second, straw, colleague(second)):
        assert ask(one, lost).link is None
    assert ask(first, lost).link is not None  # with the second, who has nothing to do with the first


def test_renewed_link_that_nobody_used_let_nobody_in(municipality, lost):
    first, second = hat(municipality), hat(municipality)
    straw = colleague(first)
    renewed(second, straw, used=False)
    renewed(first, straw)
    ask(second, lost)

    assert ask(straw, lost).link is not None


def test_link_counts_in_a_house_that_the_person_came_to_later(municipality, neighbour):
    leader = hat(municipality)
    straw = colleague(leader)
    renewed(leader, straw)
    wanted = User.objects.get(pk=straw.user)
    there = people.give_role(wanted, Role.CHIEF_EXECUTIVE, neighbour)
    leader_there = people.give_role(User.objects.get(pk=leader.user), Role.LOCAL_LEADER, neighbour)
    person = people.user(password=PASSWORD)
    people.give_role(person, Role.CASE_WORKER, neighbour)
    ask(leader_there, person)

    assert ask(there, person).link is None


def test_nor_a_leader_and_whom_the_leader_let_in_anew(municipality, lost):
    first, second = hat(municipality), hat(municipality)
    away = hat(municipality, Role.CHIEF_EXECUTIVE)
    person = User.objects.get(pk=away.user)
    ask(first, person)
    link = ask(second, person).link  # shown to the second, who may come in by it
    invitations.use(invitations.hashed(link.token), password=PASSWORD, now=timezone.now())
    ask(second, lost)

    assert ask(away, lost).link is None
    assert ask(first, lost).link is not None


def test_two_first_consents_at_the_same_moment_are_one_reset(municipality, lost, monkeypatch):
    """Both have seen that nobody asked before either of them writes."""
    hats = [hat(municipality), hat(municipality, Role.CHIEF_EXECUTIVE)]
    both_have_seen = Barrier(2, timeout=20)
    waited = local()

    @contextmanager
    def after_both(*args, **options):
        if not hasattr(waited, "once"):
            waited.once = True
            both_have_seen.wait()
        with account_log.told(*args, **options):
            yield

    def consent(by):
        try:
            return ask(by, lost)
        finally:
            connections.close_all()

    monkeypatch.setattr(resets, "told", after_both)
    with ThreadPoolExecutor(2) as pool:
        links = [outcome.link for outcome in pool.map(consent, hats)]

    assert Reset.objects.filter(user=lost).count() == 1
    assert sum(link is not None for link in links) == 1
    assert told(municipality)[-2:] == ["reset_asked", "reset_done"]


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
