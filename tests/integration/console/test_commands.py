"""The `buvett` command as a person types it, in a home of its own, from nothing."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from buvett.services import remove

ROOT = Path(__file__).resolve().parents[3]
REGISTERS = ROOT / "tests" / "data" / "registers"
EXPECTED = json.loads((REGISTERS / "expected.json").read_text(encoding="utf-8"))["files"]
TOKKE = "4034-tokke.tsv"


class Home:
    """A home and the command in it."""

    def __init__(self, folder):
        self.folder = folder

    def buvett(self, *arguments):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BUVETT_")}
        return subprocess.run(
            [sys.executable, "-m", "buvett", *map(str, arguments)],
            env=kept | {"BUVETT_HOME": str(self.folder)},
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "home with blanks"
    found = Home(folder)
    yield found
    found.buvett("stop")
    from buvett.services import Home as Served

    remove(Served.open(folder))


def bring(home, name, *more):
    report = home.folder.parent / "report.json"
    done = home.buvett(
        "import", REGISTERS / name, "--municipality", name[:4], "--counted-on", "2026-11-01", "--report", report, *more
    )
    return done, json.loads(report.read_text(encoding="utf-8")) if report.exists() else None


def test_import_on_an_empty_home_gives_the_expected_report_and_counts(home):
    expected = EXPECTED[TOKKE]

    done, report = bring(home, TOKKE)

    assert done.returncode == 0, done.stderr
    assert report["format"] == "buvett/import/1"
    assert report["imported"] == report["created"] == expected["imported"]
    told = Counter((i["row"], i["column"], i["code"], i["severity"]) for i in report["issues"])
    assert told == Counter((i["row"], i["column"], i["code"], i["severity"]) for i in expected["issues"])
    out = home.folder.parent / "counts.json"
    counted = home.buvett("counts", "--municipality", "4034", "--counted-on", "2026-11-01", "--out", out)
    assert counted.returncode == 0, counted.stderr
    counts = json.loads(out.read_text(encoding="utf-8"))
    assert counts == {key: expected[key] for key in counts}
    assert out.stat().st_mode & 0o777 == 0o600


def test_same_import_again_is_unchanged(home):
    done, report = bring(home, TOKKE)

    assert done.returncode == 0
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, report["imported"])


def test_dry_run_writes_nothing(home):
    done, report = bring(home, "4032-fyresdal.csv", "--dry-run")

    assert done.returncode == 0
    assert report["created"] == 10
    _, again = bring(home, "4032-fyresdal.csv", "--dry-run")
    assert again["created"] == 10


def test_refused_file_is_exit_2_with_one_sentence_and_a_code(home):
    empty = home.folder.parent / "empty.csv"
    empty.write_bytes(b"")
    report = home.folder.parent / "refused.json"

    done = home.buvett("import", empty, "--municipality", "4034", "--report", report)

    assert done.returncode == 2
    assert json.loads(report.read_text(encoding="utf-8"))["refused_file"] == "empty_file"
    assert done.stderr.strip().splitlines()[-1].startswith("buvett: the file was refused: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "nothing.csv", "--municipality", "4034"), "nothing.csv cannot be read"),
        (("counts", "--municipality", "9999", "--out", "x.json"), "no municipality has the number 9999"),
        (
            ("counts", "--municipality", "4034", "--out", "x.json", "--as", "brukar@tokke.demo.invalid"),
            "that person has no live role in this municipality that may do this",
        ),
        (
            ("counts", "--municipality", "4034", "--out", "x.json", "--as", "leiar@vinje.demo.invalid"),
            "that person has no live role in this municipality that may do this",
        ),
    ],
)
def test_refusal_is_exit_2_with_one_line(home, arguments, said):
    done = home.buvett(*arguments)

    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith(f"buvett: {said}")
    assert "Traceback" not in done.stderr


def test_population_figures_are_read_all_or_none(home):
    good = home.folder.parent / "good.csv"
    good.write_text("code,year,inhabitants,source\n4034,2026,2200,synthetic\n", encoding="utf-8")
    bad = home.folder.parent / "bad.csv"
    bad.write_text(
        "code,year,inhabitants,source\n4036,2026,3700,synthetic\n4034,2026,many,synthetic\n", encoding="utf-8"
    )

    told, refused = home.buvett("population", good), home.buvett("population", bad)

    assert (told.returncode, told.stdout.strip()) == (0, "1 figures")
    assert refused.returncode == 2
    assert "line 3" in refused.stderr


def test_rotate_moves_the_register_to_new_keys(home):
    done = home.buvett("rotate", "--municipality", "4034")

    assert done.returncode == 0, done.stderr
    assert "assessment: 20 envelopes under a new key" in done.stdout.splitlines()
    _, report = bring(home, TOKKE)
    assert report["unchanged"] == report["imported"]


def test_stop_leaves_no_process(home):
    home.buvett("stop")

    left = [pid for pid in Path("/proc").iterdir() if pid.name.isdigit() and str(home.folder).encode() in _command(pid)]
    assert left == []
    done, _ = bring(home, TOKKE)
    assert done.returncode == 0


def _command(pid):
    try:
        return (pid / "cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


def test_admin_create_prints_a_link_that_counts_once_and_no_password(home):
    asked = ("--email", "ny.leiar@example.invalid", "--name", "Ny Leiar", "--municipality", "4034")

    done = home.buvett("admin", "create", *asked, "--address", "https://bu-vett.example/")

    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert re.fullmatch(r"https://bu-vett\.example/invitation/[\w-]{43}/", line)
    assert "Ny Leiar is invited as local_leader of Tokke" in done.stderr


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"--email": "no address"}, "--email is no e-mail address"),
        ({"--municipality": "9999"}, "no municipality has the number 9999"),
        ({"--role": "case_worker"}, "the role is one of"),
        ({"--role": "king"}, "the role is one of"),
        ({"--until": "2020-01-01"}, "the last day is between today and two years from now"),
        ({"--email": "leiar@tokke.demo.invalid"}, "invented"),
    ],
)
def test_admin_create_refuses_with_one_line(home, changed, why):
    asked = {"--email": "x@example.invalid", "--name": "X", "--municipality": "4034"} | changed

    done = home.buvett("admin", "create", *[word for pair in asked.items() for word in pair])

    assert done.returncode == 2
    assert why in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_admin_reset_is_never_the_first_person(home):
    done = home.buvett("admin", "reset", "--email", "ny.leiar@example.invalid")

    assert done.returncode == 2
    assert "nobody with the right has asked" in done.stderr
