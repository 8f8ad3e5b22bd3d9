"""Web, workers and relay: kept running, ended with us, found again after a kill -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from buvett.services import Home, Supervisor, children, processes, stop
from buvett.services.errors import AlreadyRunning, NotStarted

SLEEP = ["sleep", "600"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]
ENV = {"PATH": os.defpath}
SUPERVISE = """
import sys
from buvett.services import Home, Supervisor, children
children.PATIENCE = 1.0
with Supervisor(Home.open(sys.argv[1])) as supervisor:
    supervisor.start("web", ["sleep", "600"], {"PATH": "/bin:/usr/bin"})
    supervisor.start("deaf", [sys.executable, "-c", sys.argv[2]], {})
    print(supervisor.pid("web"), supervisor.pid("deaf"), flush=True)
    supervisor.serve()
"""


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deaf child is killed soon: the tests do not want to wait long."""
    monkeypatch.setattr(children, "PATIENCE", 1.0)


@pytest.fixture
def supervisor(home: Home) -> Iterator[Supervisor]:
    with Supervisor(home) as entered:
        yield entered


def alive(pid: int) -> bool:
    return processes.start_time(pid) is not None


def dies(pid: int) -> bool:
    return processes.wait_until(lambda: not alive(pid), seconds=60)


def said(path: Path, text: str) -> bool:
    return processes.wait_until(lambda: path.exists() and text in path.read_text(), seconds=60)


def other_supervisor(home: Home) -> tuple[subprocess.Popen[bytes], list[int]]:
    # A shell lets what it starts in the background ignore SIGINT, and so would everything below these tests.
    started = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(home.path), STUBBORN[2]],
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert started.stdout is not None
    children = [int(pid) for pid in started.stdout.readline().split()]
    started.stdout.close()
    assert said(home.logs / "deaf.log", "deaf")
    return started, children


def test_exit_ends_the_children_and_their_records(home: Home) -> None:
    with Supervisor(home) as supervisor:
        supervisor.start("web", SLEEP, ENV)
        pid = supervisor.pid("web")
        assert alive(pid)

    assert not alive(pid)
    assert list(home.run.glob("*.pid")) == []


def test_exit_ends_a_childs_own_children(home: Home) -> None:
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    with Supervisor(home) as supervisor:
        supervisor.start("worker", [sys.executable, "-c", code], ENV)
        assert said(home.logs / "worker.log", "\n")
        grandchild = int((home.logs / "worker.log").read_text())

    assert dies(grandchild)


def test_end_one_leaves_the_others(supervisor: Supervisor) -> None:
    supervisor.start("web", SLEEP, ENV)
    supervisor.start("beat", SLEEP, ENV)
    web, beat = supervisor.pid("web"), supervisor.pid("beat")

    supervisor.end("web")

    assert (alive(web), alive(beat)) == (False, True)


def test_start_same_name_twice_is_refused(supervisor: Supervisor) -> None:
    supervisor.start("web", SLEEP, ENV)

    with pytest.raises(AlreadyRunning, match="web"):
        supervisor.start("web", SLEEP, ENV)


def test_start_missing_program_is_said_by_name(supervisor: Supervisor) -> None:
    with pytest.raises(NotStarted, match="web"):
        supervisor.start("web", ["/nowhere/program"], ENV)


def test_restart_dead_killed_child_comes_back_at_once(supervisor: Supervisor) -> None:
    supervisor.start("web", SLEEP, ENV)
    before = supervisor.pid("web")
    os.kill(before, signal.SIGKILL)
    assert processes.wait_until(lambda: supervisor.dead() == ["web"], seconds=60)

    assert supervisor.restart_dead() == ["web"]

    assert supervisor.pid("web") != before
    assert alive(supervisor.pid("web"))
    assert supervisor.restart_dead() == []


def test_restart_dead_child_that_cannot_live_is_not_restarted_in_a_rush(supervisor: Supervisor) -> None:
    supervisor.start("web", ["false"], ENV)
    started = 0
    for _ in range(50):
        processes.wait_until(lambda: supervisor.dead() == ["web"], seconds=60)
        started += len(supervisor.restart_dead())

    assert started < 25


def test_child_runs_as_whom_the_home_says_with_its_environment_only(supervisor: Supervisor, home: Home) -> None:
    code = "import os; print(os.getuid(), 'TULIPAN' in os.environ, os.environ['A'])"
    os.environ["TULIPAN"] = "1"
    try:
        supervisor.start("web", [sys.executable, "-c", code], {"A": "b"})
    finally:
        del os.environ["TULIPAN"]

    assert said(home.logs / "web.log", f"{home.processes_as.uid} False b\n")


def test_second_supervisor_of_a_home_is_refused(home: Home) -> None:
    started, _ = other_supervisor(home)
    try:
        with pytest.raises(AlreadyRunning, match=str(started.pid)), Supervisor(home):
            pass
    finally:
        started.terminate()
        started.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_the_supervisor_cleanly_with_deaf_children(home: Home, number: signal.Signals) -> None:
    started, children = other_supervisor(home)

    started.send_signal(number)

    assert started.wait(timeout=60) == 0
    assert not any(alive(pid) for pid in children)


def test_stop_from_elsewhere_ends_the_supervisor(home: Home) -> None:
    started, children = other_supervisor(home)

    stop(home)

    assert started.wait(timeout=60) == 0
    assert not any(alive(pid) for pid in children)


@pytest.mark.parametrize("then", ["stop", "start"])
def test_killed_supervisor_leaves_no_child_for_long(home: Home, then: str) -> None:
    started, (web, deaf) = other_supervisor(home)
    started.kill()
    started.wait()
    assert dies(web)
    assert alive(deaf)  # it does not listen

    if then == "stop":
        stop(home)
    else:
        with Supervisor(home):
            pass

    assert dies(deaf)


def test_stale_record_of_somebody_elses_number_harms_nobody(home: Home) -> None:
    bystander = subprocess.Popen(SLEEP, start_new_session=True)
    try:
        (home.run / "web.pid").write_text(f"{bystander.pid} 1\n")
        (home.run / "worker.pid").write_text("half a rec")

        stop(home)

        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
