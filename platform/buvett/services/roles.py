"""Who may hold what: database roles and broker users, as plain names.

The same table as in ``buvett.settings.environment`` (a test compares them); repeated here because this room starts
the processes that those settings then check, and imports no Django.
"""

from collections.abc import Mapping
from enum import StrEnum

DATABASE = "buvett"
DEFINER = "buvett_definer"
ROLES = ("owner", "app", "contributor", "publisher", "reader", "outbox", "audit_writer", "audit_reader", "backup")
QUEUES = ("contributor", "publisher", "outbox")


class Process(StrEnum):
    """The kinds of process, each with an environment of its own."""

    OWNER = "owner"
    WEB = "web"
    CONTRIBUTOR = "contributor"
    PUBLISHER = "publisher"
    OUTBOX = "outbox"
    TEST = "test"


DATABASE_ROLES: Mapping[Process, tuple[str, ...]] = {
    Process.OWNER: ("owner",),
    Process.WEB: ("app", "reader", "audit_writer", "audit_reader"),
    Process.CONTRIBUTOR: ("contributor", "audit_writer"),
    Process.PUBLISHER: ("publisher",),
    Process.OUTBOX: ("outbox",),
    Process.TEST: ROLES,
}
# Queue → broker user. The relay pushes to the workers' queues as itself and can read neither.
BROKER_USERS: Mapping[Process, Mapping[str, str]] = {
    Process.OWNER: {},
    Process.WEB: {},
    Process.CONTRIBUTOR: {"contributor": "contributor"},
    Process.PUBLISHER: {"publisher": "publisher"},
    Process.OUTBOX: {"outbox": "outbox", "contributor": "outbox", "publisher": "outbox"},
    Process.TEST: {"outbox": "outbox", "contributor": "contributor", "publisher": "publisher"},
}


def login(role: str) -> str:
    """The role's name in PostgreSQL."""
    return f"buvett_{role}"
