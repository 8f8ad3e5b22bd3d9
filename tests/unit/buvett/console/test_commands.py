from pathlib import Path

import pytest

from buvett.console import commands
from buvett.console.commands import Refused


def test_what_never_ends_is_refused_and_not_waited_for():
    with pytest.raises(Refused, match=r"^zero is too large$"):
        commands._read(Path("/dev/zero"))


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(Refused, match=r"^nothing\.csv cannot be read: "):
        commands._read(tmp_path / "nothing.csv")


def test_file_is_read_whole(tmp_path):
    path = tmp_path / "some.csv"
    path.write_bytes(b"a;b\r\n1;2\r\n")

    assert commands._read(path) == b"a;b\r\n1;2\r\n"
