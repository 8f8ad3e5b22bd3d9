"""The declaration's page: what one has signed is kept, and it is time again a month before the last day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from buvett.access.declarations import RENEW, standing
from buvett.access.memberships import hats_of
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import declarations
from tenants.legal.models import Declaration
from tests import people

TODAY = timezone.localdate()
YEAR = declarations.VALID_FOR


def signed(municipality, days_ago):
    """(someone who signed so many days ago, their browser, the page's path)."""
    worker = people.worker(municipality, signed=False)
    if days_ago is not None:
        people.sign(worker, municipality, on=people.days_ago(days_ago))
    return worker, people.browser(worker), f"/municipality/{municipality.code}/declaration/"


def count(worker, municipality):
    with scope(municipality.pk, by=worker.pk, purpose=Purpose.KONTROLL):
        return Declaration.objects.filter(user=worker.pk).count()


@pytest.mark.parametrize(
    ("days_ago", "may_sign", "valid"),
    [
        (None, True, False),
        (0, False, True),
        ((YEAR - RENEW).days - 1, False, True),
        ((YEAR - RENEW).days, True, True),
        (YEAR.days, True, True),
        (YEAR.days + 1, True, False),
    ],
)
def test_when_it_is_time_to_sign(municipality, days_ago, may_sign, valid):
    worker, client, path = signed(municipality, days_ago)

    found = standing(hats_of(worker.pk, on=TODAY)[0], on=TODAY)
    text = client.get(path).content.decode()

    assert (found.may_sign, found.until is not None) == (may_sign, valid)
    assert ('name="read"' in text) is may_sign
    assert declarations.VERSION in text


def test_renewal_is_a_row_of_its_own_and_both_are_shown(municipality):
    worker, client, path = signed(municipality, 350)

    assert client.post(path, {"read": "yes"}).status_code == 302

    assert count(worker, municipality) == 2
    found = standing(hats_of(worker.pk, on=TODAY)[0], on=TODAY)
    assert [row.signed_on for row in found.history] == [TODAY, TODAY - timedelta(days=350)]
    assert found.until == TODAY + YEAR
    assert client.get(path).content.decode().count('<th scope="row">') == 2


def test_signing_what_is_valid_for_long_changes_nothing(municipality):
    worker, client, path = signed(municipality, 10)

    assert client.post(path, {"read": "yes"}).status_code == 302
    assert count(worker, municipality) == 1


@pytest.mark.parametrize("read", [{}, {"read": "no"}])
def test_not_read_is_not_signed(municipality, read):
    worker, client, path = signed(municipality, None)

    answer = client.post(path, read)

    assert answer.status_code == 422
    assert count(worker, municipality) == 0


def test_another_version_has_to_be_signed_anew(municipality, monkeypatch):
    worker, _, _ = signed(municipality, 1)
    monkeypatch.setattr(declarations, "VERSION", "2099-9")

    assert standing(hats_of(worker.pk, on=TODAY)[0], on=TODAY).until is None
    assert len(standing(hats_of(worker.pk, on=TODAY)[0], on=TODAY).history) == 1
