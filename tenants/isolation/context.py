"""The signed context of one transaction: who reads whose rows, what for, until when, on which connection."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import psycopg
from django.db import connections

from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import ScopeRefused
from tenants.isolation.keys import key_for, key_for_region

SETTING = "buvett.context"
REGION_SETTING = "buvett.region"
LIFETIME = timedelta(seconds=60)
LONGEST = timedelta(minutes=15)  # the database refuses more

_ACTOR = re.compile(r"[A-Za-z0-9:_.@-]{1,80}")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is signed. ``pid`` and ``started`` (microseconds since 1970) bind it to one transaction of one backend.

    ``municipality``: whose rows; a region's context (``RegionContext``) holds the region there.
    """

    municipality: UUID
    by: str
    purpose: Purpose
    expires: int
    pid: int
    started: int

    MARK: ClassVar[str] = "1"

    def message(self) -> str:
        return f"{self.MARK}|{self.municipality}|{self.by}|{self.purpose}|{self.expires}|{self.pid}|{self.started}"

    def token(self, key: bytes) -> str:
        """The message followed by its HMAC-SHA256, hex."""
        message = self.message()
        return f"{message}|{hmac.new(key, message.encode(), hashlib.sha256).hexdigest()}"


class RegionContext(Context):
    """The same for a region's rows: its mark keeps one from passing for the other."""

    MARK = "2"


def sign_transaction(role: Role, *, municipality: UUID, by: str, purpose: Purpose, lifetime: timedelta) -> None:
    """Put a signed context into the running transaction of ``role``'s connection; it ends with the transaction.

    The token travels as a bound parameter (never in the text of a statement, so neither statistics views nor logs
    show it). Raises NoContextKey when this process does not serve the municipality.
    """
    _check(by, lifetime)
    key = key_for(municipality, role)
    _sign(role, Context, SETTING, key, of=municipality, by=by, purpose=purpose, lifetime=lifetime)


def sign_region(role: Role, *, region: UUID, by: str, lifetime: timedelta) -> None:
    """The same for a region's rows. Raises NoContextKey when this process serves no region."""
    _check(by, lifetime)
    key = key_for_region(region)
    _sign(role, RegionContext, REGION_SETTING, key, of=region, by=by, purpose=Purpose.REGIONAL, lifetime=lifetime)


def unsign_region(role: Role) -> None:
    """Take a region's context out of a transaction that goes on."""
    with psycopg.Cursor(connections[role.value].connection) as cursor:
        cursor.execute("SELECT set_config(%s, '', true)", (REGION_SETTING,))


def _check(by: str, lifetime: timedelta) -> None:
    if not _ACTOR.fullmatch(by):
        raise ScopeRefused("the actor of a scope is an identifier without blanks or bars")
    if not timedelta(0) < lifetime <= LONGEST:
        raise ScopeRefused("a scope lasts at most 15 minutes")


def _sign(
    role: Role,
    kind: type[Context],
    setting: str,
    key: bytes,
    *,
    of: UUID,
    by: str,
    purpose: Purpose,
    lifetime: timedelta,
) -> None:
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
        context = kind(
            municipality=of,
            by=by,
            purpose=purpose,
            expires=now + int(lifetime.total_seconds()),
            pid=pid,
            started=started,
        )
        cursor.execute("SELECT set_config(%s, %s, true) IS NOT NULL", (setting, context.token(key)))
