"""`buvett keys` and `buvett municipality`: an installation gets what it lacks, and nothing in place of what is lost."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from buvett.services import Home, Process, process_environment, remove
from buvett.services.endpoints import embedded

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = Path(__file__).with_name("keys_scenarios.py")
PROGRAMME = ROOT / "platform/buvett/releases/programmes/vt-2026.toml"
TOKKE = ("municipality", "4034", "--name", "Tokke", "--since", "2026-01-01")
# What the web process does when someone sets up an app, and what a scope of the municipality needs.
SEAL = """
import django; django.setup()
from buvett.accounts import secrets
from tenants.isolation.enums import Purpose
from tenants.isolation.models import Municipality
from tenants.isolation.scopes import scope
from tenants.legal import heimel
print(secrets.unseal(secrets.seal("JBSWY3DP")))
with scope(Municipality.objects.get(code="4034").pk, by="process:operator", purpose=Purpose.SAK):
    heimel.adopt_standard()
print("in the house")
"""


def buvett(folder, *arguments, mode="production"):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BUVETT_")}
    return subprocess.run(
        [sys.executable, "-m", "buvett", *arguments],
        env=kept | {"BUVETT_HOME": str(folder), "BUVETT_MODE": mode, "BUVETT_SECRET_KEY": "of this test alone" * 3},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def run_as(home, process, *arguments):
    environment = process_environment(
        process,
        endpoints=embedded(home),
        home=home,
        mode="production",
        environ=os.environ | {"BUVETT_SECRET_KEY": "of this test alone" * 3, "BUVETT_HOSTS": "localhost"},
    )
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'platform'}"
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=home.path,
        capture_output=True,
        text=True,
        check=False,
        **home.processes_as.identity,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "home"
    done = buvett(folder, "migrate")
    assert done.returncode == 0, done.stderr
    yield folder
    remove(Home.open(folder))


@pytest.fixture(scope="module")
def home(folder):
    """An installation with one municipality."""
    done = buvett(folder, *TOKKE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "second factors: the key is in place",
        "scopes: the keys are in place",
        "4034 Tokke: the keys are in place",
    ]
    return Home.open(folder)


def kinds(home, process):
    """What lies in a process's folder, without the municipality's id."""
    files = list(home.keys(process).rglob("*.key"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} <= {0o600}
    assert not [path for path in files if " demo " in path.read_text()]
    return {path.stem.split("~")[-1] for path in files}


def test_each_process_has_its_own_and_the_tests_process_none(home):
    compartments = {"identity", "assessment", "notes", "audit", "staging", "index"}

    assert kinds(home, Process.WEB) == compartments | {"second-factor", "app", "audit_writer", "audit_reader"}
    assert kinds(home, Process.CONTRIBUTOR) == {"assessment", "audit", "contributor", "audit_writer"}
    for process in (Process.PUBLISHER, Process.OUTBOX, Process.OWNER, Process.TEST):
        assert kinds(home, process) == set()


def test_web_seals_second_factors_and_enters_the_house(home):
    assert run_as(home, Process.WEB, "-c", SEAL).splitlines() == ["JBSWY3DP", "in the house"]


def test_region_and_agreement_of_a_real_installation(folder, home):
    region = ("region", "tokke", "--name", "Tokke aleine", "--municipality", "4034", "--since", "2026-01-01")
    agreement = ("agreement", str(PROGRAMME), "--region", "tokke", "--since", "2026-01-01")

    assert buvett(folder, *region).stdout.splitlines() == ["region tokke", "4034 Tokke is in tokke from 2026-01-01"]
    assert buvett(folder, *agreement).stdout.splitlines() == ["4034 Tokke has signed vt-2026"]
    assert buvett(folder, *agreement).stdout.splitlines() == ["nothing to change"]
    refused = buvett(folder, *agreement[:2], "--region", "vinje", "--since", "2026-01-01")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "buvett: there is no region vinje; make it with buvett region\n"


def test_the_same_again_makes_nothing(folder, home):
    before = {path: path.read_bytes() for path in (home.path / "keys").rglob("*.key")}

    done = buvett(folder, "keys")

    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing is missing\n", "")
    assert {path: path.read_bytes() for path in (home.path / "keys").rglob("*.key")} == before


@pytest.fixture(scope="module")
def answers(home):
    return json.loads(run_as(home, Process.OWNER, str(SCENARIOS), str(home.path / "keys")))


def test_nothing_is_made_where_all_is_there(answers):
    assert answers["nothing"] == {"said": "nothing", "made": []}


def test_second_factors_get_a_key_while_nobody_has_one(answers):
    assert answers["factor lost, nobody has one"]["said"] == "second factors: the key is in place"


def test_contributor_is_handed_the_same_root_keys_again(answers):
    answer = answers["contributor's copies"]

    assert answer["said"] == "4034 Tokke: the keys are in place"
    assert {Path(path).parent.as_posix() for path in answer["made"]} == {"keys/contributor"}
    assert {path.split("~")[-1] for path in answer["made"]} == {"assessment.key", "audit.key"}


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("number of another", "refused: 4034 is Tokke already"),
        ("no number", "refused: a municipality's number has four digits"),
        ("no name", "refused: a municipality has a name, not too long"),
        ("the same", []),
    ],
)
def test_municipality_that_cannot_be_or_is_there(answers, scenario, said):
    assert answers[scenario] == said


@pytest.mark.parametrize(
    ("scenario", "why"),
    [
        ("context lost", "context/app.key"),
        ("context another", "bring it back; with a new one every process would be shut out"),
        ("contributor", "context/contributor.key"),
        ("root lost", "the folder of web lacks its root key: bring it back"),
        ("data key lost", "4034 is installed, and not all of its keys are in the key store"),
        ("shredded", "was shredded: it is never made again"),
        ("open to others", "mode 0700"),
        ("demo", "demo"),
        ("another root", "does not unwrap"),
        ("factor root lost", "the folder of web lacks its root key"),
        ("factor lost", "people have second factors"),
        ("keystore lost", "people have second factors"),
    ],
)
def test_what_was_lost_is_refused_and_nothing_is_made(answers, scenario, why):
    answer = answers[scenario]

    assert answer["said"].startswith("refused: ")
    assert why in answer["said"]
    assert answer["made"] == []


def test_a_region_that_is_there_gets_the_key_of_its_scopes(answers):
    assert answers["region"] == [[], ["region"]]
