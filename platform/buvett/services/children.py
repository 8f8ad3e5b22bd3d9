"""Web, workers, relay and beat: started in an environment of their own, restarted when they die, ended with us.

    with Supervisor(home) as supervisor:
        supervisor.start("web", [...], process_environment(Process.WEB, ...))
        supervisor.serve()          # until SIGINT or SIGTERM

A child is told to end when the supervisor dies, even by kill -9; what does not listen is found by its pid file and
start time at the next start or stop, and ended with its whole session.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from buvett.services import processes
from buvett.services.errors import AlreadyRunning, NotStarted
from buvett.services.home import Home

_SELF = "supervisor"
PATIENCE = 10.0  # seconds from SIGTERM to SIGKILL
_SHORT = 10.0  # seconds; a child that lives shorter than this again and again is restarted more and more slowly


@dataclass(kw_only=True)
class Child:
    """One running child, and what it takes to start it again."""

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str] = field(repr=False)
    process: subprocess.Popen[bytes]
    started: float
    ended: float | None = None
    failures: int = 0


class Supervisor:
    """Keeps the children of one home; there is one supervisor per home at a time."""

    def __init__(self, home: Home, *, say: Callable[[str], None] = lambda line: None) -> None:
        self._home = home
        self._say = say
        self._children: dict[str, Child] = {}
        self._handlers: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        with self._home.lock():
            other = _recorded(self._home, _SELF)
            if other is not None and _is_running(*other):
                raise AlreadyRunning(
                    f"bu-vett already runs in {self._home.path} (process {other[0]}): buvett stop ends it"
                )
            end_children(self._home)
            pid = os.getpid()
            _pid_file(self._home, _SELF).write_text(f"{pid} {processes.start_time(pid)}\n", encoding="ascii")
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, _interrupt)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            self._handlers.setdefault(number, signal.signal(number, signal.SIG_IGN))
        try:
            self.end_all()
            _pid_file(self._home, _SELF).unlink(missing_ok=True)
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    def start(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> None:
        """Start the child ``name``; call it from the thread that lives as long as the supervisor."""
        if name in self._children:
            raise AlreadyRunning(f"the process {name} already runs")
        process = self._launch(name, argv, env)
        self._children[name] = Child(name=name, argv=argv, env=env, process=process, started=time.monotonic())

    def pid(self, name: str) -> int:
        """The process id of a child that was started here."""
        return self._children[name].process.pid

    def dead(self) -> list[str]:
        """The names of the children that have ended."""
        return [name for name, child in self._children.items() if child.process.poll() is not None]

    def restart_dead(self) -> list[str]:
        """Start again what has ended, at once the first time, then after a growing pause; returns the names."""
        restarted = []
        for name in self.dead():
            child = self._children[name]
            now = time.monotonic()
            if child.ended is None:
                child.ended = now
                child.failures = child.failures + 1 if now - child.started < _SHORT else 0
                _end_session(child.process.pid)
            if now - child.ended < min(0.25 * 2**child.failures, 30.0) and child.failures > 1:
                continue
            child.process = self._launch(name, child.argv, child.env)
            child.started, child.ended = now, None
            restarted.append(name)
        return restarted

    def serve(self, *, each_second: Callable[[], None] = lambda: None) -> None:
        """Restart what dies until SIGINT, SIGTERM or SIGHUP; ``each_second`` may look after the servers."""
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                for name in self.restart_dead():
                    self._say(f"{name} had ended and was started again; see {self._home.logs / name}.log")
                each_second()
                time.sleep(1)

    def end(self, name: str) -> None:
        """End one child: it may finish what it does, then its session is killed."""
        child = self._children.pop(name)
        child.process.terminate()
        self._end_slowly([child])

    def end_all(self) -> None:
        """End all children, all at the same time."""
        children = list(self._children.values())
        self._children.clear()
        for child in children:
            child.process.terminate()
        self._end_slowly(children)

    def _end_slowly(self, children: Sequence[Child]) -> None:
        processes.wait_until(lambda: all(child.process.poll() is not None for child in children), seconds=PATIENCE)
        for child in children:
            _end_session(child.process.pid)
            child.process.wait()
            _pid_file(self._home, child.name).unlink(missing_ok=True)

    def _launch(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        log = self._home.log_file(name)
        record = os.open(_pid_file(self._home, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            return processes.launch(
                argv, user=self._home.processes_as, cwd=self._home.path, env=env, log=log, bound=True, pid_file=record
            )
        except OSError as error:
            raise NotStarted(f"the process {name} did not start: {error.strerror}") from error
        finally:
            os.close(log)
            os.close(record)


def end_supervisor(home: Home) -> None:
    """End the supervisor of ``home``, if another process is it, and then whatever it left."""
    found = _recorded(home, _SELF)
    if found is not None and found[0] != os.getpid() and _is_running(*found):
        os.kill(found[0], signal.SIGTERM)
        if not processes.wait_until(lambda: not _is_running(*found), seconds=PATIENCE + 10):
            os.kill(found[0], signal.SIGKILL)
            processes.wait_until(lambda: not _is_running(*found), seconds=5)
    end_children(home)


def end_children(home: Home) -> None:
    """End the children that a killed supervisor of ``home`` left."""
    for file in home.run.glob("*.pid"):
        found = _recorded(home, file.stem)
        if file.stem == _SELF or found is None:
            continue
        _end_recorded(*found)
        file.unlink()


def _end_recorded(pid: int, started: int) -> None:
    if processes.start_time(pid) not in {None, started}:
        return  # the number is somebody else's by now
    if _is_running(pid, started):
        os.kill(pid, signal.SIGTERM)
        processes.wait_until(lambda: not _is_running(pid, started), seconds=PATIENCE)
    _end_session(pid)


def _end_session(leader: int) -> None:
    def members() -> list[int]:
        return [pid for pid in processes.all_pids() if processes.session_of(pid) == leader]

    if members():
        processes.end(members, signals=[(signal.SIGKILL, 10)], what="a process of ours")


def _pid_file(home: Home, name: str) -> Path:
    return home.run / f"{name}.pid"


def _recorded(home: Home, name: str) -> tuple[int, int] | None:
    """Process id and start time that were written down; None when there is no whole record."""
    try:
        pid, started = _pid_file(home, name).read_text(encoding="ascii").split()
        return int(pid), int(started)
    except (OSError, ValueError):
        return None


def _is_running(pid: int, started: int) -> bool:
    return processes.start_time(pid) == started


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
