"""Reads many sealed rows at once: with the salts that open them, and as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import OuterRef, Subquery
from psycopg.pq import Format

from tenants.isolation.roles import current_role
from tenants.isolation.scopes import current_scope
from tenants.vault.models import RecordSalt

if TYPE_CHECKING:
    from django.db.models import QuerySet


def with_salts(rows: QuerySet[Any], *columns: str) -> list[tuple[Any, ...]]:
    """Those columns of each row and, last, the salt of the row's record; None where the record was shredded.

    One statement inside the entered scope. Its answer comes in PostgreSQL's binary format: as text each byte of an
    envelope is two characters, which take longer to read than the envelope to open.
    """
    current_scope()
    salt = RecordSalt.objects.filter(municipality_id=OuterRef("municipality_id"), id=OuterRef("id")).values("salt")
    asked = rows.annotate(salt=Subquery(salt)).values_list(*columns, "salt")
    try:
        statement, values = asked.query.sql_with_params()
    except EmptyResultSet:  # conditions that no row can meet, which Django does not ask the database about
        return []
    with connections[current_role().value].cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(statement, values)
        return list(cursor.fetchall())
