"""Start and stop the servers of one home, whatever state it is in."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from buvett.services import endpoints
from buvett.services.children import end_children, end_supervisor
from buvett.services.endpoints import Endpoints
from buvett.services.home import Home
from buvett.services.postgres import Postgres
from buvett.services.sockets import socket_place
from buvett.services.valkey import Valkey


def ensure_services(
    home: Home | Path | str | None = None,
    *,
    pg_bin: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    say: Callable[[str], None] = lambda line: None,
) -> Endpoints:
    """The addresses of running servers; starts the embedded ones that do not run, as often as it is called.

    With addresses configured in ``environ`` nothing is started. ``pg_bin`` (or ``BUVETT_PG_BIN``): another
    PostgreSQL's programs, remembered by the home. ``say`` is told each step that takes time.
    """
    opened = home if isinstance(home, Home) else Home.open(home)
    if found := endpoints.configured(environ, home=opened):
        return found
    if pg_bin is None and environ.get("BUVETT_PG_BIN"):
        pg_bin = Path(environ["BUVETT_PG_BIN"])
    with opened.lock():
        Postgres(home=opened, pg_bin=pg_bin).ensure(say=say)
        Valkey(home=opened).ensure(say=say)
        return endpoints.embedded(opened)


def stop(home: Home | Path | str | None = None) -> None:
    """End everything that runs in this home, ``buvett demo`` too; nothing happens when nothing does."""
    opened = home if isinstance(home, Home) else Home.open(home)
    end_supervisor(opened)
    with opened.lock():
        end_children(opened)
        Postgres(home=opened).stop()
        Valkey(home=opened).stop()
        shutil.rmtree(socket_place(opened), ignore_errors=True)


def remove(home: Home | Path | str) -> None:
    """Stop a throw-away home and delete all of it."""
    opened = home if isinstance(home, Home) else Home.open(home)
    stop(opened)
    shutil.rmtree(opened.path)
