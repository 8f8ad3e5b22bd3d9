"""Login roles and databases inside the embedded cluster: passwords, ownership, nothing for PUBLIC.

What each role may do with tables is said in the migrations (``tenants.isolation``); here nobody may do anything.
"""

import secrets
from typing import Any

import psycopg
from psycopg import sql

from buvett.services.folders import write_secret
from buvett.services.home import Home
from buvett.services.roles import DEFINER, ROLES, login

_TURN = 0x6275_7665_7474  # any number that nobody else takes
_ATTRIBUTES = sql.SQL("NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION")


def take_turns(connection: psycopg.Connection[Any]) -> None:
    """Wait until no other start changes the cluster, and keep the turn as long as the connection lasts.

    The lock of the home goes with a killed start, but the server ends the statement that it was at: that one first.
    """
    connection.execute("SELECT pg_advisory_lock(%s)", (_TURN,))


def prepare_cluster(connection: psycopg.Connection[Any], *, home: Home) -> None:
    """Make the roles and their passwords where they are missing; run as the superuser, as often as one likes."""
    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    if not known.issuperset({DEFINER, *map(login, ROLES)}):
        with connection.transaction():
            _make_roles(connection, known=known)
    for role in ROLES:
        if not _passfile_is_ours(home, role):
            _set_password(connection, home=home, role=role)


def _make_roles(connection: psycopg.Connection[Any], *, known: set[str]) -> None:
    for name in map(login, ROLES):
        if name not in known:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN {}").format(sql.Identifier(name), _ATTRIBUTES))
    if DEFINER not in known:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN {}").format(sql.Identifier(DEFINER), _ATTRIBUTES))
    # The owner makes functions and hands them to the definer; on PostgreSQL 16+ the grant carries SET and INHERIT.
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(DEFINER), sql.Identifier(login("owner"))))
    for shared in ("postgres", "template1"):
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(shared)))


def database_exists(connection: psycopg.Connection[Any], name: str) -> bool:
    """Whether there is a database ``name``."""
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def create_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Make an empty database of the owner's that only our roles may connect to."""
    database = sql.Identifier(name)
    logins = sql.SQL(", ").join(sql.Identifier(login(role)) for role in ROLES)
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' OWNER {}").format(
            database, sql.Identifier(login("owner"))
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, logins))


def rename_database(connection: psycopg.Connection[Any], name: str, *, to: str) -> None:
    """Give a database that nobody is connected to its name."""
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))


def drop_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Remove a database and whoever is connected to it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def close_public_schema(connection: psycopg.Connection[Any]) -> None:
    """In the connected database: our roles may use the schema ``public``, nobody but its owner may create there."""
    logins = sql.SQL(", ").join(sql.Identifier(name) for name in (*map(login, ROLES), DEFINER))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(logins))


def _passfile_is_ours(home: Home, role: str) -> bool:
    path = home.passfile(role)
    return path.is_file() and path.lstat().st_uid == home.processes_as.uid


def _set_password(connection: psycopg.Connection[Any], *, home: Home, role: str) -> None:
    """A fresh password: the role first, then the file, so that a kill in between leaves the file missing.

    Only the SCRAM verifier travels to the server.
    """
    home.passfile(role).unlink(missing_ok=True)
    secret = secrets.token_urlsafe(32)
    name = login(role)
    verifier = connection.pgconn.encrypt_password(secret.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier)))
    write_secret(home.passfile(role), f"*:*:*:{name}:{secret}\n", owner=home.processes_as)
