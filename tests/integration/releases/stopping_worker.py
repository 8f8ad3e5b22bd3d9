"""A real worker, with places where something can be killed: started by the tests as `python -m …` instead of Celery.

Nothing in the platform knows of this. Each place is a function of the platform, wrapped where it is looked up. Where
``$STOP_FOLDER`` holds a file for a place, the first process to come by removes it and kills what it says: itself with
its worker (``worker``), the servers of a program in a folder (``server <program> <folder>``), or a process by its pid
file (``pid <file>``).
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from buvett.services.processes import running_in, send

STOP_FOLDER = Path(os.environ.get("STOP_FOLDER", "/nowhere"))

# place → (module, name, before or after). Each is at one boundary of a step.
PLACES = {
    "contribution: before its commit": ("buvett.releases.contribute", "record_change", "after"),
    "contribution: after its commit": ("buvett.releases.tasks", "contribute", "after"),
    "lock: before its commit": ("buvett.releases.lock", "_lock", "after"),
    "lock: after its commit": ("buvett.releases.tasks", "lock", "after"),
    "protect: before": ("buvett.releases.publish", "protect_and_attack", "before"),
    "protect: after, result not stored": ("buvett.releases.publish", "protect_and_attack", "after"),
    "protect: result stored": ("buvett.releases.publish", "protect_once", "after"),
    "release: before its commit": ("buvett.releases.publish", "_enter", "after"),
    "release: after its commit": ("buvett.releases.publish", "release_once", "after"),
    "release: key deleted, work not called done": ("buvett.releases.keys", "forget_run", "after"),
    "relay: sent, not noted": ("buvett.releases.tasks", "wake", "after"),
    "relay: planned, not sent": ("buvett.releases.tasks", "wake", "before"),
}


def stop_file(folder: Path, place: str) -> Path:
    """Where a stop at that place is asked for."""
    return folder / place.replace(" ", "-").replace(":", "").replace(",", "")


def stop_here(place: str) -> None:
    """Kill what the file says, if there is one for this place."""
    asked = stop_file(STOP_FOLDER, place)
    try:
        what, _, rest = asked.read_text().partition(" ")
        asked.unlink()
    except FileNotFoundError:
        return
    if what == "worker":
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "server":
        program, _, folder = rest.partition(" ")
        send(running_in(Path(folder), program=program), signal.SIGKILL)
    if what == "pid":
        os.kill(int(Path(rest).read_text()), signal.SIGKILL)


def wrap(place: str, module: str, name: str, when: str) -> None:
    """Put a stop before or after a function, where ``module`` looks it up."""
    found = importlib.import_module(module)
    original: Callable[..., Any] = getattr(found, name)

    def stopping(*args: Any, **options: Any) -> Any:
        if when == "before":
            stop_here(place)
        result = original(*args, **options)
        if when == "after":
            stop_here(place)
        return result

    setattr(found, name, stopping)


def main() -> None:
    import django

    django.setup()
    from buvett.releases import outbox

    outbox.AGAIN = timedelta(seconds=2)  # the tests do not want to wait long
    for place, (module, name, when) in PLACES.items():
        wrap(place, module, name, when)
    from celery.__main__ import main as celery

    sys.argv = ["celery", *sys.argv[1:]]
    celery()


if __name__ == "__main__":
    main()
