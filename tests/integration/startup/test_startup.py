"""Every kind of process refuses to start on a database role that could go round row security."""

import subprocess
import sys

import pytest

from buvett.services import Process
from buvett.services.commands import worker_command
from buvett.services.postgres import Postgres
from tests.integration.releases.workers import ROOT, environment

STARTS = {
    Process.WEB: [sys.executable, "-c", "import buvett.wsgi"],
    Process.CONTRIBUTOR: worker_command(Process.CONTRIBUTOR),
    Process.PUBLISHER: worker_command(Process.PUBLISHER),
    Process.OUTBOX: worker_command(Process.OUTBOX),
}
MAIN = {
    Process.WEB: "buvett_app",
    Process.CONTRIBUTOR: "buvett_contributor",
    Process.PUBLISHER: "buvett_publisher",
    Process.OUTBOX: "buvett_outbox",
}


@pytest.fixture
def dangerous(installation):
    """Gives a role BYPASSRLS for the length of a test."""
    changed = []

    def alter(role, what):
        with Postgres(home=installation).superuser_connection() as connection:
            connection.execute(f'ALTER ROLE "{role}" {what}')

    def make(role):
        alter(role, "BYPASSRLS")
        changed.append(role)

    yield make
    for role in changed:
        alter(role, "NOBYPASSRLS")


@pytest.mark.parametrize("process", list(STARTS))
def test_process_with_a_dangerous_role_does_not_start(installation, dangerous, process):
    dangerous(MAIN[process])

    done = subprocess.run(
        STARTS[process], env=environment(installation, process), cwd=ROOT, capture_output=True, text=True, timeout=120
    )

    assert done.returncode != 0
    assert f"{MAIN[process]} bypasses row security" in done.stderr


def test_web_with_sound_roles_starts(installation):
    done = subprocess.run(
        STARTS[Process.WEB], env=environment(installation, Process.WEB), cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
