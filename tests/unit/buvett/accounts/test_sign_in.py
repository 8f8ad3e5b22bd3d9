"""Signing in and out, throttled; the demo's one click, refused everywhere else."""

import re
import time
from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client, override_settings
from django.utils import timezone

from buvett.access.hats import today
from buvett.access.roles import Role
from buvett.accounts import throttle
from buvett.accounts.errors import SignInRefused, TooManyTries
from buvett.accounts.models import FailedSignIn, User
from buvett.accounts.policies import TRIES_PER_ADDRESS, TRIES_PER_NAME, WINDOW
from buvett.pages.accounts.demo import places
from tests import people

PASSWORD = "open sesame, said the synthetic person"


@pytest.fixture(autouse=True)
def _nobody_has_failed(installation):
    FailedSignIn.objects.all().delete()


@pytest.fixture
def person(installation):
    return people.user(password=PASSWORD)


def try_to(sign_in_as, password=PASSWORD, client=None, **options):
    return (client or people.browser()).post("/sign-in/", {"email": sign_in_as, "password": password}, **options)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_right_password_starts_a_session(person):
    client = people.browser()

    answer = try_to(person.email, client=client)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_email_in_other_case_and_with_blanks_is_the_same(person):
    assert try_to(f" {person.email.upper()} ").status_code == 302


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper()])
def test_wrong_password_is_refused(person, password):
    client = people.browser()

    assert try_to(person.email, password, client=client).status_code == 403
    assert not is_signed_in(client)


def test_refusal_says_the_same_whoever_it_is(person):
    known, unknown = try_to(person.email, "wrong"), try_to("nobody@example.invalid", "wrong")

    def without_what_was_typed(answer, email):
        text = answer.content.decode().replace(email, "")
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)

    assert known.status_code == unknown.status_code
    assert without_what_was_typed(known, person.email) == without_what_was_typed(unknown, "nobody@example.invalid")


def test_inactive_person_is_not_let_in(person):
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert try_to(person.email).status_code == 403


def test_person_shut_out_is_out_at_once(person):
    client = people.browser(person)
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert client.get("/role/").status_code == 302


def test_password_never_comes_back(person):
    assert b"wrong horse" not in try_to(person.email, "wrong horse").content


def test_too_many_failures_close_the_name_even_for_the_right_password(person):
    for _ in range(TRIES_PER_NAME):
        assert try_to(person.email, "wrong").status_code == 403

    assert try_to(person.email).status_code == 429
    assert try_to(people.user(password=PASSWORD).email).status_code == 302


def test_success_clears_the_name(person):
    for _ in range(TRIES_PER_NAME - 1):
        try_to(person.email, "wrong")
    try_to(person.email)

    assert try_to(person.email, "wrong").status_code == 403
    assert try_to(person.email).status_code == 302


def test_too_many_failures_close_the_address(person):
    for number in range(TRIES_PER_ADDRESS):
        throttle.count_failure(name=f"{number}@example.invalid", address="192.0.2.1", now=timezone.now())

    assert try_to(person.email, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert try_to(person.email, REMOTE_ADDR="192.0.2.2").status_code == 302


@override_settings(BEHIND_PROXY=True)
def test_behind_the_proxy_each_asker_has_an_address_and_cannot_choose_it(person):
    for number in range(TRIES_PER_ADDRESS):
        throttle.count_failure(name=f"{number}@example.invalid", address="192.0.2.1", now=timezone.now())

    said = {"HTTP_X_FORWARDED_FOR": "198.51.100.7, 192.0.2.1", "REMOTE_ADDR": "127.0.0.1"}
    assert try_to(person.email, **said).status_code == 429
    assert try_to(person.email, **said | {"HTTP_X_FORWARDED_FOR": "192.0.2.1, 192.0.2.2"}).status_code == 302


def test_without_a_proxy_nobody_says_from_where_they_come(person):
    for number in range(TRIES_PER_ADDRESS):
        throttle.count_failure(name=f"{number}@example.invalid", address="192.0.2.1", now=timezone.now())

    said = {"HTTP_X_FORWARDED_FOR": "192.0.2.2", "REMOTE_ADDR": "192.0.2.1"}
    assert try_to(person.email, **said).status_code == 429


@pytest.mark.parametrize(
    ("header", "status"), [(("HTTP_X_FORWARDED_PROTO", "https"), 302), (None, 403)], ids=["proxy", "none"]
)
def test_a_form_sent_over_tls_is_taken_from_the_proxy_alone(person, header, status):
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    page = client.get("/")
    token = re.search(r'name="csrfmiddlewaretoken"[^>]*value="([^"]+)"', page.content.decode())[1]
    sent = {"email": person.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    told = {"HTTP_ORIGIN": "https://localhost", "HTTP_X_FORWARDED_PROTO": "https"}
    with override_settings(SECURE_PROXY_SSL_HEADER=header):
        assert client.post("/sign-in/", sent, **told).status_code == status


def test_failures_are_forgotten_after_the_window(person):
    past = timezone.now() - WINDOW - timedelta(seconds=1)
    for _ in range(TRIES_PER_NAME):
        throttle.count_failure(name=person.email, address="192.0.2.1", now=past)

    assert try_to(person.email).status_code == 302
    try_to(person.email, "wrong")
    assert FailedSignIn.objects.filter(at__lte=past).count() == 0


def test_what_was_typed_is_not_kept(person):
    try_to(person.email, "wrong", REMOTE_ADDR="192.0.2.9")

    kept = repr(list(FailedSignIn.objects.values()))
    assert person.email not in kept
    assert "192.0.2.9" not in kept


def test_sign_in_changes_the_session_key_and_forgets_the_earlier_person(person):
    client = people.browser(person)
    before = client.session.session_key
    other = people.user(password=PASSWORD)

    try_to(other.email, client=client)

    assert client.session["_auth_user_id"] == str(other.pk)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_sign_out_ends_the_session_in_the_database(person):
    client = people.browser(person)
    key = client.session.session_key

    client.post("/sign-out/")

    assert not Session.objects.filter(pk=key).exists()
    assert not is_signed_in(client)


def test_sign_out_takes_a_form(person):
    client = people.browser(person)

    assert client.get("/sign-out/").status_code == 405
    assert is_signed_in(client)


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_another_site(person, onward):
    answer = people.browser().post("/sign-in/", {"email": person.email, "password": PASSWORD, "next": onward})

    assert answer["Location"] == "/"


def test_one_is_sent_on_to_where_one_was_going(person):
    answer = people.browser().post("/sign-in/", {"email": person.email, "password": PASSWORD, "next": "/region/"})

    assert answer["Location"] == "/region/"


def click(person, mode):
    client = people.browser()
    with override_settings(MODE=mode):
        answer = client.post("/sign-in/demo/", {"user": str(person)})
    return answer.status_code, is_signed_in(client)


def test_one_click_in_a_demo(installation):
    person = people.user(demo=True)

    assert click(person.pk, "demo") == (302, True)


@pytest.mark.parametrize("mode", ["production", "test"])
def test_one_click_outside_a_demo_does_not_exist(installation, mode):
    assert click(people.user(demo=True).pk, mode) == (404, False)


def test_one_click_for_someone_who_is_no_demo_person(person):
    assert click(person.pk, "demo") == (404, False)


@pytest.mark.parametrize("nobody", [uuid4(), "not an id", ""])
def test_one_click_for_nobody(installation, nobody):
    assert click(nobody, "demo") == (404, False)


def test_one_click_for_inactive_demo_person(installation):
    person = people.user(demo=True)
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert click(person.pk, "demo") == (404, False)


@override_settings(MODE="production")
def test_demo_person_with_a_password_is_not_let_into_production(installation):
    assert try_to(people.user(demo=True, password=PASSWORD).email).status_code == 403


def test_session_of_a_demo_person_ends_when_production_settings_are_on(installation):
    client = people.browser(people.user(demo=True))

    with override_settings(MODE="production"):
        answer = client.get("/role/")

    assert (answer.status_code, answer["Location"]) == (302, "/?next=%2Frole%2F")


def test_demo_people_are_shown_in_a_demo_only(installation):
    person = people.user(name="Demo Demosen", demo=True)
    people.give_role(person, Role.OPERATIONS)

    with override_settings(MODE="demo"):
        assert person.email.encode() in people.browser().get("/").content
    for mode in ("production", "test"):
        with override_settings(MODE=mode):
            assert person.email.encode() not in people.browser().get("/").content


@override_settings(MODE="demo")
def test_demo_people_stand_where_they_work_with_all_their_roles(municipality):
    regional, both, nobody = (people.user(demo=True) for _ in range(3))
    people.give_role(regional, Role.PROJECT_LEADER)
    people.give_role(both, Role.CASE_WORKER, municipality)
    people.give_role(both, Role.INTERMUNICIPAL_MEMBER)

    found = {place.name: {p.user.email: [h.role for h in p.hats] for p in place.people} for place in places(on=today())}

    assert found[""].items() >= {regional.email: [Role.PROJECT_LEADER], nobody.email: []}.items()
    assert found[municipality.name][both.email] == [Role.CASE_WORKER, Role.INTERMUNICIPAL_MEMBER]
    assert both.email not in found[""]


def test_session_lasts_thirty_idle_minutes():
    assert settings.SESSION_COOKIE_AGE == 30 * 60
    assert settings.SESSION_SAVE_EVERY_REQUEST
    assert settings.SESSION_COOKIE_HTTPONLY


def test_session_expired_is_signed_out(person):
    client = people.browser(person)
    Session.objects.filter(pk=client.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))

    assert client.get("/role/")["Location"] == "/?next=%2Frole%2F"


def at_once(number, work):
    """Run it in that many threads that start together; what each gave or raised, by name."""
    start, found = Barrier(number), []

    def run():
        start.wait()
        try:
            work()
            found.append("in")
        except (SignInRefused, TooManyTries) as refusal:
            found.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(found)


def test_failures_at_the_same_moment_are_each_counted(installation):
    """None of them is made before it is counted: a burst gets as many tries as one who waits."""

    def fail():
        with throttle.one_try(name="burst@example.invalid", address="192.0.2.1", now=timezone.now()):
            time.sleep(0.05)  # every one is under way before the first has failed
            raise SignInRefused("wrong")

    assert at_once(3 * TRIES_PER_NAME, fail) == {"SignInRefused": TRIES_PER_NAME, "TooManyTries": 2 * TRIES_PER_NAME}


def test_a_try_that_succeeds_is_not_counted(installation):
    for _ in range(TRIES_PER_NAME + 1):
        with throttle.one_try(name="a@example.invalid", address="192.0.2.1", now=timezone.now(), clears=False):
            pass

    assert not FailedSignIn.objects.exists()


def test_a_try_that_breaks_stays_counted(installation):
    with pytest.raises(ZeroDivisionError), throttle.one_try(name="a", address="192.0.2.1", now=timezone.now()):
        _ = 1 / 0

    assert FailedSignIn.objects.count() == 2  # the name's and the address's


def test_refusal_says_when_the_next_try_may_be(installation):
    now = timezone.now()
    for minutes in range(TRIES_PER_NAME):
        throttle.count_failure(name="a", address="192.0.2.1", now=now - timedelta(minutes=minutes))

    with pytest.raises(TooManyTries) as refused:
        throttle.check_may_try(name="a", address="192.0.2.2", now=now)

    assert refused.value.after == WINDOW - timedelta(minutes=TRIES_PER_NAME - 1)


@pytest.mark.parametrize(
    ("language", "words"),
    [("nn", "For mange forsøk"), ("nb", "For mange forsøk"), ("en", "Too many tries")],
)
@pytest.mark.parametrize("path", ["/sign-in/", "/account/password/"])
def test_whoever_is_shut_out_reads_when_and_what_to_do(person, language, words, path):
    now = timezone.now()
    for _ in range(TRIES_PER_NAME):
        throttle.count_failure(name=person.email, address="192.0.2.1", now=now)
    client = people.browser(person)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    new = "quite another long sentence"

    answer = client.post(path, {"email": person.email, "password": PASSWORD, "old": PASSWORD, "new": new, "again": new})

    text = answer.content.decode()
    assert answer.status_code == 429
    assert 890 <= int(answer["Retry-After"]) <= 900
    assert f'lang="{language}"' in text
    assert words in text
    assert "15 minut" in text
    assert person.email not in text
