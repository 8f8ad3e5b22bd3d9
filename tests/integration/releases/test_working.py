"""A whole push through real beat and workers."""

from buvett.releases.queries import releases
from tests.integration.releases.region import Agreed
from tests.integration.releases.workers import Workers, has_ended


def test_push_through_workers(workers: Workers, region: Agreed) -> None:
    run = region.open_as_publisher(workers.home)
    workers.until(lambda: has_ended(run))
    (summary,) = releases(region.region.slug)
    assert summary.contributors == tuple(member.code for member in region.members)
