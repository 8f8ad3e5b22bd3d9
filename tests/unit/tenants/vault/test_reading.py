"""Rows with their salts, in one statement: of one municipality, shredded ones told apart, bytes as they lie."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tenants.isolation.enums import Purpose
from tenants.isolation.errors import NoScope
from tenants.isolation.models import Municipality
from tenants.isolation.scopes import scope
from tenants.register.models import Case
from tenants.vault import salts
from tenants.vault.reading import with_salts
from tests import people


def inside(municipality: Municipality):
    return scope(municipality.id, by="someone", purpose=Purpose.SAK)


@pytest.fixture
def cases(municipality: Municipality):
    return people.register(municipality, names=["Ada", "Bo", "Cecilie"], to=None)


def test_rows_come_with_the_salt_that_opens_them(municipality: Municipality, cases) -> None:
    with inside(municipality):
        with CaptureQueriesContext(connections["app"]) as asked:
            found = with_salts(Case.objects.order_by("id"), "id", "line", "changed_month")
        slow = list(Case.objects.order_by("id").values_list("id", "line", "changed_month"))
        salt_of = salts.of_many(cases)
    assert len(asked) == 1
    assert found == [(case, bytes(line), month, salt_of[case]) for case, line, month in slow]
    assert {case for case, *_ in found} == set(cases)
    assert all(type(line) is bytes and type(month) is date for _, line, month, _ in found)


def test_a_shredded_row_has_no_salt(municipality: Municipality, cases) -> None:
    with inside(municipality):
        salts.shred(cases[1])
        found = dict(with_salts(Case.objects.all(), "id"))
    assert found[cases[1]] is None
    assert all(found[case] for case in (cases[0], cases[2]))


def test_another_municipality_has_neither_rows_nor_salts_here(
    municipality: Municipality, neighbour: Municipality, cases
) -> None:
    with inside(neighbour):
        salts.create(cases[0])  # the same id, another record
        assert with_salts(Case.objects.all(), "id") == []
        assert with_salts(Case.objects.filter(municipality_id=municipality.id), "id") == []
    with inside(municipality):
        own = salts.of(cases[0])
        assert dict(with_salts(Case.objects.all(), "id"))[cases[0]] == own


def test_nothing_is_read_outside_a_scope(municipality: Municipality, cases) -> None:
    with pytest.raises(NoScope):
        with_salts(Case.objects.all(), "id")


def test_conditions_are_kept(municipality: Municipality, cases) -> None:
    with inside(municipality):
        assert [case for case, _ in with_salts(Case.objects.filter(pk=cases[2]), "id")] == [cases[2]]
        assert with_salts(Case.objects.filter(pk=uuid4()), "id") == []
        assert with_salts(Case.objects.none(), "id") == []
