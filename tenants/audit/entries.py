"""Writing entries: an intent before a look, a change beside the change."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import rfc8785
from django.db import DatabaseError, transaction

from tenants.audit.enums import Action
from tenants.audit.errors import AuditUnavailable
from tenants.audit.models import Entry
from tenants.isolation.context import sign_transaction
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import Scope, current_scope
from tenants.vault import issuing, salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.receipts import Extent, Receipt
from tenants.vault.sealing import Sealer

TABLE = "audit_entry"
FORMAT = 1


def record_intent(
    action: Action,
    *,
    compartments: Iterable[Compartment],
    records: Iterable[UUID] | Extent,
    details: Mapping[str, Any] | None = None,
    lifetime: timedelta = issuing.LONGEST,
) -> Receipt:
    """Commit what is about to be looked at, then return the receipt that the vault opens it for.

    The entry is committed on the audit writer's own connection, outside the reader's transaction: a rollback cannot
    unsay it. Needs an entered scope, which gives the municipality, the actor and the purpose. Raises AuditUnavailable
    when the entry cannot be committed; then there is no receipt and nothing is opened.
    """
    scope = current_scope()
    wanted = frozenset(compartments)
    extent = records if isinstance(records, Extent) else frozenset(records)
    about: dict[str, Any] = {
        "compartments": sorted(compartment.label for compartment in wanted),
        "records": extent.value if isinstance(extent, Extent) else _named(extent),
        **(details or {}),
    }
    intent = _commit(scope, action, about)
    return issuing.issue(
        municipality=scope.municipality, compartments=wanted, records=extent, intent=intent, lifetime=lifetime
    )


def record_question(action: Action, *, details: Mapping[str, Any]) -> None:
    """Commit that something is asked which opens nothing (a blind index), before it is answered.

    As ``record_intent``, but there is nothing to open and so no receipt. Raises AuditUnavailable.
    """
    _commit(current_scope(), action, dict(details))


def record_change(action: Action, *, details: Mapping[str, Any]) -> UUID:
    """Put an entry into the running transaction of the change itself: both happen or neither. Returns its id."""
    return _insert(current_scope(), action, dict(details), intent=False)


def leaf_hash(entry: str) -> bytes:
    """SHA-256(0x00 ‖ entry): the hash of a leaf in RFC 6962, section 2.1.

    >>> leaf_hash("").hex()
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
    """
    return hashlib.sha256(b"\0" + entry.encode()).digest()


def _commit(scope: Scope, action: Action, about: dict[str, Any]) -> UUID:
    try:
        with connected_as(Role.AUDIT_WRITER), transaction.atomic(using=Role.AUDIT_WRITER.value, durable=True):
            sign_transaction(
                Role.AUDIT_WRITER,
                municipality=scope.municipality,
                by=scope.by,
                purpose=scope.purpose,
                lifetime=timedelta(seconds=60),
            )
            return _insert(scope, action, about, intent=True)
    except DatabaseError:
        # Without the cause: a database error may quote what was written.
        raise AuditUnavailable("the audit entry could not be committed: nothing is opened") from None


def _insert(scope: Scope, action: Action, about: dict[str, Any], *, intent: bool) -> UUID:
    identifier = uuid4()
    now = datetime.now(UTC)
    personal = {"by": scope.by, "about": about, "at": now.isoformat(timespec="microseconds")}
    salt = salts.create(identifier)
    sealed = Sealer(keyring(), scope.municipality).seal(Compartment.AUDIT, TABLE, identifier, salt, personal)
    entry = rfc8785.dumps(
        {
            "format": FORMAT,
            "id": str(identifier),
            "municipality": str(scope.municipality),
            "action": action.value,
            "intent": intent,
            "purpose": scope.purpose.value,
            "recorded_at": now.isoformat(timespec="microseconds"),
            "personal_sha256": hashlib.sha256(sealed).hexdigest(),
        }
    ).decode()
    Entry.objects.create(
        municipality_id=scope.municipality,
        id=identifier,
        recorded_at=now,
        entry=entry,
        personal=sealed,
        leaf=leaf_hash(entry),
    )
    return identifier


def _named(records: frozenset[UUID]) -> dict[str, Any]:
    """Up to 100 records by id, more by number and hash: a list of a whole register would not fit an entry."""
    names = sorted(str(record) for record in records)
    if len(names) <= 100:
        return {"ids": names}
    return {"count": len(names), "sha256": hashlib.sha256("\n".join(names).encode()).hexdigest()}
