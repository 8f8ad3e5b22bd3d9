import json
import os
import stat
from pathlib import Path

import pytest

from tenants.vault.errors import KeyExists, KmsKeyNotHeld, KmsKeyRefused, KmsUnwrapRefused
from tenants.vault.kms.file import FileKms

NAME = "0f7a2e64/assessment"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def kms(folder: Path) -> FileKms:
    found = FileKms(folder, allow_demo=True)
    found.create(NAME, demo=True)
    return found


def test_key_is_a_0600_file_that_says_it_is_the_demos(kms: FileKms, folder: Path) -> None:
    (path,) = folder.iterdir()
    assert path.name == "0f7a2e64~assessment.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["demo"] is True


def test_key_is_not_made_twice(kms: FileKms) -> None:
    wrapped = kms.wrap(NAME, b"secret", context=b"")
    with pytest.raises(KeyExists):
        kms.create(NAME, demo=True)
    assert kms.unwrap(NAME, wrapped, context=b"") == b"secret"


def test_key_of_the_demo_is_not_made_in_production(folder: Path) -> None:
    kms = FileKms(folder, allow_demo=False)
    with pytest.raises(KmsKeyRefused):
        kms.create(NAME, demo=True)
    kms.create(NAME, demo=False)
    assert kms.names() == {NAME}


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o710, 0o770, 0o777, 0o705])
def test_folder_with_loose_modes_is_refused_at_once_and_later(kms: FileKms, folder: Path, mode: int) -> None:
    wrapped = kms.wrap(NAME, b"secret", context=b"")
    folder.chmod(mode)
    with pytest.raises(KmsKeyRefused, match="0700"):
        FileKms(folder, allow_demo=True)
    with pytest.raises(KmsKeyRefused, match="0700"):
        kms.unwrap(NAME, wrapped, context=b"")
    with pytest.raises(KmsKeyRefused, match="0700"):
        kms.names()


def test_folder_that_is_absent_a_link_or_a_file_is_refused(folder: Path) -> None:
    (folder / "link").symlink_to(folder)
    (folder / "file").touch()
    for name in ("none", "link", "file"):
        with pytest.raises(KmsKeyRefused):
            FileKms(folder / name, allow_demo=True)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666])
def test_key_file_with_loose_modes_is_refused(kms: FileKms, folder: Path, mode: int) -> None:
    (folder / "0f7a2e64~assessment.key").chmod(mode)
    with pytest.raises(KmsKeyRefused, match="0600"):
        kms.wrap(NAME, b"secret", context=b"")


def test_key_file_that_is_a_link_is_refused(kms: FileKms, folder: Path) -> None:
    path = folder / "0f7a2e64~assessment.key"
    path.rename(folder / "elsewhere")
    path.symlink_to(folder / "elsewhere")
    with pytest.raises(KmsKeyRefused):
        kms.wrap(NAME, b"secret", context=b"")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_folder_of_another_account_is_refused(kms: FileKms, folder: Path) -> None:
    os.chown(folder, 12345, 12345)
    try:
        with pytest.raises(KmsKeyRefused):
            FileKms(folder, allow_demo=True)
    finally:
        os.chown(folder, 0, 0)


def test_file_whose_name_is_no_key_name_is_refused(kms: FileKms, folder: Path) -> None:
    (folder / "Copy of key.key").touch(mode=0o600)
    with pytest.raises(KmsKeyRefused):
        kms.names()


def test_key_renamed_to_another_municipality_is_refused(kms: FileKms, folder: Path) -> None:
    (folder / "0f7a2e64~assessment.key").rename(folder / "1f7a2e64~assessment.key")
    with pytest.raises(KmsKeyRefused, match="another name"):
        kms.wrap("1f7a2e64/assessment", b"secret", context=b"")


def test_rotated_key_still_unwraps_until_the_older_is_dropped(kms: FileKms) -> None:
    before = kms.wrap(NAME, b"secret", context=b"")
    kms.rotate(NAME)
    after = kms.wrap(NAME, b"secret", context=b"")
    assert after[1:9] != before[1:9]
    assert kms.unwrap(NAME, before, context=b"") == b"secret"
    kms.drop_older(NAME)
    assert kms.unwrap(NAME, after, context=b"") == b"secret"
    with pytest.raises(KmsUnwrapRefused):
        kms.unwrap(NAME, before, context=b"")


def test_rotated_key_keeps_its_mark_and_its_mode(kms: FileKms, folder: Path) -> None:
    kms.rotate(NAME)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = json.loads(path.read_text())
    assert (document["demo"], len(document["keys"])) == (True, 2)


def test_shredded_key_is_gone_for_every_reader(kms: FileKms, folder: Path) -> None:
    other = FileKms(folder, allow_demo=True)
    wrapped = kms.wrap(NAME, b"secret", context=b"")
    kms.shred(NAME)
    for reader in (kms, other):
        with pytest.raises(KmsKeyNotHeld):
            reader.unwrap(NAME, wrapped, context=b"")
    with pytest.raises(KmsKeyNotHeld):
        kms.shred(NAME)
    assert list(folder.iterdir()) == []
