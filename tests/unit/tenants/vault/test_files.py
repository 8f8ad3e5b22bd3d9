import os
import stat
from pathlib import Path

import pytest

from tenants.vault.files import read_regular, write_new

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def test_file_is_written_whole_with_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        write_new(tmp_path / "a", b"content", mode=0o640)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert (tmp_path / "a").read_bytes() == b"content"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_second_writer_is_told_and_changes_nothing(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"first", mode=0o600)
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"second", mode=0o600)
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_replace_puts_the_new_content_in_place(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"first", mode=0o600)
    write_new(tmp_path / "a", b"second", mode=0o600, replace=True)
    assert (tmp_path / "a").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_tight_file_is_read(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"content", mode=0o600)
    assert read_regular(tmp_path / "a", forbidden=OTHERS) == b"content"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_loose_file_is_refused(tmp_path: Path, mode: int) -> None:
    write_new(tmp_path / "a", b"content", mode=mode)
    with pytest.raises(PermissionError):
        read_regular(tmp_path / "a", forbidden=OTHERS)


def test_link_folder_and_pipe_are_refused(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"content", mode=0o600)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "folder", "pipe"):
        with pytest.raises(PermissionError):
            read_regular(tmp_path / name, forbidden=OTHERS)


def test_file_below_a_file_does_not_exist(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"content", mode=0o600)
    for path in (tmp_path / "a" / "b", tmp_path / "none"):
        with pytest.raises(FileNotFoundError):
            read_regular(path, forbidden=OTHERS)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_file_of_another_account_is_read_only_where_any_owner_will_do(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"content", mode=0o600)
    os.chown(tmp_path / "a", 12345, 12345)
    assert read_regular(tmp_path / "a", forbidden=OTHERS, any_owner=True) == b"content"
    with pytest.raises(PermissionError):
        read_regular(tmp_path / "a", forbidden=OTHERS)
