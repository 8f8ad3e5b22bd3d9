"""The environment of each kind of process: its own addresses and keys, and nothing of anybody else's."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from buvett.services.endpoints import Endpoints
from buvett.services.folders import password, write_secret
from buvett.services.home import Home
from buvett.services.roles import BROKER_USERS, DATABASE, DATABASE_ROLES, Process

# Under test, child processes are measured too.
_MEASURED = ("COVERAGE_PROCESS_START", "COVERAGE_FILE")
# Passed on from whoever starts us; everything else is left behind.
_KEPT = ("PATH", "TZ", "SSL_CERT_FILE", "BUVETT_HOSTS", "BUVETT_PROXY", "PYTHONWARNINGS", *_MEASURED)
DEMO_SECRET = "demo-only-"  # noqa: S105 - the mark by which production refuses it


def process_environment(
    process: Process,
    *,
    endpoints: Endpoints,
    home: Home,
    mode: str,
    synthetic: bool = False,
    database: str = DATABASE,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Everything that one process of the kind ``process`` finds in its environment.

    ``mode`` is ``demo``, ``production`` or ``test``. Raises NoAddress, naming the setting, when the configured
    addresses lack one that the process needs.
    """
    made = {name: environ[name] for name in _KEPT if name in environ}
    made.setdefault("PATH", os.defpath)
    made |= {
        "LANG": "C.UTF-8",
        "HOME": str(home.path),
        "DJANGO_SETTINGS_MODULE": "buvett.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "BUVETT_PROCESS": process.value,
        "BUVETT_MODE": mode,
        "BUVETT_HOME": str(home.path),
        "BUVETT_KEYS": str(home.keys(process)),
        "BUVETT_KEYSTORE": str(home.keystore),
    }
    if synthetic:
        made["BUVETT_SYNTHETIC"] = "1"
    for role in DATABASE_ROLES[process]:
        made[f"BUVETT_DATABASE_{role.upper()}"] = endpoints.database(role, name=database)
    for queue, user in BROKER_USERS[process].items():
        # Real brokers have an address per queue in the relay's environment; ours has one user for the relay.
        made[f"BUVETT_BROKER_{queue.upper()}"] = endpoints.broker(user if endpoints.embedded else queue)
    if process in (Process.WEB, Process.TEST):
        made["BUVETT_SECRET_KEY"] = environ.get("BUVETT_SECRET_KEY") or _secret_key(home, mode=mode)
    return made


def _secret_key(home: Home, *, mode: str) -> str:
    """Django's key for cookies, kept in the home; a demo's carries the mark by which production refuses it."""
    path: Path = home.secrets / "cookies"
    if mode != "production" and not path.exists():
        write_secret(path, DEMO_SECRET + secrets.token_urlsafe(48) + "\n", owner=home.runner)
    return password(path, owner=home.runner)
