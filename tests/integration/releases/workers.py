"""Beat and workers as real processes, started again when they die (as the supervisor does), with stops for kills."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg
from django.db import DatabaseError, connections

from buvett.releases.models import Planned, Run
from buvett.services import Home, Process, ServiceError, ensure_services, process_environment
from buvett.services.commands import beat_command, worker_command
from buvett.services.endpoints import embedded
from buvett.services.processes import all_pids, running_in, send, session_of
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests.integration.releases.stopping_worker import stop_file

ROOT = Path(__file__).resolve().parents[3]
STOPPING = "tests.integration.releases.stopping_worker"


def environment(home: Home, process: Process) -> dict[str, str]:
    """What a process of this kind finds: its own addresses and keys only."""
    made = process_environment(process, endpoints=embedded(home), home=home, mode="test")
    return made | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}", "BUVETT_SYNTHETIC": "1"}


def has_ended(run: UUID) -> bool:
    """Whether the run is published or refused and nothing planned is left to do. False while the database is away."""
    try:
        with connected_as(Role.OUTBOX):
            ended = Run.objects.filter(pk=run).exclude(state__in=["open", "locked"]).exists()
            return ended and not Planned.objects.filter(run=run, done_at=None).exists()
    except DatabaseError:
        connections.close_all()
        return False


def run_as(home: Home, process: Process, program: str, *arguments: str) -> str:
    """Run a few lines of Python as a process of this kind; gives what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()\n" + program, *arguments],
        env=environment(home, process),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class Workers:
    """The four processes of a platform's push, in a home of the tests."""

    home: Home
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stops = self.folder / "stops"
        self.stops.mkdir(exist_ok=True)
        self.log = self.folder / "workers.log"
        self.commands = self._commands()

    def start(self) -> None:
        """Start what does not run."""
        for name, (argv, env) in self.commands.items():
            if name not in self.running or self.running[name].poll() is not None:
                self._end(name)
                with self.log.open("ab") as log:
                    self.running[name] = subprocess.Popen(
                        argv, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
                    )
                (self.folder / name).write_text(str(self.running[name].pid))

    def stop(self) -> None:
        """End everything."""
        for name in list(self.running):
            self._end(name)

    def stop_at(self, place: str, what: str) -> None:
        """Arrange that ``what`` (worker, beat, broker or database) is killed at that place."""
        told = {
            "worker": "worker",
            "beat": f"pid {self.folder / 'beat'}",
            "broker": f"server valkey-server {self.home.valkey.resolve()}",
            "database": f"server postgres {(self.home.postgres / 'data').resolve()}",
        }[what]
        stop_file(self.stops, place).write_text(told)

    @property
    def stops_left(self) -> list[str]:
        """Places that were never reached."""
        return sorted(path.name for path in self.stops.iterdir())

    def kill(self, what: str) -> None:
        """Kill -9 now: a process with its children, or a server."""
        folders = {
            "broker": (self.home.valkey, "valkey-server"),
            "database": (self.home.postgres / "data", "postgres"),
        }
        if what in folders:
            folder, program = folders[what]
            send(running_in(folder.resolve(), program=program), signal.SIGKILL)
        else:
            self._end(what)

    @property
    def keys(self) -> Path:
        """The publisher's folder of keys."""
        return self.home.keys(Process.PUBLISHER)

    def until(self, done: Callable[[], bool], *, seconds: float = 600) -> None:
        """Look after servers and processes until ``done()``; fails with the workers' log."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            # A server may be dying while it is asked whether it lives.
            with suppress(ServiceError, psycopg.OperationalError):
                ensure_services(self.home, environ={})
            self.start()
            if done():
                return
            time.sleep(0.3)
        raise AssertionError("not done in time; the workers say:\n" + self.log.read_text()[-6000:])

    def _commands(self) -> Mapping[str, tuple[Sequence[str], dict[str, str]]]:
        kinds = (Process.OUTBOX, Process.CONTRIBUTOR, Process.PUBLISHER)
        env = {process: environment(self.home, process) for process in kinds}
        stop = {"STOP_FOLDER": str(self.stops)}
        found: dict[str, tuple[Sequence[str], dict[str, str]]] = {"beat": (beat_command(), env[Process.OUTBOX])}
        for process, own in env.items():
            argv = worker_command(process, name=f"{process.value}-{os.getpid()}")
            found[process.value] = ([*argv[:2], STOPPING, *argv[3:]], own | stop)
        return found

    def _end(self, name: str) -> None:
        process = self.running.pop(name, None)
        if process is None:
            return
        for pid in [pid for pid in all_pids() if session_of(pid) == process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait(timeout=30)
