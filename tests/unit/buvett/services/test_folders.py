"""Owner and mode of folders and secret files."""

import os
import stat
from pathlib import Path

import pytest

from buvett.services.errors import WrongModes
from buvett.services.folders import check, own_folder, password, read_secret, write_secret
from buvett.services.users import User, current_user

ME = current_user()
STRANGER = User(name="stranger", uid=ME.uid + 4321, gid=ME.gid + 4321)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_own_folder_new_has_the_mode_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o277)
    try:
        own_folder(tmp_path / "a", owner=ME, mode=0o711)
    finally:
        os.umask(before)

    assert mode(tmp_path / "a") == 0o711


def test_own_folder_again_changes_nothing(tmp_path: Path) -> None:
    own_folder(tmp_path / "a", owner=ME, mode=0o711)
    (tmp_path / "a").chmod(0o700)

    own_folder(tmp_path / "a", owner=ME, mode=0o711)

    assert mode(tmp_path / "a") == 0o700


@pytest.mark.parametrize("wrong", [0o750, 0o701, 0o777, 0o720, 0o1777])
def test_own_folder_open_to_others_is_refused(tmp_path: Path, wrong: int) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(wrong)

    with pytest.raises(WrongModes):
        own_folder(tmp_path / "a", owner=ME, mode=0o700)

    assert mode(tmp_path / "a") == wrong


def test_own_folder_of_a_stranger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o700)

    with pytest.raises(WrongModes, match="does not belong to stranger"):
        own_folder(tmp_path / "a", owner=STRANGER, mode=0o700)


def test_own_folder_link_is_refused_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(WrongModes, match="not a plain folder"):
        own_folder(tmp_path / "a", owner=ME, mode=0o700)


def test_own_folder_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")

    with pytest.raises(WrongModes, match="not a plain folder"):
        own_folder(tmp_path / "a", owner=ME, mode=0o700)


def test_write_secret_is_readable_by_the_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_secret(tmp_path / "s", "tulipan", owner=ME)
    finally:
        os.umask(before)

    assert mode(tmp_path / "s") == 0o600
    assert read_secret(tmp_path / "s", owner=ME) == "tulipan"
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_write_secret_replaces_a_planted_link_and_leaves_its_target(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("whole")
    (tmp_path / "s").symlink_to(tmp_path / "victim")

    write_secret(tmp_path / "s", "tulipan", owner=ME)

    assert (tmp_path / "victim").read_text() == "whole"
    assert not (tmp_path / "s").is_symlink()


@pytest.mark.parametrize("wrong", [0o640, 0o604, 0o660, 0o644])
def test_read_secret_open_to_others_is_refused_without_its_content(tmp_path: Path, wrong: int) -> None:
    write_secret(tmp_path / "s", "tulipan", owner=ME)
    (tmp_path / "s").chmod(wrong)

    with pytest.raises(WrongModes) as refused:
        read_secret(tmp_path / "s", owner=ME)

    assert "tulipan" not in str(refused.value)


def test_check_of_a_stranger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("x")

    with pytest.raises(WrongModes, match="does not belong"):
        check(tmp_path / "s", owner=STRANGER)


def test_password_is_long_random_and_kept(tmp_path: Path) -> None:
    first, other = (password(tmp_path / name, owner=ME) for name in ("a", "b"))

    assert len(first) == 43  # 32 random bytes
    assert first != other
    assert password(tmp_path / "a", owner=ME) == first
    assert mode(tmp_path / "a") == 0o600
