"""Debian's pgbouncer in transaction mode before the embedded server, unprivileged and in a folder of its own."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from buvett.services import Home, processes
from buvett.services.folders import own_folder, write_secret
from buvett.services.sockets import socket_folder
from tenants.isolation.enums import Role

PORT = 6432
_PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def program() -> Path:
    """Where pgbouncer is. A test that needs it fails without it: a promise is not skipped."""
    found = shutil.which("pgbouncer", path=_PLACES)
    if found is None:
        raise AssertionError("pgbouncer is not installed (apt-get install pgbouncer): P1 is proved through it too")
    return Path(found)


@contextmanager
def pgbouncer(home: Home, role: Role, *, pool_size: int) -> Iterator[Path]:
    """The folder of the socket of a running pgbouncer that lets ``role`` in through ``pool_size`` connections."""
    binary = program()
    base = Path(tempfile.mkdtemp(prefix="buvett-pgb-"))
    base.chmod(0o711)
    folder = own_folder(base / "run", owner=home.servers_as, mode=0o700)
    secret = home.passfile(role.value).read_text(encoding="utf-8").strip().rpartition(":")[2]
    write_secret(folder / "users", f'"{role.login}" "{secret}"\n', owner=home.servers_as)
    write_secret(
        folder / "pgbouncer.ini",
        f"""
[databases]
buvett = host={socket_folder(home)} port=5432 dbname=buvett
[pgbouncer]
listen_addr =
listen_port = {PORT}
unix_socket_dir = {folder}
unix_socket_mode = 0700
auth_type = scram-sha-256
auth_file = {folder / "users"}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 100
server_reset_query =
log_connections = 0
log_disconnections = 0
""",
        owner=home.servers_as,
    )
    log = os.open(base / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = processes.launch(
            [binary, folder / "pgbouncer.ini"],
            user=home.servers_as,
            cwd=folder,
            env={"PATH": os.defpath},
            log=log,
            bound=True,
        )
        try:
            ready = processes.wait_until(lambda: child.poll() is not None or answers(folder, home, role), seconds=20)
            assert ready, (base / "log").read_text()
            assert child.poll() is None, (base / "log").read_text()
            yield folder
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(timeout=20)
    finally:
        os.close(log)
        shutil.rmtree(base)


def answers(folder: Path, home: Home, role: Role) -> bool:
    """Whether a client is let through to the server."""
    try:
        with psycopg.connect(
            host=str(folder), port=PORT, user=role.login, dbname="buvett", passfile=str(home.passfile(role.value))
        ) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
