"""Throw-away homes with real servers."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from buvett.services import Home, ensure_services, remove


@pytest.fixture
def make_home() -> Iterator[Callable[[], Home]]:
    """Makes homes in which nothing runs yet; all of them are gone afterwards."""
    made: list[Home] = []

    def make() -> Home:
        made.append(Home.open(Path(tempfile.mkdtemp(prefix="buvett-test-"))))
        return made[-1]

    yield make
    for home in made:
        if home.path.exists():
            remove(home)


@pytest.fixture
def home(make_home: Callable[[], Home]) -> Home:
    """One home in which nothing runs yet."""
    return make_home()


@pytest.fixture(scope="module")
def running() -> Iterator[Home]:
    """A home whose servers run, for tests that leave them running."""
    home = Home.open(Path(tempfile.mkdtemp(prefix="buvett-test-")))
    ensure_services(home, environ={})
    yield home
    remove(home)
