"""Real servers for every test that asks for them: a throw-away home for each test process.

Settings are set before Django is imported; servers start when the first test asks for ``installation``. No database
is emptied between tests: each makes municipalities of its own, and row security keeps them apart.
"""

import atexit
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path

import django
import hypothesis
import pytest

from buvett.services import Home, Process, ensure_services, process_environment, remove
from buvett.services.endpoints import embedded

# How long a draw or an example takes says something of the machine's load, nothing of the code.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

for name in [name for name in os.environ if name.startswith("BUVETT_") and name != "BUVETT_PG_BIN"]:
    del os.environ[name]
HOME = Home.open(Path(tempfile.mkdtemp(prefix="buvett-test-")))
HOME.keys(Process.TEST).chmod(0o700)
# A distribution's own server instead of the wheel's: its addresses and everything else stay those of the tests.
ANOTHER_POSTGRES = {name: os.environ[name] for name in ("BUVETT_PG_BIN",) if name in os.environ}
os.environ.update(process_environment(Process.TEST, endpoints=embedded(HOME), home=HOME, mode="test", synthetic=True))
atexit.register(remove, HOME)
django.setup()

from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402 - settings first
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from buvett.installation import municipalities  # noqa: E402
from buvett.installation.keys import KeyFolders, make_account_key  # noqa: E402
from tenants.isolation.enums import Role  # noqa: E402
from tenants.isolation.models import Municipality  # noqa: E402
from tenants.isolation.roles import connected_as  # noqa: E402

os.fsync = lambda fd: None  # half the time of a municipality's keys; no test can let the machine fall
PBKDF2PasswordHasher.iterations = 1  # it takes its time on purpose, which tests nothing
FOLDERS = KeyFolders(root=HOME.path / "keys", keystore=HOME.keystore, demo=True)
_CODES = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first: their files take longest, and other tests' regions would stand on every way of theirs."""
    items.sort(key=lambda item: "functional" not in item.path.parts)


@pytest.fixture(scope="session")
def installation() -> Iterator[Home]:
    """Servers that run, with the schema in place. Gives the home."""
    ensure_services(HOME, environ=ANOTHER_POSTGRES)
    with connected_as(Role.OWNER):
        call_command("migrate", database="owner", verbosity=0)
    make_account_key(FOLDERS)
    yield HOME
    connections.close_all()


@pytest.fixture(scope="module")
def make_municipality(installation: Home) -> Iterator[Callable[..., Municipality]]:
    """Makes municipalities as set-up does, each with a number that no other test uses.

    They end with the file: what is told to all that live (who runs the installation has signed in) would take longer
    by each test.
    """
    made = []

    def make(name: str = "Prøveheim") -> Municipality:
        with connected_as(Role.OWNER):
            made.append(municipalities.add(FOLDERS, code=f"{next(_CODES):04d}", name=name, since=date(2024, 1, 1)))
        return made[-1]

    yield make
    with connected_as(Role.OWNER):
        ended = Municipality.objects.filter(pk__in=[one.pk for one in made]).update(valid_to=date(2024, 1, 1))
    assert ended == len(made)


@pytest.fixture
def municipality(make_municipality: Callable[..., Municipality]) -> Municipality:
    """One municipality."""
    return make_municipality()


@pytest.fixture
def neighbour(make_municipality: Callable[..., Municipality]) -> Municipality:
    """Another municipality."""
    return make_municipality("Grannheim")
