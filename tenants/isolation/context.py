"""The signed context of one transaction: who reads whose rows, what for, until when, on which connection."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
from django.db import connections

from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import ScopeRefused
from tenants.isolation.keys import key_for

SETTING = "buvett.context"
LIFETIME = timedelta(seconds=60)
LONGEST = timedelta(minutes=15)  # the database refuses more

_ACTOR = re.compile(r"[A-Za-z0-9:_.@-]{1,80}")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is signed. ``pid`` and ``started`` (microseconds since 1970) bind it to one transaction of one backend."""

    municipality: UUID
    by: str
    purpose: Purpose
    expires: int
    pid: int
    started: int

    def message(self) -> str:
        return f"1|{self.municipality}|{self.by}|{self.purpose}|{self.expires}|{self.pid}|{self.started}"

    def token(self, key: bytes) -> str:
        """The message followed by its HMAC-SHA256, hex."""
        message = self.message()
        return f"{message}|{hmac.new(key, message.encode(), hashlib.sha256).hexdigest()}"


def sign_transaction(role: Role, *, municipality: UUID, by: str, purpose: Purpose, lifetime: timedelta) -> None:
    """Put a signed context into the running transaction of ``role``'s connection; it ends with the transaction.

    The token travels as a bound parameter (never in the text of a statement, so neither statistics views nor logs
    show it). Raises NoContextKey when this process does not serve the municipality.
    """
    if not _ACTOR.fullmatch(by):
        raise ScopeRefused("the actor of a scope is an identifier without blanks or bars")
    if not timedelta(0) < lifetime <= LONGEST:
        raise ScopeRefused("a scope lasts at most 15 minutes")
    key = key_for(municipality, role)
    connection = connections[role.value]
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "SELECT pg_backend_pid(), (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint,"
            " (extract(epoch FROM clock_timestamp()))::bigint"
        )
        row = cursor.fetchone()
        assert row is not None  # noqa: S101 - the statement always returns one row
        pid, started, now = row
        context = Context(
            municipality=municipality,
            by=by,
            purpose=purpose,
            expires=now + int(lifetime.total_seconds()),
            pid=pid,
            started=started,
        )
        cursor.execute("SELECT set_config(%s, %s, true) IS NOT NULL", (SETTING, context.token(key)))
