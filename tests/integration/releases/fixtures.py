"""Fixtures for tests of releases, here and in tests/attacks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from buvett.releases import outbox
from buvett.releases.models import Planned
from buvett.services import Home
from buvett.services.postgres import Postgres
from tenants.isolation.enums import Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tests.integration.releases.region import Agreed, agree, people
from tests.integration.releases.workers import Workers


@pytest.fixture
def region(make_municipality: Callable[..., Municipality]) -> Agreed:
    """Four members whose numbers can be published."""
    return agree(make_municipality, [people(12, 9, 8), people(11, 7, 0), people(14, 6, 9), people(10, 8, 7)])


@pytest.fixture
def small_region(make_municipality: Callable[..., Municipality]) -> Agreed:
    """Three members with few people, made quickly."""
    return agree(make_municipality, [people(7, 6, 2), people(8, 5, 0), people(6, 9, 1)])


@pytest.fixture(scope="module")
def workers(installation: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Beat and workers that run, and have nothing to do but this module's runs."""
    let_others_rest(installation)
    found = Workers(installation, Path(tmp_path_factory.mktemp("workers")))
    found.start()
    yield found
    found.stop()


def let_others_rest(home: Home) -> None:
    """Runs that other tests left open have keys that no worker here holds: without this each is tried for ever.

    No role of the platform may call another's work done, so this takes the superuser.
    """
    outbox.plan()
    with Postgres(home=home).superuser_connection("buvett") as connection:
        connection.execute("UPDATE releases_planned SET done_at = now() WHERE done_at IS NULL")
    with connected_as(Role.OUTBOX):
        assert not Planned.objects.filter(done_at=None).exists()
