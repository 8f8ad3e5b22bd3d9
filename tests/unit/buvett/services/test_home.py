"""Where a home lies, what it is made of, and its lock."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from buvett.services.errors import AlreadyRunning, WrongModes
from buvett.services.home import STATE, Home, default_home
from buvett.services.roles import Process
from buvett.services.users import User, current_user

ME = current_user()
ALONE = {"runner": ME, "servers_as": ME}
ORDINARY = User(name="nobody", uid=65534, gid=65534)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root's own rules")


def made(path: Path) -> Home:
    """A home as an ordinary user would have it, whoever runs the tests."""
    home = Home(path=path, **ALONE)
    home._make()
    return home


def test_default_home_is_the_one_in_the_environment(tmp_path: Path) -> None:
    assert default_home({"BUVETT_HOME": str(tmp_path)}) == tmp_path


def test_default_home_lies_in_the_clone() -> None:
    clone = Path(__file__).resolve().parents[4]

    assert default_home({}) == clone / ".buvett"


def test_make_gives_every_folder_to_the_owner_alone(tmp_path: Path) -> None:
    home = made(tmp_path / "h")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home.path, *home.path.rglob("*"))}

    assert modes == {0o700}


def test_make_each_process_has_a_key_folder_of_its_own(tmp_path: Path) -> None:
    home = made(tmp_path / "h")

    folders = [home.keys(process) for process in Process]

    assert len(set(folders)) == len(Process)
    assert all(folder.is_dir() for folder in folders)


def test_make_again_is_fine(tmp_path: Path) -> None:
    made(tmp_path / "h")

    assert made(tmp_path / "h").run.is_dir()


def test_make_in_an_empty_folder_takes_it_over(tmp_path: Path) -> None:
    (tmp_path / "h").mkdir(mode=0o755)

    made(tmp_path / "h")

    assert stat.S_IMODE((tmp_path / "h").stat().st_mode) == 0o700


@pytest.mark.parametrize("part", ["", "run", "secrets", "secrets/database", "keys/web", "keystore", "postgres", "logs"])
def test_make_wrong_mode_is_refused(tmp_path: Path, part: str) -> None:
    home = made(tmp_path / "h")
    (home.path / part).chmod(0o777)

    with pytest.raises(WrongModes):
        made(tmp_path / "h")


def test_make_changes_no_mode_above_the_home(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)

    made(tmp_path / "open" / "h")

    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o777


def test_place_for_an_ordinary_user_is_what_was_asked_for(tmp_path: Path) -> None:
    assert Home.place(tmp_path / "h", servers_as=ME) == tmp_path / "h"


@as_root
def test_place_out_of_reach_is_in_the_state_directory_and_stays_the_same(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o700)

    first, again = (Home.place(tmp_path / "shut" / "h", servers_as=ORDINARY) for _ in range(2))
    other = Home.place(tmp_path / "shut" / "h2", servers_as=ORDINARY)

    assert first == again != other
    assert first.parent == other.parent == STATE
    assert stat.S_IMODE((tmp_path / "shut").stat().st_mode) == 0o700


@as_root
def test_place_within_reach_is_what_was_asked_for() -> None:
    assert Home.place("/tmp/not-there/h", servers_as=ORDINARY) == Path("/tmp/not-there/h")


def test_note_says_in_one_line_when_root_serves_the_pages(tmp_path: Path) -> None:
    home = Home(path=tmp_path, **ALONE)

    if ME.uid == 0:
        assert home.note is not None
        assert "\n" not in home.note
    else:
        assert home.note is None


def _try_lock(path: Path, outcome: "multiprocessing.Queue[str]") -> None:
    try:
        with Home(path=path, **ALONE).lock(timeout=0.2):
            outcome.put("held")
    except AlreadyRunning:
        outcome.put("refused")


def _from_another_process(path: Path) -> str:
    context = multiprocessing.get_context("spawn")
    outcome: multiprocessing.Queue[str] = context.Queue()
    other = context.Process(target=_try_lock, args=(path, outcome))
    other.start()
    said = outcome.get(timeout=60)
    other.join()
    return said


def test_lock_keeps_others_out_until_it_is_given_back(tmp_path: Path) -> None:
    home = made(tmp_path / "h")

    with home.lock():
        assert _from_another_process(home.path) == "refused"
    assert _from_another_process(home.path) == "held"


def test_log_file_is_appended_to_and_private(tmp_path: Path) -> None:
    home = made(tmp_path / "h")
    for word in (b"one ", b"two"):
        handle = home.log_file("x")
        os.write(handle, word)
        os.close(handle)

    assert (home.logs / "x.log").read_bytes() == b"one two"
    assert stat.S_IMODE((home.logs / "x.log").stat().st_mode) == 0o600


def test_log_file_planted_link_is_refused(tmp_path: Path) -> None:
    home = made(tmp_path / "h")
    (home.logs / "x.log").symlink_to(tmp_path / "victim")

    with pytest.raises(OSError, match="symbolic"):
        home.log_file("x")
    assert not (tmp_path / "victim").exists()
