from contextlib import AbstractContextManager
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connections
from django.test.utils import CaptureQueriesContext

from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import NoScope
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import Scope, scope
from tenants.vault import salts
from tenants.vault.errors import SaltMissing
from tenants.vault.models import RecordSalt


def inside(municipality: Municipality) -> AbstractContextManager[Scope]:
    return scope(municipality.id, by="someone", purpose=Purpose.SAK)


def made(municipality: Municipality) -> tuple[UUID, bytes]:
    """A record of the municipality with its salt, committed."""
    record = uuid4()
    with inside(municipality):
        return record, salts.create(record)


def test_salt_is_16_random_bytes_and_stays(municipality: Municipality) -> None:
    (one, salt), (other, another) = made(municipality), made(municipality)
    with inside(municipality):
        assert (salts.of(one), salts.of(other)) == (salt, another)
    assert {len(salt), len(another)} == {16}
    assert salt != another


def test_many_salts_take_one_query_each_way(municipality: Municipality) -> None:
    records = [uuid4() for _ in range(50)]
    with inside(municipality):
        with CaptureQueriesContext(connections["app"]) as writing:
            made_now = salts.create_many(records)
        with CaptureQueriesContext(connections["app"]) as reading:
            found = salts.of_many([*records, uuid4()])
    assert (len([query for query in writing if "SAVEPOINT" not in query["sql"]]), len(reading)) == (1, 1)
    assert found == made_now
    assert len(set(found.values())) == 50


def test_salt_of_a_shredded_record_is_gone_and_only_that(municipality: Municipality) -> None:
    (gone, _), (stays, salt) = made(municipality), made(municipality)
    with inside(municipality):
        salts.shred(gone)
    with inside(municipality):
        assert salts.of(stays) == salt
        for ask in (salts.of, salts.shred):
            with pytest.raises(SaltMissing):
                ask(gone)


def test_salt_of_another_municipality_is_as_missing_as_none(
    municipality: Municipality, neighbour: Municipality
) -> None:
    theirs, salt = made(neighbour)
    with inside(municipality):
        for record in (theirs, uuid4()):
            for ask in (salts.of, salts.shred):
                with pytest.raises(SaltMissing, match="no salt of that record"):
                    ask(record)
    with inside(neighbour):
        assert salts.of(theirs) == salt


def test_salt_outside_a_scope_is_refused(municipality: Municipality) -> None:
    record, _ = made(municipality)
    for ask in (salts.of, salts.create, salts.shred):
        with pytest.raises(NoScope):
            ask(record)
    with pytest.raises(NoScope):
        salts.of_many([record])


def test_second_salt_of_a_record_is_refused(municipality: Municipality) -> None:
    record, salt = made(municipality)
    with pytest.raises(IntegrityError), inside(municipality):
        salts.create(record)
    with inside(municipality):
        assert salts.of(record) == salt


def test_two_municipalities_may_have_a_record_of_the_same_id(
    municipality: Municipality, neighbour: Municipality
) -> None:
    record, salt = made(municipality)
    with inside(neighbour):
        other = salts.create(record)
    with inside(municipality):
        assert salts.of(record) == salt != other


@pytest.mark.parametrize("length", [0, 15, 17])
def test_salt_of_another_length_is_refused_by_the_database(municipality: Municipality, length: int) -> None:
    with pytest.raises(IntegrityError), inside(municipality):
        RecordSalt.objects.create(municipality_id=municipality.id, salt=bytes(length))


def test_salt_cannot_be_changed_even_by_the_application(municipality: Municipality) -> None:
    record, _ = made(municipality)
    with pytest.raises(DatabaseError, match="permission denied"), inside(municipality):
        RecordSalt.objects.filter(id=record).update(salt=bytes(16))


def test_contributor_reads_and_makes_salts_and_shreds_none(municipality: Municipality) -> None:
    record, salt = made(municipality)
    with connected_as(Role.CONTRIBUTOR):
        with inside(municipality):
            assert salts.of(record) == salt
            made_now = uuid4()
            assert salts.create(made_now) == salts.of(made_now)
        with pytest.raises(DatabaseError, match="permission denied"), inside(municipality):
            salts.shred(record)


@pytest.mark.parametrize("role", [Role.READER, Role.PUBLISHER, Role.OUTBOX])
def test_other_roles_see_no_salts(municipality: Municipality, role: Role) -> None:
    made(municipality)
    with connections[role.value].cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute("SELECT salt FROM vault_recordsalt")
