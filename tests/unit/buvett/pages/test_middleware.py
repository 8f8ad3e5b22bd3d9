"""A swap by HTMX takes a page that is there, and nothing else of a page."""

import pytest

from buvett.access.roles import Role
from tests import people

SWAP = {"HX-Request": "true"}


@pytest.fixture
def worker(municipality):
    people.adopt_heimel(municipality)
    return people.browser(people.worker(municipality, Role.CASE_WORKER))


def test_a_page_that_is_there_is_swapped_in(worker):
    answer = worker.get("/words/", headers=SWAP)

    assert answer.status_code == 200
    assert b'id="main"' in answer.content


def test_whoever_is_signed_out_gets_the_sign_in_as_a_page_of_its_own():
    answer = people.browser().get("/region/?x=1", headers=SWAP)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["HX-Redirect"].startswith("/?next=")


@pytest.mark.parametrize("path", ["/nothing/?a=b", "/operations/"])
def test_an_error_is_loaded_as_a_page_of_its_own(worker, path):
    answer = worker.get(path, headers=SWAP)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["HX-Redirect"] == path
    assert worker.get(path).status_code in (403, 404)


def test_a_language_that_was_chosen_is_kept_through_the_redirect(worker):
    answer = worker.get("/language/nb/?next=/words/", headers=SWAP)

    assert answer.headers["HX-Redirect"] == "/words/"
    assert answer.cookies["django_language"].value == "nb"


def test_nothing_changes_without_htmx(worker):
    assert worker.get("/region").status_code in (301, 302)
    assert "HX-Redirect" not in worker.get("/nothing/").headers
