from collections.abc import Callable

import pytest

from tenants.isolation.models import Municipality
from tests.integration.releases.region import Agreed, agree, people


@pytest.fixture
def region(make_municipality: Callable[..., Municipality]) -> Agreed:
    """Four members whose numbers can be published."""
    return agree(make_municipality, [people(12, 9, 8), people(11, 7, 0), people(14, 6, 9), people(10, 8, 7)])
