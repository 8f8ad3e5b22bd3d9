"""Operating system processes: started detached or bound to us, found again, ended. Linux, by way of /proc."""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from buvett.services.errors import NotStopped
from buvett.services.users import User

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def start_time(pid: int) -> int | None:
    """When ``pid`` started, in clock ticks since boot; None when it is gone (a zombie is gone)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def session_of(pid: int) -> int | None:
    """The session that ``pid`` belongs to; None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[3])


def all_pids() -> list[int]:
    """Every process that we can see."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def running_in(folder: Path, *, program: str) -> list[int]:
    """Processes of ``program`` whose working directory is ``folder``: a server and its children, orphaned or not.

    A server is looked for here and not in a pid file: a file can be stale or missing, this cannot.
    """
    found = []
    for pid in all_pids():
        try:
            inside = Path(f"/proc/{pid}/cwd").readlink() == folder
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        if inside and name == program and start_time(pid) is not None:
            found.append(pid)
    return found


def launch(
    argv: Sequence[str | Path],
    *,
    user: User,
    cwd: Path,
    env: Mapping[str, str],
    log: int,
    bound: bool,
    pid_file: int | None = None,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start ``argv`` as ``user`` in a session of its own, everything it says in ``log``.

    ``bound``: it is told to end (SIGTERM) when the thread that started it ends, even by kill -9. Before the program
    begins, its pid and start time are written to ``pid_file``, so that no crash of ours can lose it.
    """
    ours = os.getpid()

    def before() -> None:
        # Between fork and exec: system calls only.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold keys and records
        if bound:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != ours:
                os._exit(1)
        if pid_file is not None:
            os.ftruncate(pid_file, 0)
            os.pwrite(pid_file, f"{os.getpid()} {start_time(os.getpid())}\n".encode(), 0)

    return subprocess.Popen(  # noqa: S603 - the callers' own commands
        [str(part) for part in argv],
        cwd=cwd,
        env=dict(env),
        stdin=stdin,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=before,
        umask=0o077,
        **user.identity,
    )


def came_up(server: subprocess.Popen[bytes], answers: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until ``server`` answers and let it go: it outlives this command, and leaving it is no mistake.

    False when it ended or did not answer in time; then, and whenever waiting fails, it is killed.
    """
    up = False
    try:
        wait_until(lambda: server.poll() is not None or answers(), seconds=seconds)
        up = server.poll() is None and answers()
    finally:
        if up:
            server.returncode = 0  # Popen is not to wait for it
        else:
            server.kill()
            server.wait()
    return up


def reap(pid: int) -> None:
    """Let the kernel forget ``pid`` if it is a dead child of ours; as a zombie it would look alive to others."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to whichever of ``pids`` is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def wait_until(done: Callable[[], bool], *, seconds: float) -> bool:
    """Ask ``done`` until it is true (True) or the time is over (False)."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return True


def end(pids: Callable[[], list[int]], *, signals: Sequence[tuple[signal.Signals, float]], what: str) -> None:
    """Send the signals one after the other, each with its time to act, until ``pids()`` is empty."""
    for number, seconds in signals:
        send(pids(), number)
        if wait_until(lambda: not pids(), seconds=seconds):
            return
    raise NotStopped(f"{what} is still there after it was killed")
