"""A whole push through real beat and workers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from buvett.releases.queries import releases, run_status
from buvett.releases.states import State
from buvett.services import Home
from tests.integration.releases.region import Agreed
from tests.integration.releases.workers import Workers


@pytest.fixture(scope="module")
def workers(installation: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    found = Workers(installation, Path(tmp_path_factory.mktemp("workers")))
    found.start()
    yield found
    found.stop()


def test_push_through_workers(workers: Workers, region: Agreed) -> None:
    run = region.open_as_publisher(workers.home)
    workers.until(lambda: run_status(run).state is not State.OPEN and run_status(run).state is not State.LOCKED)
    (summary,) = releases(region.region.slug)
    assert summary.contributors == tuple(member.code for member in region.members)
