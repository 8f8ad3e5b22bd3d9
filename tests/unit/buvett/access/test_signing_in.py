"""Sign-ins are in the log that the data protection officer reads: who, when, how; never what was typed."""

import json

import pytest
from django.db import DatabaseError
from django.test import override_settings
from django.utils import timezone

from buvett.access import control, signing_in
from buvett.access.control import Filter, Kind
from buvett.access.memberships import hats_of
from buvett.access.roles import Role
from buvett.accounts.errors import SignInRefused
from buvett.accounts.models import FailedSignIn
from buvett.accounts.policies import TRIES_PER_NAME
from tests import people
from tests.attacks.test_p3_gates import taken_away
from tests.second_factors import PASSWORD, code_of, codes_on, give_password, set_up
from tests.unit.buvett.access.test_members import told

CODE, CODES = "/sign-in/code/", "/account/recovery-codes/"
WRONG, TYPED = "hemmeleg gissa passord", "918273"
TODAY = timezone.localdate()
SIGN_INS = Filter(since=TODAY, until=TODAY, kind=Kind.SIGN_INS)


@pytest.fixture(autouse=True)
def _nobody_has_failed(installation):
    FailedSignIn.objects.all().delete()


@pytest.fixture
def worker(municipality):
    made = people.user(name="Kari Kollega", password=PASSWORD)
    people.give_role(made, Role.CASE_WORKER, municipality)
    return made


@pytest.fixture
def officer(municipality):
    return hats_of(people.worker(municipality, Role.DATA_PROTECTION_OFFICER, signed=False).pk, on=TODAY)[0]


@pytest.fixture
def phone(worker):
    """(the app's secret, the recovery codes) of a person whose first session has ended."""
    client = people.browser()
    give_password(client, worker)
    secret = set_up(client)
    codes = codes_on(client.get(CODES).content)
    client.post("/sign-out/")
    return secret, codes


def try_to(email, password=WRONG):
    return people.browser().post("/sign-in/", {"email": email, "password": password})


def seen(officer, wanted=SIGN_INS):
    """(action, who, about, how) as the officer reads them, oldest first."""
    found = control.looks(officer, code=officer.code, wanted=wanted, page=1)
    return [(look.action, look.who, look.about, look.how) for look in reversed(found.lines)]


def test_first_and_later_sign_ins_are_seen_with_the_factor(officer, worker, phone):
    secret, codes = phone
    for code in (code_of(secret), codes[0]):
        client = people.browser()
        give_password(client, worker)
        assert client.post(CODE, {"code": code}).status_code == 302

    assert seen(officer) == [
        ("signed_in", worker.name, (), "totp"),
        ("signed_in", worker.name, (), "totp"),
        ("recovery_code_used", worker.name, (), "recovery_codes"),
    ]


def test_password_alone_is_no_sign_in(officer, worker, phone):
    give_password(people.browser(), worker)

    assert [action for action, *_ in seen(officer)] == ["signed_in"]  # the one of the first session


def test_failures_are_seen_and_by_what_they_failed(officer, worker, phone):
    try_to(worker.email.upper())
    client = people.browser()
    give_password(client, worker)
    client.post(CODE, {"code": TYPED})

    assert seen(officer)[1:] == [
        ("sign_in_failed", "sign-in", (worker.name,), "password"),
        ("sign_in_failed", "sign-in", (worker.name,), "code"),
    ]


@pytest.mark.parametrize("asks", ["/account/password/", CODES])
def test_wrong_password_in_an_open_session_is_seen(officer, worker, phone, asks):
    client = people.browser(worker)

    answer = client.post(asks, {"password": WRONG, "old": WRONG, "new": PASSWORD + "!", "again": PASSWORD + "!"})

    assert answer.status_code == 403
    assert seen(officer)[-1] == ("sign_in_failed", "sign-in", (worker.name,), "password")


def test_shutting_is_told_once_however_often_one_goes_on(municipality, worker):
    answers = [try_to(worker.email).status_code for _ in range(TRIES_PER_NAME + 4)]

    assert answers == [403] * TRIES_PER_NAME + [429] * 4
    actions = told(municipality)
    assert actions.count("sign_in_failed") == TRIES_PER_NAME
    assert actions.count("sign_in_shut") == 1


def test_name_of_nobody_is_in_no_log(municipality, worker):
    before = told(municipality)

    for _ in range(TRIES_PER_NAME + 1):
        try_to("ingen@example.invalid")

    assert told(municipality) == before


def test_nothing_that_was_typed_is_in_the_log(officer, worker, phone, caplog):
    secret, codes = phone
    try_to(worker.email)
    client = people.browser()
    give_password(client, worker)
    client.post(CODE, {"code": TYPED})
    client.post(CODE, {"code": codes[1]})

    with_all = json.dumps(seen(officer, Filter(since=TODAY, until=TODAY, kind=Kind.ALL)))
    assert "recovery_code_used" in with_all
    for typed in (WRONG, TYPED, PASSWORD, secret, codes[1], worker.email):
        assert typed not in with_all
        assert typed not in caplog.text


def test_neighbour_sees_nothing_of_it(neighbour, worker, phone):
    try_to(worker.email)

    assert told(neighbour) == []


def test_officer_finds_the_failures_by_colleague_and_the_page_says_them(officer, municipality, worker):
    other = people.user(name="Ola Annan", password=PASSWORD)
    people.give_role(other, Role.CASE_WORKER, municipality)
    try_to(worker.email)
    try_to(other.email)

    asked = Filter(since=TODAY, until=TODAY, kind=Kind.SIGN_INS, person=worker.pk)
    assert [about for _, _, about, _ in seen(officer, asked)] == [(worker.name,)]

    reader = people.browser(people.User.objects.get(pk=officer.user))
    text = reader.get(f"/municipality/{municipality.code}/log/?show=sign_ins&person={worker.pk}").content.decode()
    assert "eit forsøk på å logge inn gjekk ikkje: Kari Kollega (feil passord)" in " ".join(text.split())
    assert "nokon som ikkje er logga inn" in text
    assert reader.get(f"/municipality/{municipality.code}/log/?show=nothing").status_code == 422


def test_sign_in_that_cannot_be_told_is_none(worker, phone):
    secret, _ = phone
    client = people.browser()
    client.raise_request_exception = False
    give_password(client, worker)

    with taken_away("INSERT", "audit_entry", "buvett_app"):
        assert client.post(CODE, {"code": code_of(secret)}).status_code == 500

    assert "_auth_user_id" not in client.session
    assert client.get("/role/").status_code == 302


@pytest.mark.parametrize("known", [True, False])
def test_a_failure_that_cannot_be_told_fails_alike_whoever_it_is(worker, known):
    email = worker.email if known else "ingen@example.invalid"

    with taken_away("INSERT", "audit_entry", "buvett_app"), pytest.raises(DatabaseError):
        signing_in.sign_in(people.request(), email=email, password=WRONG, onward="/")


@override_settings(MODE="demo")
def test_one_click_of_the_demo_is_told(municipality):
    person = people.user(demo=True)
    people.give_role(person, Role.CASE_WORKER, municipality)

    assert people.browser().post("/sign-in/demo/", {"user": str(person.pk)}).status_code == 302

    assert told(municipality) == ["signed_in"]


def test_refusal_goes_on_as_it_was(worker):
    with pytest.raises(SignInRefused):
        signing_in.sign_in(people.request(), email=worker.email, password=WRONG, onward="/")
