"""Nobody gets in without a second factor; codes count once; what they are made of is sealed at rest."""

import json
import time
from datetime import timedelta
from threading import Thread

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connections, transaction
from django.test import override_settings
from django.utils import timezone

from buvett.access.roles import Role
from buvett.accounts import actions, second_factor, secrets, sessions
from buvett.accounts.errors import CodeRefused, LastFactor
from buvett.accounts.models import FailedSignIn, User
from buvett.accounts.policies import TRIES_PER_NAME
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.roles import connected_as
from tenants.vault.errors import CannotOpen
from tests import people
from tests.second_factors import PASSWORD, code_of, codes_on, give_password, secret_on, set_up

CODE, APP, CODES = "/sign-in/code/", "/account/app/", "/account/recovery-codes/"


@pytest.fixture(autouse=True)
def _nobody_has_failed(installation):
    FailedSignIn.objects.all().delete()


@pytest.fixture
def person(installation):
    made = people.user(password=PASSWORD)
    people.give_role(made, Role.PROJECT_LEADER)
    return made


@pytest.fixture
def equipped(person):
    """(the person, their app's secret, their recovery codes): set up in a session that has ended."""
    client = people.browser()
    give_password(client, person)
    secret = set_up(client)
    codes = codes_on(client.get(CODES).content)
    client.post("/sign-out/")
    return person, secret, codes


def is_in(client):
    """Whether pages take the browser's person for signed in."""
    return client.get("/role/").status_code == 200


def test_password_alone_leads_to_setting_up_and_nowhere_else(person):
    client = people.browser()
    give_password(client, person)

    assert client.get("/")["Location"] == APP
    for path in ("/role/", "/region/", "/account/", "/account/password/", CODES):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 302)
        assert answer["Location"].split("?")[0] in {"/", APP}
    assert client.get("/api/v1/releases").status_code in {401, 403}
    assert not is_in(client)


def test_first_sign_in_sets_up_an_app_and_shows_recovery_codes_once(person):
    client = people.browser()
    give_password(client, person)
    set_up(client)

    assert len(codes_on(client.get(CODES).content)) == 10
    assert len(codes_on(client.get(CODES).content)) == 10  # until they are kept: a reload loses nothing
    assert client.post(CODES, {"kept": "yes"})["Location"] == "/"
    assert codes_on(client.get(CODES).content) == []
    assert is_in(client)


def test_wrong_code_sets_nothing_up(person):
    client = people.browser()
    give_password(client, person)
    secret = secret_on(client.get(APP).content)

    answer = client.post(APP, {"code": "000000" if code_of(secret) != "000000" else "111111"})

    assert answer.status_code == 403
    assert secret_on(answer.content) == secret  # the app that scanned it still fits
    assert not Authenticator.objects.filter(user=person).exists()
    assert not is_in(client)


def test_code_without_a_page_asked_for_sets_nothing_up(person):
    client = people.browser()
    give_password(client, person)

    assert client.post(APP, {"code": "123456"}).status_code == 200
    assert not Authenticator.objects.filter(user=person).exists()


def test_password_then_code(equipped):
    person, secret, _ = equipped
    client = people.browser()

    assert give_password(client, person) == CODE
    assert not is_in(client)
    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/"
    assert is_in(client)


def test_one_is_sent_on_to_where_one_was_going(equipped):
    person, secret, _ = equipped
    client = people.browser()
    client.post("/sign-in/", {"email": person.email, "password": PASSWORD, "next": "/region/"})

    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/region/"


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "1" * 400, "12345678", "٠٠٠٠٠٠"])
def test_wrong_code_lets_nobody_in(equipped, code):
    person, _, _ = equipped
    client = people.browser()
    give_password(client, person)

    assert client.post(CODE, {"code": code}).status_code == 403
    assert not is_in(client)


def test_code_counts_once(equipped):
    person, secret, _ = equipped
    first, second = people.browser(), people.browser()
    give_password(first, person)
    give_password(second, person)
    code = code_of(secret)

    assert first.post(CODE, {"code": code}).status_code == 302
    assert second.post(CODE, {"code": code}).status_code == 403


def test_code_older_than_the_last_used_is_spent_too(equipped):
    """The one that set the app up was of half a minute ago: it is in the window, and lets nobody in."""
    person, secret, _ = equipped
    client = people.browser()
    give_password(client, person)

    assert client.post(CODE, {"code": code_of(secret, steps=-1)}).status_code == 403


@pytest.mark.parametrize("steps", [-3, 3])
def test_code_of_another_time_is_refused(equipped, steps):
    person, secret, _ = equipped
    client = people.browser()
    give_password(client, person)

    assert client.post(CODE, {"code": code_of(secret, steps=steps)}).status_code == 403


def test_code_with_blanks_is_the_same(equipped):
    person, secret, _ = equipped
    client = people.browser()
    give_password(client, person)
    code = code_of(secret)

    assert client.post(CODE, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302


def test_recovery_code_lets_in_once(equipped):
    person, _, codes = equipped
    for expected in (302, 403):
        client = people.browser()
        give_password(client, person)
        assert client.post(CODE, {"code": codes[3]}).status_code == expected
    assert len(second_factor.recovery_codes(person)) == 9


def test_code_of_someone_else_is_refused(equipped):
    other = people.user(password=PASSWORD)
    client = people.browser()
    give_password(client, other)
    set_up(client)
    client.post("/sign-out/")
    give_password(client, other)
    _, secret, codes = equipped

    for code in (code_of(secret), codes[0]):
        assert client.post(CODE, {"code": code}).status_code == 403


def test_too_many_wrong_codes_close_even_the_right_one(equipped):
    person, secret, codes = equipped
    client = people.browser()
    give_password(client, person)
    for _ in range(TRIES_PER_NAME):
        assert client.post(CODE, {"code": "000000"}).status_code == 403

    assert client.post(CODE, {"code": code_of(secret)}).status_code == 429
    again = people.browser()
    give_password(again, person)
    assert again.post(CODE, {"code": codes[0]}).status_code == 429
    assert not is_in(again)


def test_code_page_without_a_password_leads_to_the_front(equipped):
    _, secret, _ = equipped
    client = people.browser()

    assert client.get(CODE)["Location"] == "/"
    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/"
    assert not is_in(client)


def test_password_is_forgotten_after_ten_minutes(equipped):
    person, secret, _ = equipped
    client = people.browser()
    give_password(client, person)
    session = client.session
    session["account_login"]["initiated_at"] -= 601
    session.save()

    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/"
    assert not is_in(client)


def test_person_shut_out_between_password_and_code(equipped):
    person, secret, _ = equipped
    client = people.browser()
    give_password(client, person)
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/"
    assert not is_in(client)


def forged(person, mark):
    """A session that holds a person, made without the sign-in."""
    client = people.browser()
    client.force_login(person, backend="buvett.accounts.backends.PasswordBackend")
    session = client.session
    if mark is not None:
        session[sessions.KEY] = mark
    session.save()
    return client


@pytest.mark.parametrize(
    "mark", [None, True, "totp", {}, {"by": "totp"}, {"user": "self"}, {"user": "self", "by": "password"}]
)
def test_session_without_a_second_factor_is_nobodys(equipped, mark):
    person, _, _ = equipped
    if isinstance(mark, dict) and mark.get("user"):
        mark = {**mark, "user": str(person.pk)}
    client = forged(person, mark)

    assert not is_in(client)
    assert client.get("/account/app/")["Location"] == "/"  # nor can it set up another


def test_mark_of_another_person_is_worth_nothing(equipped):
    person, _, _ = equipped

    assert not is_in(forged(person, {"user": str(people.user().pk), "by": "totp"}))


def test_mark_of_one_click_is_worth_nothing_outside_a_demo(person):
    demo = people.user(demo=True)
    people.give_role(demo, Role.PROJECT_LEADER)
    for who, mode, expected in ((demo, "demo", True), (demo, "test", False), (person, "demo", False)):
        client = forged(who, {"user": str(who.pk), "by": "demo"})
        with override_settings(MODE=mode):
            assert is_in(client) is expected


def test_own_proved_session_is_in(equipped):
    """The counterpart of the forged ones: the mark is what is missing there."""
    person, _, _ = equipped

    assert is_in(forged(person, {"user": str(person.pk), "by": "totp"}))


def dumped():
    """All that the database holds about second factors and sessions, as a thief of a dump has it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        factors = [row[0] for row in cursor.fetchall()]
    return "\n".join([*factors, *(json.dumps(s.get_decoded()) for s in Session.objects.all())])


def test_dump_holds_no_secret_and_no_recovery_code(person):
    client = people.browser()
    give_password(client, person)
    secret = secret_on(client.get(APP).content)
    while_setting_up = dumped()
    client.post(APP, {"code": code_of(secret)})
    codes = codes_on(client.get(CODES).content)
    after = dumped()

    assert codes
    for text in (while_setting_up, after):
        for held in (secret, *codes):
            assert held not in text


def test_seal_opens_to_the_same_and_never_looks_the_same(installation):
    first, second = secrets.seal("JBSWY3DPEHPK3PXP"), secrets.seal("JBSWY3DPEHPK3PXP")

    assert first != second
    assert secrets.unseal(first) == secrets.unseal(second) == "JBSWY3DPEHPK3PXP"
    broken = first[:-6] + ("A" if first[-6] != "A" else "B") + first[-5:]
    with pytest.raises(CannotOpen):
        secrets.unseal(broken)


def signed_in(equipped):
    person, secret, _ = equipped
    client = people.browser()
    give_password(client, person)
    client.post(CODE, {"code": code_of(secret)})
    return client


def test_sign_out_everywhere_ends_every_session(equipped):
    person, _, _ = equipped
    here, there = signed_in(equipped), forged(person, {"user": str(person.pk), "by": "totp"})
    assert is_in(here)
    assert is_in(there)

    assert here.post("/sign-out/everywhere/")["Location"] == "/"

    assert not is_in(here)
    assert not is_in(there)


def test_new_password_ends_the_other_sessions_and_keeps_this(equipped):
    person, _, _ = equipped
    here, there = signed_in(equipped), forged(person, {"user": str(person.pk), "by": "totp"})
    new = "a whole new sentence of a person"

    answer = here.post("/account/password/", {"old": PASSWORD, "new": new, "again": new})

    assert answer["Location"] == "/account/"
    assert is_in(here)
    assert not is_in(there)
    assert give_password(people.browser(), person, new) == CODE


@pytest.mark.parametrize(
    ("old", "new", "again", "status"),
    [
        ("wrong", "a whole new sentence", "a whole new sentence", 403),
        (PASSWORD, "a whole new sentence", "another new sentence", 422),
        (PASSWORD, "short", "short", 422),
        (PASSWORD, "password1234", "password1234", 422),
        (PASSWORD, "", "", 422),
    ],
)
def test_bad_new_password_changes_nothing(equipped, old, new, again, status):
    person, _, _ = equipped
    client = signed_in(equipped)

    answer = client.post("/account/password/", {"old": old, "new": new, "again": again})

    assert answer.status_code == status
    assert give_password(people.browser(), person) == CODE
    assert not new or new.encode() not in answer.content


def test_another_app_takes_the_password_and_replaces_the_first(equipped):
    person, secret, _ = equipped
    client = signed_in(equipped)
    new = secret_on(client.get(APP).content)
    FailedSignIn.objects.all().delete()

    assert client.post(APP, {"code": code_of(new), "password": "wrong"}).status_code == 403
    assert client.post(APP, {"code": code_of(new), "password": PASSWORD}).status_code == 302

    again = people.browser()
    give_password(again, person)
    assert again.post(CODE, {"code": code_of(secret, steps=1)}).status_code == 403
    assert again.post(CODE, {"code": code_of(new, steps=1)}).status_code == 302


def test_only_factor_cannot_be_removed(equipped):
    person, _, _ = equipped
    client = signed_in(equipped)
    (factor,) = second_factor.factors(person)

    answer = client.post(f"/account/factor/{factor.id}/remove/", {"password": PASSWORD})

    assert answer.status_code == 409
    assert second_factor.has_any(person)


def test_one_of_two_factors_is_removed_with_the_password(equipped):
    person, _, _ = equipped
    client = signed_in(equipped)
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "Min nøkkel", "credential": {}})
    path = f"/account/factor/{key.pk}/remove/"

    assert "Min nøkkel" in client.get("/account/").content.decode()
    assert client.post(path, {"password": "wrong"}).status_code == 403
    assert client.post(path, {"password": PASSWORD}).status_code == 302
    assert [factor.kind for factor in second_factor.factors(person)] == ["totp"]


def test_factor_of_someone_else_is_not_there(equipped):
    client = signed_in(equipped)
    other = people.user()
    theirs = [Authenticator.objects.create(user=other, type="webauthn", data={"name": n}) for n in "ab"]

    assert client.post(f"/account/factor/{theirs[0].pk}/remove/", {"password": PASSWORD}).status_code == 404
    assert len(second_factor.factors(other)) == 2


def test_new_recovery_codes_take_the_password_and_end_the_old(equipped):
    person, _, codes = equipped
    client = signed_in(equipped)

    assert client.post(CODES, {"password": "wrong"}).status_code == 403
    assert client.post(CODES, {"password": PASSWORD}).status_code == 302
    new = codes_on(client.get(CODES).content)
    assert set(new).isdisjoint(codes)
    again = people.browser()
    give_password(again, person)
    assert again.post(CODE, {"code": codes[0]}).status_code == 403
    assert again.post(CODE, {"code": new[0]}).status_code == 302


@pytest.mark.parametrize("credential", ["x", "[]", "{}", '{"id": 1}', "null", '{"id":"a","rawId":"a","response":{}}'])
def test_what_is_no_answer_of_a_key_is_refused(equipped, credential):
    person, _, _ = equipped
    Authenticator.objects.filter(user=person, type="webauthn").delete()
    signing_in, setting_up = people.browser(), signed_in(equipped)
    give_password(signing_in, person)
    setting_up.get("/account/key/")

    assert signing_in.post(CODE, {"credential": credential}).status_code == 403
    answer = setting_up.post("/account/key/", {"credential": credential, "name": "Nøkkel", "password": PASSWORD})
    assert answer.status_code == 403
    assert not second_factor.has_key(person)


def test_locked_out_after_failures_is_let_in_when_the_window_is_over(equipped):
    person, secret, _ = equipped
    for _ in range(TRIES_PER_NAME):
        with pytest.raises(CodeRefused):
            actions.check_second_factor(people.request(), person, code="000000")
    with connected_as(DatabaseRole.OWNER):
        FailedSignIn.objects.update(at=timezone.now() - timedelta(minutes=16))

    assert actions.check_second_factor(people.request(), person, code=code_of(secret)) == "totp"


def test_two_factors_removed_at_the_same_time_leave_one(equipped):
    """The second waits for the first and then finds that it would take the last."""
    person, _, _ = equipped
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "a", "credential": {}})
    totp = Authenticator.objects.get(user=person, type="totp")
    outcomes = []

    def remove(factor):
        try:
            with transaction.atomic(using="app"):
                second_factor.remove(person, factor)
                time.sleep(0.2)
            outcomes.append("removed")
        except LastFactor:
            outcomes.append("kept")
        finally:
            connections.close_all()

    threads = [Thread(target=remove, args=[pk]) for pk in (key.pk, totp.pk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["kept", "removed"]
    assert len(second_factor.factors(person)) == 1
