"""Where the servers are: our own, or real ones whose addresses are configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from buvett.services.errors import NoAddress
from buvett.services.home import Home
from buvett.services.roles import DATABASE, ROLES, login
from buvett.services.sockets import socket_place
from buvett.services.valkey import Valkey

_DATABASE = "BUVETT_DATABASE_"
_BROKER = "BUVETT_BROKER_"


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The addresses of one installation.

    ``databases`` maps a role (``app``, ``audit_writer`` …) to ``postgresql://…``; ``brokers`` maps a broker user
    (``contributor``, ``publisher``, ``outbox``) to ``redis…://…`` with its password in it. ``embedded``: the servers
    are ours to start and stop.
    """

    home: Path
    embedded: bool
    databases: Mapping[str, str]
    brokers: Mapping[str, str] = field(repr=False)

    def database(self, role: str, *, name: str = DATABASE) -> str:
        """The address for one role; ``name`` is another database of the embedded server."""
        if role not in self.databases:
            raise NoAddress(f"missing setting: {_DATABASE}{role.upper()}")
        url = self.databases[role]
        return url.replace(f"/{DATABASE}?", f"/{quote(name, safe='')}?", 1) if name != DATABASE else url

    def broker(self, user: str) -> str:
        """The address for one broker user."""
        if user not in self.brokers:
            raise NoAddress(f"missing setting: {_BROKER}{user.upper()}")
        return self.brokers[user]


def embedded(home: Home) -> Endpoints:
    """The addresses of this home's own servers."""
    host = _escaped(socket_place(home))
    valkey = Valkey(home=home)
    return Endpoints(
        home=home.path,
        embedded=True,
        databases={
            role: f"postgresql://{login(role)}@/{DATABASE}?host={host}&passfile={_escaped(home.passfile(role))}"
            for role in ROLES
        },
        brokers={user: valkey.url(user) for user in ("contributor", "publisher", "outbox")},
    )


def configured(environ: Mapping[str, str], *, home: Home) -> Endpoints | None:
    """The addresses in ``BUVETT_DATABASE_*`` and ``BUVETT_BROKER_*``, or None when there are none."""
    databases = {role: url for role in ROLES if (url := environ.get(f"{_DATABASE}{role.upper()}"))}
    brokers = {
        user: url for user in ("contributor", "publisher", "outbox") if (url := environ.get(f"{_BROKER}{user.upper()}"))
    }
    if not databases and not brokers:
        return None
    if not databases:
        raise NoAddress("BUVETT_BROKER_… is configured without any BUVETT_DATABASE_…: give the addresses of both")
    return Endpoints(home=home.path, embedded=False, databases=databases, brokers=brokers)


def _escaped(path: Path) -> str:
    return quote(str(path), safe="")
