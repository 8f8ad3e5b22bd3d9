"""The salts of records, read and made inside a scope. Deleting a record's salt shreds every envelope of the record.

Backups of the database hold salts: a shredded record is out of reach for good when the last backup with its salt has
expired (platform/docs/vault.md).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.db import connections

from tenants.isolation.roles import current_role
from tenants.isolation.scopes import current_scope
from tenants.vault.committing import SALT
from tenants.vault.errors import SaltMissing
from tenants.vault.models import RecordSalt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


def create(record_id: UUID) -> bytes:
    """A new random salt of 16 bytes, stored for the record."""
    return create_many([record_id])[record_id]


def create_many(record_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """New salts by record id, stored at once. Raises Django's `IntegrityError` where a record has one already."""
    municipality = current_scope().municipality
    salts = {record_id: os.urandom(SALT) for record_id in record_ids}
    RecordSalt.objects.bulk_create(
        [RecordSalt(municipality_id=municipality, id=record_id, salt=salt) for record_id, salt in salts.items()]
    )
    return salts


def of(record_id: UUID) -> bytes:
    """The record's salt. Raises `SaltMissing` (shredded, never made, or another municipality's)."""
    try:
        return of_many([record_id])[record_id]
    except KeyError:
        raise SaltMissing from None


def of_many(record_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Salts by record id, in one query; records without one are left out."""
    scope = current_scope()
    with connections[current_role().value].cursor() as cursor:
        # One array, not thousands of parameters.
        cursor.execute(
            "SELECT id, salt FROM vault_recordsalt WHERE municipality_id = %s AND id = ANY(%s)",
            [scope.municipality, list(record_ids)],
        )
        return {record_id: bytes(salt) for record_id, salt in cursor.fetchall()}


def shred(record_id: UUID) -> None:
    """Deletes the record's salt. Raises `SaltMissing` where there is none."""
    current_scope()
    deleted, _ = RecordSalt.objects.filter(id=record_id).delete()
    if not deleted:
        raise SaltMissing


def shred_many(record_ids: Iterable[UUID]) -> None:
    """Deletes the records' salts in one statement; those that have none are passed over."""
    current_scope()
    RecordSalt.objects.filter(id__in=list(record_ids)).delete()
