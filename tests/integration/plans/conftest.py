from collections.abc import Callable

import pytest

from tenants.isolation.models import Municipality
from tests.integration.plans.plan import Written, write


@pytest.fixture(scope="module")
def written(make_municipality: Callable[..., Municipality]) -> Written:
    """One region for the tests of a file; each begins a plan of its own."""
    return write(make_municipality)
