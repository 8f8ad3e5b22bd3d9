"""Memberships from before a role named its region: settled where there is one answer, refused where there is none."""

from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.utils import timezone

from buvett.access.errors import RegionUnknown
from buvett.access.models import Membership
from buvett.access.roles import Role
from tests import people

settle = import_module("buvett.access.migrations.0005_region").settle
OWNER = "owner"


@contextmanager
def before():
    """As the owner, with memberships as they could be before; nothing of it stays."""
    with transaction.atomic(using=OWNER):
        with connections[OWNER].cursor() as cursor:
            cursor.execute("ALTER TABLE access_membership DROP CONSTRAINT membership_names_its_place")
        # Those of other tests have their region already.
        yield
        transaction.set_rollback(True, using=OWNER)


def give(user, role, municipality=None, **more):
    return Membership.objects.using(OWNER).create(
        user_id=user.pk, municipality=municipality, role=role.value, valid_from=people.SINCE, **more
    )


def run():
    settle(apps, SimpleNamespace(connection=connections[OWNER]))


def region_of(row):
    return Membership.objects.using(OWNER).values_list("region", flat=True).get(pk=row.pk)


def only(region):
    """No other region is there, until the transaction is rolled back."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute("DELETE FROM agreements_region WHERE id <> %s", [region.pk])


def test_the_only_region_is_the_one(municipality):
    region, user = people.region(municipality), people.user()
    with before():
        only(region)
        leader, member = give(user, Role.PROJECT_LEADER), give(user, Role.INTERMUNICIPAL_MEMBER)
        local, operations = give(user, Role.CASE_WORKER, municipality), give(user, Role.OPERATIONS)

        run()

        assert [region_of(row) for row in (leader, member, local, operations)] == [region.pk, region.pk, None, None]


def test_whoever_was_sent_by_a_municipality_works_in_its_region(municipality, neighbour):
    region, user = people.region(municipality), people.user()
    people.region(neighbour)
    with before():
        sent = give(user, Role.INTERMUNICIPAL_MEMBER, municipality)

        run()

        assert region_of(sent) == region.pk


def test_several_regions_are_refused_with_what_to_do(municipality, neighbour):
    user = people.user()
    people.region(municipality, neighbour)
    people.region(neighbour)
    with before():
        unknown = [give(user, Role.PROJECT_LEADER), give(user, Role.INTERMUNICIPAL_MEMBER, neighbour)]

        with pytest.raises(RegionUnknown) as refused:
            run()

    for part in (*(str(row.pk) for row in unknown), "ended_at", "buvett admin create", "--region"):
        assert part in str(refused.value)
    assert user.name not in str(refused.value)


def test_a_municipality_in_no_region_is_refused(municipality):
    user = people.user()
    with before():
        give(user, Role.INTERMUNICIPAL_MEMBER, municipality)

        with pytest.raises(RegionUnknown, match="or none"):
            run()


def test_what_has_ended_stays_as_it_was(municipality, neighbour):
    user = people.user()
    people.region(municipality)
    people.region(neighbour)
    with before():
        ended = give(user, Role.PROJECT_LEADER, ended_at=timezone.now())

        run()

        assert region_of(ended) is None
