"""P8: one command starts everything, does a whole push through real workers, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from buvett.console.checking import PAGES
from buvett.services import Home, remove


@pytest.fixture
def folder(tmp_path):
    """A folder for a home that is deleted afterwards."""
    place = tmp_path / "home"
    yield place
    remove(Home.open(place))


def test_check_publishes_a_safe_release_and_every_page_answers(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BUVETT_")}

    done = subprocess.run(
        [sys.executable, "-m", "buvett", "demo", "--check"],
        env=kept | {"BUVETT_HOME": str(folder)},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    seconds = told.pop("seconds")
    assert told == {
        "ok": True,
        "municipalities": 7,
        "imported": 149,
        "releases": 1,
        "audit_safe": True,
        "pages": dict.fromkeys(PAGES, True),
    }
    assert seconds > 0
    left = [pid.name for pid in Path("/proc").iterdir() if pid.name.isdigit() and str(folder).encode() in _command(pid)]
    assert left == []


def _command(pid):
    try:
        return (pid / "cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""
