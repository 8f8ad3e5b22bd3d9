"""P3, who gets in: invitations, sessions and resets as someone attacks them, by the pages alone."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connections
from django.utils import timezone

from buvett.access.memberships import hats_of
from buvett.access.roles import Role
from buvett.accounts.models import FailedSignIn, Invitation, User
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.roles import connected_as
from tests import people
from tests.attacks.test_p3_gates import taken_away
from tests.second_factors import PASSWORD, code_of, codes_on, give_password, secret_on, set_up

TODAY = timezone.localdate()
NEW = "a sentence that the new person made up"


@pytest.fixture(autouse=True)
def _nobody_has_failed(installation):
    FailedSignIn.objects.all().delete()


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def leader(house):
    return people.browser(people.worker(house, Role.LOCAL_LEADER))


def form(**changed):
    until = (TODAY + timedelta(days=365)).isoformat()
    email = changed.pop("email", f"ny-{timezone.now().timestamp()}@example.invalid")
    return {
        "name": "Ny Person",
        "email": email,
        "role": "case_worker",
        "since": TODAY.isoformat(),
        "until": until,
    } | changed


def link_on(answer):
    """The path of the one-time link that a page shows."""
    return re.search(r"/invitation/[\w-]+/", answer.content.decode()).group()


def invite(leader, house, **changed):
    """(e-mail, path of the link)."""
    asked = form(**changed)
    answer = leader.post(f"/municipality/{house.code}/people/new/", asked)
    assert answer.status_code == 200, answer.status_code
    return asked["email"], link_on(answer)


def follow(link, password=NEW):
    client = people.browser()
    assert client.get(link)["Location"] == "/invitation/"
    return client, client.post("/invitation/", {"new": password, "again": password})


def test_invited_person_comes_to_the_first_case_through_every_gate(house, leader):
    email, link = invite(leader, house)
    client, answer = follow(link)
    assert answer["Location"] == "/account/app/"
    set_up(client)
    client.post("/account/recovery-codes/", {"kept": "yes"})
    cases = f"/municipality/{house.code}/cases/"

    assert client.get(cases)["Location"].startswith(f"/municipality/{house.code}/declaration/")
    signed = client.post(f"/municipality/{house.code}/declaration/", {"read": "yes", "next": cases})
    assert signed["Location"] == cases
    assert client.get(cases).status_code == 200
    assert hats_of(User.objects.get(email=email).pk, on=TODAY)[0].role is Role.CASE_WORKER


def test_link_is_used_once(house, leader):
    _, link = invite(leader, house)
    waiting, _ = people.browser(), follow(link)
    waiting.get(link)

    late = waiting.post("/invitation/", {"new": PASSWORD, "again": PASSWORD})

    assert late.status_code == 404
    assert follow(link)[1].status_code == 404


def test_two_at_the_same_time_with_one_link(house, leader):
    _, link = invite(leader, house)
    first, second = people.browser(), people.browser()
    first.get(link)
    second.get(link)
    assert second.get("/invitation/").status_code == 200

    assert first.post("/invitation/", {"new": NEW, "again": NEW}).status_code == 302
    assert second.post("/invitation/", {"new": PASSWORD, "again": PASSWORD}).status_code == 404


def test_link_runs_out(house, leader):
    email, link = invite(leader, house)
    Invitation.objects.filter(user__email=email).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert follow(link)[1].status_code == 404
    assert not User.objects.get(email=email).has_usable_password()


def test_link_of_someone_shut_out(house, leader):
    email, link = invite(leader, house)
    User.objects.filter(email=email).update(is_active=False)

    assert follow(link)[1].status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 43, "..", "%00", "A" * 3000])
def test_made_up_link_tells_nothing(installation, token):
    client, answer = people.browser(), None
    if client.get(f"/invitation/{token}/").status_code == 302:
        answer = client.get("/invitation/")

    assert answer is None or answer.status_code == 404


def test_link_stands_neither_in_the_database_nor_in_the_next_address(house, leader):
    _, link = invite(leader, house)
    client = people.browser()
    client.get(link)
    token = link.split("/")[2]

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(token_sha256, ' '), '') FROM accounts_invitation")
        kept = cursor.fetchone()[0]
    assert token not in kept + str(dict(client.session))
    assert token.encode() not in client.get("/invitation/").content


def test_weak_password_does_not_spend_the_link(house, leader):
    _, link = invite(leader, house)

    client, answer = follow(link, "short")

    assert answer.status_code == 422
    assert client.post("/invitation/", {"new": NEW, "again": NEW}).status_code == 302


def test_password_alone_opens_nothing_until_the_second_factor_is_set(house, leader):
    _, link = invite(leader, house)
    client, _ = follow(link)

    for path in ("/role/", f"/municipality/{house.code}/cases/", f"/municipality/{house.code}/declaration/"):
        assert client.get(path).status_code == 302
    assert client.get("/api/v1/me/cases").status_code == 401


def test_case_worker_can_invite_nobody(house):
    worker = people.browser(people.worker(house))

    assert worker.post(f"/municipality/{house.code}/people/new/", form()).status_code == 403
    assert worker.get(f"/municipality/{house.code}/people/").status_code == 403


@pytest.mark.parametrize("role", ["project_leader", "operations", "superuser", ""])
def test_role_that_is_not_in_the_form_is_refused(house, leader, role):
    asked = form(role=role)

    assert leader.post(f"/municipality/{house.code}/people/new/", asked).status_code == 422
    assert not User.objects.filter(email=asked["email"]).exists()


def test_own_rights_are_not_raised_by_any_form(house):
    user = people.worker(house, Role.LOCAL_LEADER)
    client, own = people.browser(user), user.memberships.get()
    path = f"/municipality/{house.code}/people/{own.pk}/"
    for data in (
        {"verb": "change", "until": (TODAY + timedelta(days=700)).isoformat()},
        {"verb": "end", "sure": "yes"},
        {"verb": "link"},
        {"verb": "reset"},
    ):
        assert client.post(path, data).status_code == 422
    asked = form(email=user.email, role="data_protection_officer")
    assert client.post(f"/municipality/{house.code}/people/new/", asked).status_code == 422

    assert [(m.role, m.valid_to, m.ended_at) for m in user.memberships.all()] == [("local_leader", None, None)]
    assert not client.session.get("hat")


def test_hat_of_the_region_does_not_manage_the_house(house):
    """The same person: the local rights are off while the other hat is on."""
    user = people.worker(house, Role.LOCAL_LEADER)
    regional = people.give_role(user, Role.PROJECT_LEADER)
    client = people.browser(user, hat=regional)

    assert client.get(f"/municipality/{house.code}/people/").status_code == 404
    assert client.post(f"/municipality/{house.code}/people/new/", form()).status_code == 404


def test_neighbours_leader_cannot_name_our_people(house, leader, neighbour):
    email, _ = invite(leader, house)
    membership = User.objects.get(email=email).memberships.get().pk
    theirs = people.browser(people.worker(neighbour, Role.LOCAL_LEADER))

    for code in (house.code, neighbour.code):
        answer = theirs.post(f"/municipality/{code}/people/{membership}/", {"verb": "end", "sure": "yes"})
        assert answer.status_code == 404
    assert len(hats_of(User.objects.get(email=email).pk, on=TODAY)) == 1


def test_ended_role_is_out_in_an_open_session(house, leader):
    worker = people.worker(house)
    (case,) = people.register(house, names=["Ada"], to=worker)
    client, path = people.browser(worker), f"/municipality/{house.code}/cases/{case}/"
    assert client.get(path).status_code == 200

    membership = worker.memberships.get().pk
    assert leader.post(f"/municipality/{house.code}/people/{membership}/", {"verb": "end"}).status_code == 422
    assert client.get(path).status_code == 200  # not without being sure
    leader.post(f"/municipality/{house.code}/people/{membership}/", {"verb": "end", "sure": "yes"})

    answer = client.get(path)
    assert answer.status_code == 404
    assert b"Oppdikta" not in answer.content


def lost_phone(house):
    """(someone with password and app, a browser of theirs that is signed in, the path of their line)."""
    user = people.worker(house)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = people.browser()
    give_password(client, user)
    set_up(client)
    return user, client, f"/municipality/{house.code}/people/{user.memberships.get().pk}/"


def test_one_leader_alone_lets_nobody_in_anew(house, leader):
    user, client, path = lost_phone(house)

    assert leader.post(path, {"verb": "reset"}).status_code == 302
    assert leader.post(path, {"verb": "reset"}).status_code == 422
    assert leader.post(path, {"verb": "link"}).status_code == 422

    assert client.get("/role/").status_code == 200
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_whoever_asks_reads_who_has_to_confirm_and_where(house, leader, neighbour):
    user, _, path = lost_phone(house)

    leader.post(path, {"verb": "reset"})
    alone = leader.get(path).content.decode()
    people.give_role(user, Role.CASE_WORKER, neighbour)
    other = people.browser(people.worker(house, Role.CHIEF_EXECUTIVE, signed=False))
    other.post(path, {"verb": "reset"})
    waiting = other.get(path).content.decode()

    assert "som du ikkje har invitert" in alone
    assert "buvett admin reset --email" in alone
    assert f"stadfesta det i: {neighbour.name}." in waiting


def test_two_let_in_anew_and_the_old_way_is_closed(house, leader):
    user, client, path = lost_phone(house)
    codes = codes_on(client.get("/account/recovery-codes/").content)
    leader.post(path, {"verb": "reset"})
    second = people.browser(people.worker(house, Role.CHIEF_EXECUTIVE, signed=False))
    answer = second.post(path, {"verb": "reset"})

    assert client.get("/role/").status_code == 302
    old = people.browser().post("/sign-in/", {"email": user.email, "password": PASSWORD})
    assert old.status_code == 403
    anew, went = follow(link_on(answer))
    assert went["Location"] == "/account/app/"
    set_up(anew)
    assert set(codes_on(anew.get("/account/recovery-codes/").content)).isdisjoint(codes)


@pytest.mark.parametrize("renewed", [False, True])
def test_leader_who_renews_anothers_link_and_uses_it_is_not_two(house, leader, renewed):
    """The chief executive was invited by one leader; another makes the link anew, uses it and comes in as both."""
    email, link = invite(leader, house, role="chief_executive")
    other = people.browser(people.worker(house, Role.LOCAL_LEADER))
    if renewed:
        membership = User.objects.get(email=email).memberships.get().pk
        link = link_on(other.post(f"/municipality/{house.code}/people/{membership}/", {"verb": "link"}))
    straw, _ = follow(link)
    set_up(straw)
    straw.post("/account/recovery-codes/", {"kept": "yes"})
    user, client, path = lost_phone(house)

    other.post(path, {"verb": "reset"})
    answer = straw.post(path, {"verb": "reset"})

    # Without the renewal the two are two: one leader invited the straw, and the other has nothing to do with it.
    assert (b"/invitation/" in answer.content) is not renewed
    assert User.objects.get(pk=user.pk).has_usable_password() is renewed
    assert (client.get("/role/").status_code == 200) is renewed


def test_session_row_that_an_operator_writes_is_nobodys_without_the_mark(house):
    """Whoever has the cookies' key and the table can write a person into a session: the mark is asked for too."""
    user, _, _ = lost_phone(house)
    store = SessionStore()
    store.update(
        {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": "buvett.accounts.backends.PasswordBackend",
            "_auth_user_hash": user.get_session_auth_hash(),
            "account_authentication_methods": [{"method": "mfa", "at": timezone.now().timestamp()}],
        }
    )
    store.save()
    client = people.browser()
    client.cookies["sessionid"] = store.session_key

    assert client.get("/role/").status_code == 302
    assert client.get("/account/app/")["Location"] == "/"


def test_second_factor_of_another_session_does_not_count_here(house):
    user, _, _ = lost_phone(house)
    other = people.worker(house)
    other.set_password(PASSWORD)
    other.save(update_fields=["password"])
    client = people.browser(other)
    client.post("/sign-in/", {"email": user.email, "password": PASSWORD})

    assert client.get("/role/").status_code == 302


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_membership SET role = 'local_leader'",
        "UPDATE access_membership SET user_id = gen_random_uuid()",
        "UPDATE access_membership SET valid_from = now()",
        "DELETE FROM access_membership",
        "UPDATE access_resetconsent SET by_id = NULL",
        "DELETE FROM access_resetconsent",
        "UPDATE accounts_invitation SET user_id = gen_random_uuid()",
        "UPDATE accounts_invitation SET token_sha256 = 'x'",
        "UPDATE accounts_invitation SET made_by_id = NULL",
        "DELETE FROM accounts_invitation",
        "UPDATE accounts_user SET demo = true",
        "UPDATE accounts_user SET email = 'x'",
        "SELECT 1 FROM account_emailaddress",
    ],
)
def test_web_process_cannot_rewrite_who_is_who(installation, statement):
    with pytest.raises(DatabaseError, match="permission denied"), connections["app"].cursor() as cursor:
        cursor.execute(statement)


def test_no_log_no_invitation_and_no_second_factor(house, leader):
    user = people.user(password=PASSWORD)
    people.give_role(user, Role.CASE_WORKER, house)
    client = people.browser()
    give_password(client, user)
    secret = secret_on(client.get("/account/app/").content)
    client.raise_request_exception = leader.raise_request_exception = False
    asked = form()

    with taken_away("INSERT", "audit_entry", "buvett_app"):
        invited = leader.post(f"/municipality/{house.code}/people/new/", asked)
        added = client.post("/account/app/", {"code": code_of(secret)})

    assert (invited.status_code, added.status_code) == (500, 500)
    assert not User.objects.filter(email=asked["email"]).exists()
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/role/").status_code == 302


def test_failures_are_counted_for_every_process(house):
    """In the database, not in one process's memory: another process sees them."""
    user, _, _ = lost_phone(house)
    client = people.browser()
    give_password(client, user)
    client.post("/sign-in/code/", {"code": "000000"})

    with connected_as(DatabaseRole.OWNER):
        assert FailedSignIn.objects.count() == 2


def test_nobody_signs_in_when_failures_cannot_be_counted(house):
    user, _, _ = lost_phone(house)
    client = people.browser()
    client.raise_request_exception = False

    with taken_away("SELECT", "accounts_failedsignin", "buvett_app"):
        assert client.post("/sign-in/", {"email": user.email, "password": PASSWORD}).status_code == 500
    assert client.get("/role/").status_code == 302
