"""The demo region, as a web process of its own serves it, and a real browser to look at it."""

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from buvett.console import push_works, register_works
from buvett.console.requests import Request
from buvett.demo import data, leaving, planning, seeding
from buvett.services import Home, Process, process_environment
from buvett.services.commands import web_command
from buvett.services.endpoints import embedded
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests.conftest import FOLDERS
from tests.functional.site import Site

REGISTERS = Path(__file__).parents[1] / "data" / "registers"
# Nothing is fetched, reported or remembered: the network is closed but for the site itself.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def region(installation: Home) -> str:
    """The demo region with its people, registers, one release and a plan; gives its slug."""
    with connected_as(Role.OWNER):
        seeding.make_region(FOLDERS)
    seeding.make_people(timezone.localdate())
    for path in sorted(REGISTERS.glob("4*")):
        register_works.bring(
            Request(options={"municipality": path.name[:4], "counted_on": "2026-11-01"}, content=path.read_bytes())
        )
    push = Request(options={"region": data.region().slug}, content=b"")
    for work in (push_works.open_period, push_works.contribute, push_works.publish):
        answer = work(push)
    assert answer == {"published": True, "line": "published vt-2026 2026"}
    assert planning.make_plan()
    assert not planning.make_plan()  # once
    assert leaving.leave(timezone.localdate())
    assert not leaving.leave(timezone.localdate())  # once
    return data.region().slug


@pytest.fixture(scope="session")
def address(installation: Home, region: str) -> Iterator[str]:
    """Where a web process serves the demo."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = process_environment(
        Process.WEB, endpoints=embedded(installation), home=installation, mode="demo", synthetic=True
    )
    found = f"http://127.0.0.1:{port}"
    with subprocess.Popen(web_command(port=port), env=environment, stderr=subprocess.DEVNULL) as web:
        deadline = time.monotonic() + 300  # loaded machines are slow
        while not _answers(found):
            assert time.monotonic() < deadline, "the web process does not answer"
            time.sleep(0.1)
        yield found
        web.terminate()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; its absence fails, it never skips.

    Playwright keeps an event loop running, in which Django refuses to work: it ends with the file's last test.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium on the path"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(address: str, region: str, chromium: Browser) -> Iterator[Site]:
    """The site in a browser; whatever its console says of errors fails the test."""
    made = Site(address=address, region=region, browser=chromium)
    yield made
    made.close()
    assert made.complaints == []


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/status/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
