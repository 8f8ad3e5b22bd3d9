"""What the attacks on isolation share: two municipalities with rows that could leak, and the attacker's connections.

The attacker is somebody who can run any SQL as a platform's role (an injection), or sits beside the server and looks.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connections

from buvett.services import Home
from buvett.services.postgres import Postgres
from tenants.isolation.context import SETTING, Context
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.keys import key_for
from tenants.isolation.models import Municipality
from tenants.isolation.scopes import scope
from tenants.register.models import Case, Person

ON = date(2026, 11, 1)
ATTACKER = "attacker"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, kw_only=True)
class House:
    """One municipality with one person and one case; the bytes are found nowhere else."""

    municipality: UUID
    person: UUID
    case: UUID
    number_index: bytes
    secret: bytes


def furnish(municipality: Municipality, *, number_index: bytes | None = None) -> House:
    """Put a person and a case into a municipality."""
    secret, number_index = uuid4().bytes * 3, number_index or uuid4().bytes
    with scope(municipality.id, by="caseworker", purpose=Purpose.SAK):
        person = Person.objects.create(
            municipality_id=municipality.id, identity=secret, number_index=number_index, created_month=ON
        )
        case = Case.objects.create(
            municipality_id=municipality.id, person=person, assessment=secret, notes=secret, changed_month=ON
        )
    return House(municipality=municipality.id, person=person.id, case=case.id, number_index=number_index, secret=secret)


@contextmanager
def injected(
    house: House, *, role: Role = Role.APP, lifetime: timedelta = timedelta(minutes=5)
) -> Iterator[Connection]:
    """The platform's own connection inside the scope of ``house``: where an injection would run."""
    with scope(house.municipality, by=ATTACKER, purpose=Purpose.SAK, lifetime=lifetime):
        connection = connections[role.value].connection
        yield connection


@contextmanager
def session(role: Role = Role.APP, *, autocommit: bool = False) -> Iterator[Connection]:
    """Another session of a role, outside the platform's code."""
    connection = psycopg.connect(os.environ[f"BUVETT_DATABASE_{role.name}"], autocommit=autocommit)
    try:
        yield connection
    finally:
        connection.close()


def superuser(home: Home) -> Connection:
    """The operator of the server, to look at it and to make data that an attack needs."""
    return Postgres(home=home).superuser_connection("buvett")


def context_of(connection: Connection, municipality: UUID, **changed: Any) -> Context:
    """A context that is right for the running transaction of ``connection``, but for what is ``changed``."""
    row = connection.execute(
        "SELECT pg_backend_pid(), (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint,"
        " (extract(epoch FROM clock_timestamp()))::bigint"
    ).fetchone()
    assert row is not None
    right = {
        "municipality": municipality,
        "by": ATTACKER,
        "purpose": Purpose.SAK,
        "pid": row[0],
        "started": row[1],
        "expires": row[2] + 60,
    }
    return Context(**(right | changed))


def present(connection: Connection, token: str, *, local: bool = True) -> None:
    """Put a token where the database looks for it."""
    connection.execute("SELECT set_config(%s, %s, %s)", (SETTING, token, local))


def sign(connection: Connection, municipality: UUID, *, role: Role = Role.APP) -> str:
    """Do by hand what ``scope`` does; returns the token."""
    token = context_of(connection, municipality).token(key_for(municipality, role))
    present(connection, token)
    return token


def one(connection: Connection, statement: str, values: tuple[object, ...] = ()) -> Any:
    """The first column of the first row."""
    row = connection.execute(statement, values or None).fetchone()
    assert row is not None
    return row[0]
