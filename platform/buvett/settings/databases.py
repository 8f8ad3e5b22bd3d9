"""Django's DATABASES from the addresses of the environment: one connection per database role."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from buvett.settings.environment import Environment, Refused


def databases_for(environment: Environment) -> dict[str, dict[str, Any]]:
    """One alias per role; ``default`` is the process's main role again, as Django wants one."""
    found = {role.value: database(url, name=role.name) for role, url in environment.database_urls.items()}
    return {"default": found[environment.process.main_role.value], **found}


def database(url: str, *, name: str) -> dict[str, Any]:
    """``postgresql://user@host:port/name?host=/socket/folder&passfile=/file&sslmode=…`` as a Django setting."""
    parts = urlsplit(url)
    if parts.scheme != "postgresql" or not parts.username:
        raise Refused(f"BUVETT_DATABASE_{name} is no postgresql://user@host/name address")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    port = query.pop("port", None) or (str(parts.port) if parts.port else "")
    pgbouncer = query.pop("pgbouncer", "") == "1"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        # Values travel beside the statement, never in its text: statistics views and logs show none.
        "OPTIONS": {**query, "server_side_binding": True},
        "CONN_MAX_AGE": 0 if pgbouncer else 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pgbouncer,
        "ATOMIC_REQUESTS": False,
    }
