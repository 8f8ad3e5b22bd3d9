"""The embedded PostgreSQL: who gets in, what a role is, what its log keeps quiet about."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from buvett.services import Home, databases, ensure_services
from buvett.services.endpoints import embedded
from buvett.services.errors import NoBinaries, ServiceError
from buvett.services.postgres import Postgres
from buvett.services.processes import running_in, wait_until
from buvett.services.roles import DEFINER, ROLES, login
from buvett.services.sockets import socket_folder

BUSY = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(600)%'"
CANARY = "kanarifugl-7f3a1c"


def connect(home: Home, role: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(embedded(home).database(role), autocommit=True)


def as_superuser(home: Home, statement: str) -> list[tuple[object, ...]]:
    with Postgres(home=home).superuser_connection() as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ROLES)
def test_role_signs_in_with_its_own_password_file(running: Home, role: str) -> None:
    with connect(running, role) as connection:
        assert connection.execute("SELECT session_user, current_database()").fetchone() == (login(role), "buvett")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "app"])
def test_role_is_refused_with_another_roles_password(running: Home, role: str) -> None:
    password = running.passfile("app").read_text().strip().split(":")[4]

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(socket_folder(running)), user=login(role), password=password, dbname="buvett")


@pytest.mark.parametrize("user", ["postgres", *(login(role) for role in ROLES)])
def test_nobody_gets_in_without_a_password(running: Home, user: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(socket_folder(running)), user=user, dbname="buvett", passfile="/nonexistent")


def test_definer_cannot_sign_in(running: Home) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(socket_folder(running)), user=DEFINER, password="x", dbname="buvett")


def test_roles_have_no_dangerous_attribute(running: Home) -> None:
    found = as_superuser(
        running,
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'buvett%' AND"
        " (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)",
    )

    assert found == []


def test_passwords_are_stored_as_scram_and_differ(running: Home) -> None:
    stored = as_superuser(running, "SELECT rolpassword FROM pg_authid WHERE rolcanlogin")
    files = {running.passfile(role).read_text().strip().split(":")[4] for role in ROLES}

    assert len(stored) == len(ROLES) + 1
    assert all(str(row[0]).startswith("SCRAM-SHA-256$") for row in stored)
    assert len(files) == len(ROLES)


def test_password_files_are_private(running: Home) -> None:
    files = [running.passfile(role) for role in ROLES] + [running.secrets / "superuser"]

    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {path.stat().st_uid for path in files[:-1]} == {running.processes_as.uid}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "owner"])
def test_role_may_create_nothing(running: Home, role: str) -> None:
    with connect(running, role) as connection:
        for statement in ("CREATE TABLE public.t (a int)", "CREATE TEMP TABLE t (a int)", "CREATE SCHEMA s"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_role_may_not_enter_the_shared_databases(running: Home, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(embedded(running).database("app", name=database))


def test_owner_makes_functions_and_hands_them_to_the_definer(running: Home) -> None:
    with connect(running, "owner") as connection:
        connection.execute("CREATE SCHEMA room")
        connection.execute("GRANT CREATE ON SCHEMA room TO buvett_definer")
        body = sql.SQL("CREATE OR REPLACE FUNCTION room.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS {}")
        connection.execute(body.format(sql.Literal("SELECT 1")))
        connection.execute("ALTER FUNCTION room.f() OWNER TO buvett_definer")
        connection.execute(body.format(sql.Literal("SELECT 2")))
        owner = connection.execute("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'f'").fetchone()
        connection.execute("DROP SCHEMA room CASCADE")

    assert owner == (DEFINER,)


def test_create_database_is_closed_and_owned(running: Home) -> None:
    server = Postgres(home=running)
    server.create_database("annan")
    server.create_database("annan")
    try:
        with psycopg.connect(embedded(running).database("owner", name="annan"), autocommit=True) as connection:
            connection.execute("CREATE TABLE t (a int)")
        with (
            psycopg.connect(embedded(running).database("app", name="annan"), autocommit=True) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE u (a int)")
    finally:
        server.drop_database("annan")
    assert as_superuser(running, "SELECT 1 FROM pg_database WHERE datname = 'annan'") == []


def test_server_listens_on_a_private_short_socket_only(running: Home) -> None:
    folder = socket_folder(running)
    process = Path(f"/proc/{Postgres(home=running)._leader()}")
    listening = (process / "net" / "tcp").read_text() + (process / "net" / "tcp6").read_text()
    opened = [str(link.readlink()) for link in (process / "fd").iterdir()]
    inodes = {name.removeprefix("socket:[").rstrip("]") for name in opened if name.startswith("socket:[")}

    assert inodes
    assert len(str(folder / ".s.PGSQL.5432")) < 107
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not [line for line in listening.splitlines()[1:] if line.split()[3] == "0A" and line.split()[9] in inodes]


def test_cluster_has_checksums_and_a_plain_locale(running: Home) -> None:
    with connect(running, "app") as connection:
        row = connection.execute(
            "SELECT current_setting('data_checksums'), datcollate, pg_encoding_to_char(encoding)"
            " FROM pg_database WHERE datname = 'buvett'"
        ).fetchone()

    assert row == ("on", "C.UTF-8", "UTF8")


def test_server_never_runs_as_root(running: Home) -> None:
    leader = Postgres(home=running)._leader()

    assert Path(f"/proc/{leader}").stat().st_uid == running.servers_as.uid != 0


def provoke_everything(home: Home) -> None:
    """Errors whose first line, detail, statement or parameters hold the canary."""
    with connect(home, "owner") as connection:
        connection.execute("CREATE TABLE quiet (a int PRIMARY KEY, b text CHECK (length(b) < 30))")
        for statement, values in (
            ("SELECT %s::text::int", (CANARY,)),
            ("SELECT %s::text::uuid", (CANARY,)),
            (f"SELECT '{CANARY}'::int", ()),
            ("INSERT INTO quiet VALUES (1, %s)", (CANARY * 3,)),
            (f"SELECT {CANARY.replace('-', '')}", ()),
            (f"DO $$ BEGIN RAISE WARNING '{CANARY}'; RAISE EXCEPTION '{CANARY}'; END $$", ()),
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement, values)  # type: ignore[arg-type]
        connection.execute("DROP TABLE quiet")


def test_log_says_nothing_of_statements_and_values(home: Home) -> None:
    ensure_services(home, environ={})
    provoke_everything(home)
    slow = "import sys, psycopg; psycopg.connect(sys.argv[1]).execute('SELECT pg_sleep(600), %s::text', [sys.argv[2]])"
    address = embedded(home).database("app")
    victim = subprocess.Popen([sys.executable, "-c", slow, address, CANARY], stderr=subprocess.DEVNULL)
    assert wait_until(lambda: len(as_superuser(home, BUSY)) == 1, seconds=60)
    os.kill(int(str(as_superuser(home, BUSY)[0][0])), signal.SIGKILL)  # a backend dies in mid-statement
    victim.wait()
    assert wait_until(Postgres(home=home).answers, seconds=60)

    log = (home.logs / "postgres.log").read_text()

    assert "terminated by signal 9" in log  # the log does work
    assert CANARY not in log
    assert CANARY.replace("-", "") not in log
    assert "pg_sleep" not in log


def test_settings_cannot_be_loosened_by_a_role(running: Home) -> None:
    with connect(running, "app") as connection:
        for name in ("log_statement", "log_min_messages", "log_min_error_statement", "log_parameter_max_length"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SET {} = 'all'").format(sql.Identifier(name)))


def test_other_programs_than_the_cluster_was_made_with_are_refused(home: Home, tmp_path: Path) -> None:
    ensure_services(home, environ={})
    Postgres(home=home).stop()
    other = tmp_path / "bin"
    other.mkdir()
    tmp_path.chmod(0o755)
    for name in ("postgres", "initdb"):
        (other / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.1'\n")
        (other / name).chmod(0o755)

    with pytest.raises(NoBinaries):
        ensure_services(home, pg_bin=other, environ={})


def test_start_that_fails_names_its_log(home: Home) -> None:
    ensure_services(home, environ={})
    Postgres(home=home).stop()
    control = home.postgres / "data" / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))

    with pytest.raises(ServiceError, match=r"postgres\.log"):
        ensure_services(home, environ={})


def test_killed_in_initdb_is_made_anew(home: Home) -> None:
    draft = home.postgres / "draft"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    ensure_services(home, environ={})

    assert not draft.exists()
    assert Postgres(home=home).answers()


def test_initdb_of_a_killed_start_is_ended_before_the_next_one_begins(home: Home) -> None:
    start = "import sys; from buvett.services import ensure_services; ensure_services(sys.argv[1], environ={})"
    starter = subprocess.Popen([sys.executable, "-c", start, str(home.path)])

    def makers() -> list[int]:
        return running_in(home.postgres.resolve(), program="initdb")

    assert wait_until(lambda: bool(makers()), seconds=60)
    orphan = makers()
    starter.kill()
    starter.wait()
    ensure_services(home, environ={})

    assert not set(orphan) & set(makers())
    assert Postgres(home=home).answers()


def test_a_start_waits_for_what_the_server_still_does_for_a_killed_one(running: Home) -> None:
    server = Postgres(home=running)
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with ThreadPoolExecutor() as pool:
        with server.superuser_connection() as killed:
            databases.take_turns(killed)
            next_one = pool.submit(server.create_database, "turns")
            assert wait_until(lambda: bool(as_superuser(running, waiting)), seconds=30)
            databases.create_database(killed, "turns")
        next_one.result(timeout=60)  # it finds the database, and makes none of its own

    assert as_superuser(running, "SELECT count(*) FROM pg_database WHERE datname = 'turns_draft'") == [(0,)]
    server.drop_database("turns")


def test_password_file_lost_is_made_anew(make_home: Callable[[], Home]) -> None:
    home = make_home()
    ensure_services(home, environ={})
    before = home.passfile("app").read_text()
    home.passfile("app").unlink()

    ensure_services(home, environ={})

    assert home.passfile("app").read_text() != before
    with connect(home, "app") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
