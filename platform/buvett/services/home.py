"""The folder that holds everything a running bu-vett keeps on disk, who owns each part, and its lock.

    postgres/data   the cluster                        server user, 0700
    valkey/         append-only file, configuration    server user, 0700
    secrets/        database/<role>.pgpass, broker/<user>, superuser      one 0600 file for each
    keys/<process>/ KMS keys that one kind of process may use             process user, 0700
    keystore/       wrapped keys                                          process user, 0700
    logs/           one file per server and process, 0600
    run/            pid files and the lock
    servers/        copies of the server programs, where the server user cannot reach the originals

For an ordinary user all of it is the user's and 0700. For root, the folders on the way are 0711, so that the server
user can pass but not look.
"""

import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from buvett.services.errors import AlreadyRunning, WrongModes
from buvett.services.folders import own_folder
from buvett.services.roles import Process
from buvett.services.users import User, current_user, server_user

STATE = Path("/var/lib/buvett")
_PROGRAM = "import django, psycopg, tenants, buvett.services.roles"


def default_home(environ: Mapping[str, str] = os.environ) -> Path:
    """``$BUVETT_HOME``, else ``.buvett`` in the clone, else (an installed wheel) in the user's own folder."""
    if given := environ.get("BUVETT_HOME"):
        return Path(given).absolute()
    clone = Path(__file__).resolve().parents[3]
    base = clone if (clone / "pyproject.toml").is_file() else Path.home()
    return base / ".buvett"


@dataclass(frozen=True, kw_only=True)
class Home:
    """One home; two of them never share a server, a socket or a password."""

    path: Path
    runner: User
    servers_as: User

    @classmethod
    def open(cls, wanted: Path | str | None = None) -> "Home":
        """The home at ``wanted`` (default: ``default_home()``) with all its folders, made where missing.

        Where root's server user cannot reach ``wanted``, the home lies in the system's state directory under a name
        derived from it. Raises WrongModes when a part belongs to somebody else or is open to others.
        """
        runner, servers_as = current_user(), server_user()
        home = cls(path=cls.place(wanted, servers_as=servers_as), runner=runner, servers_as=servers_as)
        home._make()
        return home

    @staticmethod
    def place(wanted: Path | str | None, *, servers_as: User) -> Path:
        """Where the home lies on disk: see ``open``."""
        path = (Path(wanted) if wanted is not None else default_home()).absolute()
        if servers_as.is_current:
            return path
        above = next(folder for folder in path.parents if folder.is_dir())
        if servers_as.can_enter(above):
            return path
        return STATE / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]

    def _make(self) -> None:
        passage = 0o700 if self.servers_as.is_current else 0o711
        if self.path.parent == STATE:
            own_folder(STATE, owner=self.runner, mode=passage)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.is_dir() and not any(self.path.iterdir()) and self.path.stat().st_uid == self.runner.uid:
            self.path.chmod(passage)  # an empty folder made for us, for instance by mktemp
        own_folder(self.path, owner=self.runner, mode=passage)
        for name in ("secrets", "secrets/database", "secrets/broker", "keys", "logs"):
            own_folder(self.path / name, owner=self.runner, mode=passage)
        own_folder(self.run, owner=self.runner, mode=0o700)
        own_folder(self.postgres, owner=self.servers_as, mode=0o700)
        own_folder(self.valkey, owner=self.servers_as, mode=0o700)
        for folder in (self.keystore, *(self.keys(process) for process in Process)):
            if folder.is_dir():
                self._hand_over(folder)
            own_folder(folder, owner=self.processes_as, mode=0o700)

    def _hand_over(self, folder: Path) -> None:
        """Root moved the clone in or out of the server user's reach: what was one's is now the other's."""
        if self.servers_as.is_current:
            return
        for path in (folder, *folder.rglob("*")):
            if path.lstat().st_uid in {0, self.servers_as.uid} and not path.is_symlink():
                os.chown(path, self.processes_as.uid, self.processes_as.gid)

    @property
    def processes_as(self) -> User:
        """Whom web and workers run as: the server user where it can read the clone, its .venv and its Python."""
        return self.servers_as if can_run_python(self.servers_as) else self.runner

    @property
    def note(self) -> str | None:
        """What a person should know about who runs what: one line, or None when all is as it should be."""
        if self.processes_as.uid != 0:
            return None
        return (
            f"note: the servers run as {self.servers_as.name}, but web and workers as root, because"
            f" {self.servers_as.name} cannot read this Python or its environment; acceptable for a demo only"
        )

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def keystore(self) -> Path:
        return self.path / "keystore"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def servers(self) -> Path:
        return self.path / "servers"

    def keys(self, process: Process) -> Path:
        """The folder of the KMS keys that one kind of process may use."""
        return self.path / "keys" / process.value

    def passfile(self, role: str) -> Path:
        """libpq's password file of one database role."""
        return self.secrets / "database" / f"{role}.pgpass"

    @contextmanager
    def lock(self, *, timeout: float = 120) -> Iterator[None]:
        """Hold the home while starting or stopping, so that two at once do not collide; it dies with the process."""
        handle = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            deadline = time.monotonic() + timeout
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise AlreadyRunning(f"something else has been starting or stopping {self.path}") from None
                    time.sleep(0.05)
            yield
        finally:
            os.close(handle)

    def log_file(self, name: str) -> int:
        """A handle to append to ``logs/<name>.log`` (0600); whoever is given it needs no right to the folder."""
        path = self.logs / f"{name}.log"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        handle = os.open(path, flags, 0o600)
        if os.fstat(handle).st_uid != self.runner.uid:
            os.close(handle)
            raise WrongModes(f"{path} does not belong to {self.runner.name}")
        return handle


@cache
def can_run_python(user: User) -> bool:
    """Whether ``user`` can start this Python with everything that web and workers import, tried out."""
    return user.is_current or user.can_do([sys.executable, "-c", _PROGRAM])
