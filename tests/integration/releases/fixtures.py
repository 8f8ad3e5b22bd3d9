"""Fixtures for tests of releases, here and in tests/attacks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from buvett.services import Home
from tenants.isolation.models import Municipality
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
    """Beat and workers that run."""
    found = Workers(installation, Path(tmp_path_factory.mktemp("workers")))
    found.start()
    yield found
    found.stop()
