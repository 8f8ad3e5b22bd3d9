"""P1: a token cannot be read by who looks: statistics views, statements, locks, logs. A stolen one opens nothing.

The superuser turns on every log that there is, but for bound values; where those are logged too, no process starts
(test_p1_isolation_startup), and a token found there is still of no use.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from buvett.services import Home, Process, ensure_services, process_environment, remove
from buvett.services.endpoints import embedded
from buvett.services.postgres import Postgres
from tenants.isolation.context import SETTING
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import UnsafeRole
from tenants.isolation.scopes import scope
from tenants.isolation.startup import check_role
from tenants.register.models import Case
from tests.attacks.p1_house import furnish, one, present, session, superuser
from tests.conftest import ANOTHER_POSTGRES

LOUD = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_duration": "on",
    "log_min_messages": "debug5",
    "log_min_error_statement": "debug5",
    "log_error_verbosity": "verbose",
    "debug_print_parse": "on",
    "debug_print_rewritten": "on",
    "debug_print_plan": "on",
    "log_parser_stats": "on",
    "log_lock_waits": "on",
}


@pytest.fixture
def ours(municipality):
    return furnish(municipality)


def token_of_this_transaction():
    """What the platform put into its own running transaction."""
    return one(connections["app"].connection, "SELECT current_setting('buvett.context')")


def parts(token):
    """What must not be seen: the whole token, and the signature alone."""
    return token, token.rpartition("|")[2]


@pytest.mark.parametrize("watcher", [Role.APP, Role.READER, Role.BACKUP, Role.OWNER])
@pytest.mark.parametrize(
    "view",
    ["pg_stat_activity", "pg_locks", "pg_prepared_statements", "pg_cursors", "pg_settings", "pg_prepared_xacts"],
)
def test_other_session_reads_no_token_in_a_view(ours, watcher, view):
    with scope(ours.municipality, by="caseworker", purpose=Purpose.SAK):
        Case.objects.count()
        token = token_of_this_transaction()
        with session(watcher) as connection:
            seen = str(connection.execute(f"SELECT * FROM {view}").fetchall())

    assert not any(part in seen for part in parts(token))


def test_superuser_reads_no_token_in_the_activity_right_after_signing(installation, ours):
    """The last statement of the session is the one that carried the token."""
    with scope(ours.municipality, by="caseworker", purpose=Purpose.SAK), superuser(installation) as connection:
        seen = connection.execute(
            "SELECT query FROM pg_stat_activity WHERE usename = 'buvett_app' AND state = 'idle in transaction'"
        ).fetchall()
        token = token_of_this_transaction()

    assert any("set_config($1, $2, true)" in query for (query,) in seen)
    assert not any(part in str(seen) for part in parts(token))


@pytest.mark.parametrize("view", ["pg_prepared_statements", "pg_cursors"])
def test_own_session_keeps_no_token_in_its_statements(ours, view):
    with scope(ours.municipality, by="caseworker", purpose=Purpose.SAK):
        for _ in range(10):  # often enough for a statement to be prepared
            list(Case.objects.all())
        token = token_of_this_transaction()
        seen = str(connections["app"].connection.execute(f"SELECT * FROM {view}").fetchall())

    assert not any(part in seen for part in parts(token))


@pytest.fixture
def loud(installation):
    """Every log on for new sessions of the app; gives the place in the server's log from which on to read."""
    log = installation.logs / "postgres.log"
    connections["app"].close()
    with superuser(installation) as connection:
        for name, value in LOUD.items():
            connection.execute(f"ALTER ROLE buvett_app SET {name} = '{value}'")
        begin = log.stat().st_size
        try:
            yield lambda: log.read_bytes()[begin:].decode(errors="replace")
        finally:
            connection.execute("ALTER ROLE buvett_app RESET ALL")
            connections["app"].close()


def test_logs_of_every_statement_hold_no_token(ours, loud):
    with scope(ours.municipality, by="caseworker", purpose=Purpose.SAK):
        token = token_of_this_transaction()
        assert Case.objects.count() == 1

    written = loud()
    assert "set_config($1, $2, true)" in written  # the statement that carried it is there …
    assert "register_case" in written
    assert not any(part in written for part in parts(token))  # … and it is not


def test_logs_of_errors_hold_no_token(ours, loud):
    with contextlib.suppress(psycopg.Error), scope(ours.municipality, by="caseworker", purpose=Purpose.SAK):
        token = token_of_this_transaction()
        connections["app"].connection.execute("SELECT 1 / 0 FROM register_case")
    with contextlib.suppress(psycopg.Error), session() as connection:
        present(connection, token)
        connection.execute("SELECT * FROM register_case")

    written = loud()
    assert "division by zero" in written
    assert "no valid scope" in written
    assert not any(part in written for part in parts(token))


def test_error_while_signing_is_logged_without_the_token(ours, loud, installation):
    """The statement that carries the token fails itself: its bound values stay out of the log of errors."""
    with session() as connection, contextlib.suppress(psycopg.Error):
        token = f"1|{ours.municipality}|a|SAK|1|1|1|{'ab' * 32}"
        connection.execute("SELECT set_config(%s, %s, true), 1 / 0", (SETTING, token))

    written = loud()
    assert "division by zero" in written
    assert not any(part in written for part in parts(token))


def test_control_where_values_are_logged_the_token_is_found_and_no_process_starts(ours, loud, installation):
    connections["app"].close()
    with superuser(installation) as connection:
        connection.execute("ALTER ROLE buvett_app SET log_parameter_max_length = -1")
    with scope(ours.municipality, by="caseworker", purpose=Purpose.SAK):
        token = token_of_this_transaction()
    with pytest.raises(UnsafeRole, match="bound values are logged"):
        check_role(Role.APP)

    assert token in loud()  # the scan finds what is there
    with session() as thief:
        present(thief, token)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no valid scope"):
            thief.execute("SELECT * FROM register_case")


def test_token_stolen_while_its_transaction_runs_opens_nothing_elsewhere(installation, ours):
    """The best case for a thief: the whole token, at once, with the same role, on another connection."""
    with scope(ours.municipality, by="caseworker", purpose=Purpose.SAK):
        token = token_of_this_transaction()
        with session() as thief:
            present(thief, token)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no valid scope"):
                thief.execute("SELECT * FROM register_case")


WATCHED = """
import django
django.setup()
from datetime import date
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from buvett.installation import municipalities
from buvett.installation.keys import KeyFolders
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal.models import Heimel

with connected_as(Role.OWNER):
    call_command("migrate", "legal", database="owner", verbosity=0)
    folders = KeyFolders(root=settings.HOME / "keys", keystore=settings.KEYSTORE_FOLDER, demo=True)
    made = municipalities.add(folders, code="0001", name="Prøveheim", since=date(2024, 1, 1))
for _ in range(8):
    with scope(made.id, by="caseworker", purpose=Purpose.SAK):
        list(Heimel.objects.all())
        row = connections["app"].connection.execute("SELECT current_setting('buvett.context')").fetchone()
        print(row[0])
"""


@pytest.fixture
def watched():
    """A server of its own that keeps statistics of statements (it must be loaded at the start)."""
    home = Home.open(Path(tempfile.mkdtemp(prefix="buvett-watched-")))
    server = Postgres(home=home)
    try:
        ensure_services(home, environ=ANOTHER_POSTGRES)
        with server.superuser_connection() as connection:
            connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        server.stop()
        ensure_services(home, environ=ANOTHER_POSTGRES)
        with server.superuser_connection("buvett") as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements SCHEMA public")
            connection.execute("ALTER SYSTEM SET pg_stat_statements.track = 'all'")  # known once it is loaded
            connection.execute("SELECT pg_reload_conf()")
        yield home
    finally:
        remove(home)
        shutil.rmtree(home.path, ignore_errors=True)


def test_statistics_of_statements_hold_no_token(watched):
    home = watched
    home.keys(Process.TEST).chmod(0o700)
    environment = process_environment(Process.TEST, endpoints=embedded(home), home=home, mode="test", synthetic=True)
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    said = subprocess.run(
        [sys.executable, "-c", WATCHED], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert said.returncode == 0, said.stderr[-2000:]
    tokens = said.stdout.split()

    with Postgres(home=home).superuser_connection("buvett") as connection:
        seen = str(connection.execute("SELECT * FROM pg_stat_statements").fetchall())

    assert len(tokens) == 8
    assert "set_config($1, $2, " in seen
    assert not any(part in seen for token in tokens for part in parts(token))
