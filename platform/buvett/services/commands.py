"""How each child is started: its program, in the environment of its kind of process."""

import sys
from collections.abc import Sequence

from buvett.services.roles import Process


def worker_command(process: Process, *, name: str | None = None) -> Sequence[str]:
    """A Celery worker for this kind of process's own queue."""
    return [
        *(sys.executable, "-m", "celery", "-A", "buvett.celery", "worker"),
        *("--hostname", f"{name or process.value}@localhost", "--concurrency", "1", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def beat_command() -> Sequence[str]:
    """Celery's beat, in the outbox's environment."""
    return [sys.executable, "-m", "celery", "-A", "buvett.celery", "beat", "--pidfile", "", "--loglevel", "WARNING"]


def web_command(*, port: int) -> Sequence[str]:
    """The pages and the API, on loopback."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "4", "--no-access-log", "--log-level", "warning"),
        "buvett.wsgi:application",
    ]
