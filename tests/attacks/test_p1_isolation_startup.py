"""P1: a process whose database role could go round row security does not start. Tried by making it dangerous."""

from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from django.db import connections

from tenants.isolation.enums import Role
from tenants.isolation.errors import UnsafeRole
from tenants.isolation.startup import check_role
from tests.attacks.p1_house import superuser

SERVING = [role for role in Role if role not in {Role.OWNER, Role.BACKUP}]
READABLE_LOGS = "runs where bound values are logged"
# What the superuser does by mistake, how it is undone, and what the process must say.
DANGERS = {
    "superuser": ("ALTER ROLE {role} SUPERUSER", "ALTER ROLE {role} NOSUPERUSER", "is superuser"),
    "bypassrls": ("ALTER ROLE {role} BYPASSRLS", "ALTER ROLE {role} NOBYPASSRLS", "bypasses row security"),
    "createrole": ("ALTER ROLE {role} CREATEROLE", "ALTER ROLE {role} NOCREATEROLE", "may create roles"),
    "createdb": ("ALTER ROLE {role} CREATEDB", "ALTER ROLE {role} NOCREATEDB", "may create databases"),
    "replication": ("ALTER ROLE {role} REPLICATION", "ALTER ROLE {role} NOREPLICATION", "may replicate"),
    "member of the owner": (
        "GRANT buvett_owner TO {role}",
        "REVOKE buvett_owner FROM {role}",
        "is a member of another role",
    ),
    "member of the definer": (
        "GRANT buvett_definer TO {role}",
        "REVOKE buvett_definer FROM {role}",
        "is a member of another role",
    ),
    "reads all data": (
        "GRANT pg_read_all_data TO {role}",
        "REVOKE pg_read_all_data FROM {role}",
        "is a member of another role",
    ),
    "owns a table": (
        "CREATE TABLE public.stray (x int); ALTER TABLE public.stray OWNER TO {role}",
        "DROP TABLE public.stray",
        "owns objects",
    ),
    "owns a function": (
        (
            "CREATE FUNCTION public.stray() RETURNS int LANGUAGE sql AS 'SELECT 1';"
            " ALTER FUNCTION public.stray() OWNER TO {role}"
        ),
        "DROP FUNCTION public.stray()",
        "owns objects",
    ),
    "creates in a schema": (
        "GRANT CREATE ON SCHEMA public TO {role}",
        "REVOKE CREATE ON SCHEMA public FROM {role}",
        "may create objects",
    ),
    "everybody creates in a schema": (
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "may create objects",
    ),
    "makes schemas": (
        "GRANT CREATE ON DATABASE buvett TO {role}",
        "REVOKE CREATE ON DATABASE buvett FROM {role}",
        "may create objects",
    ),
    "makes temporary objects": (
        "GRANT TEMPORARY ON DATABASE buvett TO {role}",
        "REVOKE TEMPORARY ON DATABASE buvett FROM {role}",
        "may create objects",
    ),
    "truncates": (
        "GRANT TRUNCATE ON register_case TO {role}",
        "REVOKE TRUNCATE ON register_case FROM {role}",
        "may truncate",
    ),
    "puts triggers": (
        "GRANT TRIGGER ON register_case TO {role}",
        "REVOKE TRIGGER ON register_case FROM {role}",
        "may truncate",
    ),
    "references a table": (
        "GRANT REFERENCES ON register_case TO {role}",
        "REVOKE REFERENCES ON register_case FROM {role}",
        "may truncate",
    ),
    "references one column": (
        "GRANT REFERENCES (id) ON register_case TO {role}",
        "REVOKE REFERENCES (id) ON register_case FROM {role}",
        "may truncate",
    ),
    "reads keys": (
        "GRANT SELECT ON isolation.context_key TO {role}",
        "REVOKE SELECT ON isolation.context_key FROM {role}",
        "reads or writes the keys",
    ),
    "reads one block of the keys": (
        "GRANT SELECT (inner_block) ON isolation.context_key TO {role}",
        "REVOKE SELECT (inner_block) ON isolation.context_key FROM {role}",
        "reads or writes the keys",
    ),
    "plants keys": (
        "GRANT INSERT ON isolation.context_key TO {role}",
        "REVOKE INSERT ON isolation.context_key FROM {role}",
        "reads or writes the keys",
    ),
    "row security off": (
        "ALTER TABLE register_case DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE register_case ENABLE ROW LEVEL SECURITY",
        "without forced row security",
    ),
    "row security not forced": (
        "ALTER TABLE register_case NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE register_case FORCE ROW LEVEL SECURITY",
        "without forced row security",
    ),
    "values in the log": (
        "ALTER ROLE {role} SET log_parameter_max_length = -1",
        "ALTER ROLE {role} RESET log_parameter_max_length",
        READABLE_LOGS,
    ),
    "values in the log of errors": (
        "ALTER ROLE {role} SET log_parameter_max_length_on_error = 40",
        "ALTER ROLE {role} RESET log_parameter_max_length_on_error",
        READABLE_LOGS,
    ),
}


@pytest.fixture
def as_superuser(installation):
    with superuser(installation) as connection:
        yield connection.execute


@pytest.mark.parametrize("role", SERVING)
def test_role_as_installed_may_start(installation, role):
    check_role(role)


@pytest.mark.parametrize("danger", DANGERS)
def test_role_made_dangerous_is_refused(as_superuser: Callable[[str], object], danger):
    make, undo, said = (text.format(role=Role.APP.login) for text in DANGERS[danger])
    connections[Role.APP.value].close()  # a new session, as a start has: settings of a role apply to new ones only
    try:
        as_superuser(make)
        with pytest.raises(UnsafeRole, match=said.replace("(", r"\(")):
            check_role(Role.APP)
    finally:
        as_superuser(undo)
        connections[Role.APP.value].close()

    check_role(Role.APP)


def test_connection_of_another_role_is_refused(as_superuser: Callable[[str], object]):
    as_superuser("GRANT buvett_reader TO buvett_app")
    try:
        connections[Role.APP.value].close()
        with connections[Role.APP.value].cursor() as cursor:
            cursor.execute("SET ROLE buvett_reader")
        with pytest.raises(UnsafeRole, match="does not run as buvett_app"):
            check_role(Role.APP)
    finally:
        connections[Role.APP.value].close()
        with suppress(psycopg.Error):
            as_superuser("REVOKE buvett_reader FROM buvett_app")

    check_role(Role.APP)


def test_owner_serves_nobody(installation):
    with pytest.raises(UnsafeRole, match="is a member of another role, owns objects"):
        check_role(Role.OWNER)
