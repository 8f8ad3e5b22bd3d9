"""Error pages: what one can do, nothing about what was asked for, nothing that could fail once more."""

from datetime import timedelta

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from buvett.pages import errors
from tests import people

SECRET = "seljord-kari-nordmann"


@pytest.fixture
def request_for():
    return RequestFactory().get(f"/{SECRET}/", {"q": SECRET})


def answers(request):
    yield 400, errors.bad_request(request, SuspiciousOperation(SECRET))
    yield 403, errors.forbidden(request, PermissionError(SECRET))
    yield 403, errors.csrf_failure(request, SECRET)
    yield 404, errors.not_found(request, LookupError(SECRET))
    yield 413, errors.bad_request(request, RequestDataTooBig(SECRET))
    yield 429, errors.too_many_requests(after=timedelta(minutes=15))
    yield 500, errors.server_error(request)


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_each_has_its_number_a_way_on_and_nothing_of_the_request(request_for, language):
    with translation.override(language):
        for status, answer in answers(request_for):
            text = answer.content.decode()

            assert answer.status_code == status
            assert SECRET not in text
            assert f'lang="{language}"' in text
            assert text.count("<h1") == 1
            assert 'href="/"' in text
            assert answer["Cache-Control"] == "no-store"


def test_no_page_asks_the_database(installation, request_for):
    with CaptureQueriesContext(connections["app"]) as asked:
        list(answers(request_for))

    assert len(asked) == 0


@pytest.mark.parametrize(
    ("after", "seconds", "said"),
    [
        (timedelta(minutes=15), "900", "i 15 minutt"),
        (timedelta(seconds=61), "61", "i 2 minutt"),
        (timedelta(seconds=0.2), "1", "i 1 minutt"),
        (timedelta(seconds=-5), "1", "i 1 minutt"),
    ],
)
def test_throttle_says_when_to_come_back(after, seconds, said):
    answer = errors.too_many_requests(after=after)

    assert answer["Retry-After"] == seconds
    assert said in answer.content.decode()


def test_form_that_is_too_large_is_answered_413(installation):
    client = people.browser()

    answer = client.post("/sign-in/", {"email": "x" * 3_000_000})

    assert answer.status_code == 413
    assert "Det var for stort" in answer.content.decode()
