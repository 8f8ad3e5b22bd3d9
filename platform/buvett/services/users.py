"""Which operating system user the servers and processes run as.

PostgreSQL refuses to run as root, and nothing here should: started as root, servers drop to a system user.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

SYSTEM_USER = "buvett"


class Identity(TypedDict, total=False):
    """The arguments of ``subprocess.Popen`` that make a child somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, kw_only=True)
class User:
    """An operating system user, by number."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        return os.geteuid() == self.uid

    @property
    def identity(self) -> Identity:
        """For ``subprocess``: empty when nothing changes, so that an ordinary user needs no right to it."""
        return {} if self.is_current else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can use ``folder`` and what lies in it, tried out, whatever modes and lists say."""
        return self._can('cd -- "$1"', folder)

    def can_run(self, program: Path) -> bool:
        """Whether this user can start ``program``."""
        return self._can('test -x "$1"', program)

    def can_read(self, path: Path) -> bool:
        """Whether this user can read ``path`` (for a folder: list and enter it)."""
        return self._can('test -r "$1" && { test ! -d "$1" || cd -- "$1"; }', path)

    def can_do(self, argv: Sequence[str | Path]) -> bool:
        """Whether ``argv``, started as this user, ends well."""
        try:
            tried = subprocess.run(  # noqa: S603 - the callers' own commands
                argv,
                cwd="/",
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **self.identity,
            )
        except PermissionError:
            return False
        return tried.returncode == 0

    def _can(self, question: str, path: Path) -> bool:
        return self.can_do(["/bin/sh", "-c", question, "sh", path])


def become(user: User) -> None:
    """Turn this process into ``user`` for good; nothing happens when it already is."""
    if user.is_current:
        return
    os.setgroups([])
    os.setresgid(user.gid, user.gid, user.gid)
    os.setresuid(user.uid, user.uid, user.uid)


def current_user() -> User:
    """Whoever started this."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may give a number without a name
        name = str(uid)
    return User(name=name, uid=uid, gid=os.getegid())


def server_user() -> User:
    """Whom servers run as: the current user or, for root, the system user ``buvett`` (made if missing), else nobody."""
    if os.geteuid() != 0:
        return current_user()
    found = _by_name(SYSTEM_USER)
    if found is None and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        made = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        made += ["--shell", "/usr/sbin/nologin", "--user-group", SYSTEM_USER]
        # Two starts may race for it; whoever loses finds the user there.
        current_user().can_do(made)
        found = _by_name(SYSTEM_USER)
    return found or _by_name("nobody") or User(name="nobody", uid=65534, gid=65534)


def _by_name(name: str) -> User | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return User(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
