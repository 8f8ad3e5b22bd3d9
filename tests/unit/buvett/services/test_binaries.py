"""Which server programs are used."""

from pathlib import Path

import pytest

from buvett.services import binaries
from buvett.services.binaries import postgres_binaries, valkey_binary
from buvett.services.errors import NoBinaries
from buvett.services.home import Home
from buvett.services.users import current_user


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(path=tmp_path / "h", runner=current_user(), servers_as=current_user())
    made._make()
    return made


def programs(folder: Path, *, version: str) -> Path:
    folder.mkdir()
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_postgres_of_the_wheel_is_the_default(home: Home) -> None:
    assert postgres_binaries(home).major == 18


@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_postgres_supported_versions(home: Home, tmp_path: Path, major: int) -> None:
    folder = programs(tmp_path / "bin", version=f"postgres (PostgreSQL) {major}.4 (Debian {major}.4-0+deb12u1)")

    found = postgres_binaries(home, given=folder)

    assert (found.folder, found.major) == (folder, major)


@pytest.mark.parametrize("version", ["postgres (PostgreSQL) 14.9", "postgres (PostgreSQL) 19beta1", "nonsense"])
def test_postgres_other_versions_are_refused(home: Home, tmp_path: Path, version: str) -> None:
    with pytest.raises(NoBinaries):
        postgres_binaries(home, given=programs(tmp_path / "bin", version=version))


def test_postgres_folder_without_programs_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(NoBinaries, match="no PostgreSQL server programs"):
        postgres_binaries(home, given=tmp_path)


def test_valkey_of_the_wheel(home: Home) -> None:
    assert valkey_binary(home).name == "valkey-server"


def test_copied_once_readable_and_with_its_neighbours(home: Home, tmp_path: Path) -> None:
    for name in ("server", "server.libs"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "server" / "run").write_text("#!/bin/sh\n")
    (tmp_path / "server" / "run").chmod(0o700)
    (tmp_path / "server.libs" / "lib.so").write_text("lib")
    folders = [tmp_path / "server", tmp_path / "server.libs"]

    copy = binaries._copied(home, folders, label="server")

    assert (copy / "server" / "run").stat().st_mode & 0o777 == 0o755
    assert (copy / "server.libs" / "lib.so").stat().st_mode & 0o777 == 0o644
    assert binaries._copied(home, folders, label="server") == copy
    assert [path.name for path in home.servers.iterdir()] == [copy.name]
