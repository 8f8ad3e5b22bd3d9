"""Processes of the operating system: found, bound to us, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from buvett.services import processes
from buvett.services.errors import NotStopped
from buvett.services.users import current_user

ME = current_user()
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(["sleep", "600"], cwd=tmp_path)
    yield child
    child.kill()
    child.wait()


def gone(pid: int) -> bool:
    return processes.wait_until(lambda: processes.start_time(pid) is None, seconds=20)


def test_start_time_same_for_the_same_process_and_none_when_dead(sleeper: subprocess.Popen[bytes]) -> None:
    first = processes.start_time(sleeper.pid)

    assert first is not None
    assert processes.start_time(sleeper.pid) == first
    sleeper.kill()
    assert gone(sleeper.pid)  # a zombie by now: nobody has waited for it


def test_start_time_of_a_name_with_brackets_and_blanks(tmp_path: Path) -> None:
    program = tmp_path / "a) S (b"
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([program, "600"])
    try:
        assert processes.start_time(child.pid) is not None
        assert processes.session_of(child.pid) == os.getsid(0)
    finally:
        child.kill()
        child.wait()


def test_running_in_finds_by_folder_and_program(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert processes.wait_until(lambda: processes.running_in(tmp_path, program="sleep") == [sleeper.pid], seconds=20)
    assert processes.running_in(tmp_path, program="postgres") == []
    assert processes.running_in(tmp_path.parent, program="sleep") == []


def test_end_gentle_signal_is_enough(sleeper: subprocess.Popen[bytes]) -> None:
    def alive() -> list[int]:
        return [sleeper.pid] if processes.start_time(sleeper.pid) else []

    processes.end(alive, signals=[(signal.SIGTERM, 20)], what="it")

    assert sleeper.wait() == -signal.SIGTERM


def test_end_stubborn_process_is_killed() -> None:
    child = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"

    def alive() -> list[int]:
        return [child.pid] if processes.start_time(child.pid) else []

    processes.end(alive, signals=[(signal.SIGTERM, 0.2), (signal.SIGKILL, 20)], what="it")

    assert child.wait() == -signal.SIGKILL
    child.stdout.close()


def test_end_unkillable_is_said(sleeper: subprocess.Popen[bytes]) -> None:
    with pytest.raises(NotStopped, match="the thing"):
        processes.end(lambda: [sleeper.pid], signals=[(signal.SIGCONT, 0.1)], what="the thing")


def test_send_to_a_dead_process_is_no_error(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()

    processes.send([sleeper.pid], signal.SIGTERM)


def test_wait_until_false_when_time_is_over() -> None:
    assert processes.wait_until(lambda: False, seconds=0.05) is False


def launched(code: str, tmp_path: Path, *, bound: bool = False, record: int | None = None) -> subprocess.Popen[bytes]:
    log = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return processes.launch(
            [sys.executable, "-c", code], user=ME, cwd=tmp_path, env={"A": "1"}, log=log, bound=bound, pid_file=record
        )
    finally:
        os.close(log)


def test_launch_environment_is_what_was_given_and_nothing_else(tmp_path: Path) -> None:
    child = launched("import os; print(sorted(k for k in os.environ if k not in {'LC_CTYPE'}))", tmp_path)

    assert child.wait() == 0
    assert (tmp_path / "log").read_text() == "['A']\n"


def test_launch_has_a_session_no_input_no_core_file_and_a_tight_umask(tmp_path: Path) -> None:
    code = (
        "import os, resource, sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()),"
        " resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)))"
    )
    child = launched(code, tmp_path)

    assert child.wait() == 0
    assert (tmp_path / "log").read_text() == "True '' (0, 0) 0o77\n"


def test_launch_writes_its_record_before_the_program_begins(tmp_path: Path) -> None:
    record = os.open(tmp_path / "pid", os.O_RDWR | os.O_CREAT, 0o600)
    child = launched("import time; time.sleep(600)", tmp_path, record=record)
    os.close(record)
    try:
        assert (tmp_path / "pid").read_text() == f"{child.pid} {processes.start_time(child.pid)}\n"
    finally:
        child.kill()
        child.wait()


def test_launch_bound_child_ends_when_we_are_killed(tmp_path: Path) -> None:
    starter = f"""
import os, sys, time
from pathlib import Path
from buvett.services import processes
from buvett.services.users import current_user
log = os.open({str(tmp_path / "log")!r}, os.O_WRONLY | os.O_CREAT, 0o600)
for bound in (True, False):
    child = processes.launch(["sleep", "600"], user=current_user(), cwd=Path("/"), env={{}}, log=log, bound=bound)
    print(child.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    bound, free = int(parent.stdout.readline()), int(parent.stdout.readline())
    assert processes.start_time(bound) is not None

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert gone(bound)
    assert processes.start_time(free) is not None
    os.kill(free, signal.SIGKILL)


def test_came_up_leaves_it_running_without_a_warning(tmp_path: Path) -> None:
    child = launched("import time; time.sleep(600)", tmp_path)
    pid = child.pid

    assert processes.came_up(child, lambda: True, seconds=1)
    del child  # warnings are errors here

    assert processes.start_time(pid) is not None
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    processes.reap(pid)
    assert not Path(f"/proc/{pid}").exists()


def test_came_up_silent_server_is_killed(tmp_path: Path) -> None:
    child = launched("import time; time.sleep(600)", tmp_path)

    assert not processes.came_up(child, lambda: False, seconds=0.05)

    assert child.returncode == -signal.SIGKILL


def test_came_up_dead_server(tmp_path: Path) -> None:
    child = launched("raise SystemExit(3)", tmp_path)

    assert not processes.came_up(child, lambda: False, seconds=20)


def test_came_up_failing_question_kills_it(tmp_path: Path) -> None:
    child = launched("import time; time.sleep(600)", tmp_path)

    with pytest.raises(ZeroDivisionError):
        processes.came_up(child, lambda: bool(1 // 0), seconds=1)

    assert child.returncode == -signal.SIGKILL


def test_reap_a_stranger_is_no_error() -> None:
    processes.reap(os.getppid())
    time.sleep(0)
