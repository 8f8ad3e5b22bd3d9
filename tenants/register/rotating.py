"""Move a municipality's register to new keys, while people go on reading and writing.

``rotate`` makes a new version of a compartment's key and moves every envelope to it; ``finish``, a quarter of an hour
later, looks once more, waits as long again, and shreds the older versions. Entries of the audit log stay as they were
sealed: their leaves commit to the ciphertext.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import models

from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register.models import Case, Change, EarlierEnvelope, Person
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.keyring import GRACE_SECONDS
from tenants.vault.names import compartment_key
from tenants.vault.process import keyring
from tenants.vault.rotation import Stored, Swept, sweep
from tenants.vault.sealing import Resealer

AT_A_TIME = 500
ROTATED = (Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES)


@dataclass(frozen=True, slots=True)
class _Column:
    """Where envelopes of a compartment lie: a column, whose rows they are bound to, and under which table's name."""

    model: type[models.Model]
    column: str
    record: str
    bound_to: str
    only: tuple[tuple[str, str], ...] = ()


COLUMNS: dict[Compartment, tuple[_Column, ...]] = {
    Compartment.IDENTITY: (
        _Column(Person, "identity", "id", "register_person"),
        _Column(Case, "line", "id", "register_case"),
        _Column(EarlierEnvelope, "envelope", "case__person_id", "register_person", (("compartment", "identity"),)),
    ),
    Compartment.ASSESSMENT: (
        _Column(Case, "assessment", "id", "register_case"),
        _Column(EarlierEnvelope, "envelope", "case_id", "register_case", (("compartment", "assessment"),)),
    ),
    Compartment.NOTES: (
        _Column(Case, "notes", "id", "register_case"),
        _Column(Change, "envelope", "case_id", "register_change"),
        _Column(EarlierEnvelope, "envelope", "case_id", "register_case", (("compartment", "notes"),)),
    ),
}


def rotate(municipality: UUID, compartment: Compartment, *, by: str) -> Swept:
    """Make a new key version and move every envelope of the compartment to it. Safe to run again after a crash."""
    version = keyring().rotate(compartment_key(municipality, compartment))
    with scope(municipality, by=by, purpose=Purpose.KONTROLL):
        record_change(Action.KEYS_ROTATED, details={"compartment": compartment.label, "version": version})
    return move(municipality, compartment, by=by)


def move(municipality: UUID, compartment: Compartment, *, by: str) -> Swept:
    """Reseal what is behind, a batch a transaction. A row that someone changes meanwhile keeps their change."""
    total = Swept(0, 0, 0, ())
    resealer = Resealer(keyring(), municipality)
    for place in COLUMNS[compartment]:
        last: UUID | None = None
        while True:
            with scope(municipality, by=by, purpose=Purpose.KONTROLL):
                rows = _rows(place, after=last)
                if not rows:
                    break
                last = rows[-1][0]
                total = _sum(total, _sweep(resealer, compartment, place, rows))
    return total


def finish(
    municipality: UUID, compartment: Compartment, *, by: str, wait: Callable[[float], None] = time.sleep
) -> tuple[int, ...]:
    """Shred the older key versions when nothing needs them; gives those that were shredded.

    Looks through every envelope, then waits (a quarter of an hour) until no reader can hold one that it read before.
    Nothing happens (an empty answer) while some process may still seal with an older version, when an envelope was
    behind, or when one does not open.
    """
    name = compartment_key(municipality, compartment)
    ring = keyring()
    older = ring.versions(name)[:-1]
    if not older or not ring.may_sweep(name):
        return ()
    began = time.time()
    if not move(municipality, compartment, by=by).clean:
        return ()
    wait(GRACE_SECONDS)
    for version in older:
        ring.retire(name, version, swept_at=began)
    return older


def _rows(place: _Column, *, after: UUID | None) -> list[tuple[UUID, UUID, bytes]]:
    """(row, record that the envelope is bound to, envelope) of the next batch."""
    found = place.model._default_manager.filter(**dict(place.only)).order_by("id")
    if after is not None:
        found = found.filter(id__gt=after)
    values = found.values_list("id", place.record, place.column)[:AT_A_TIME]
    return [(row, record, bytes(sealed)) for row, record, sealed in values]


def _sweep(resealer: Resealer, compartment: Compartment, place: _Column, rows: list[tuple[UUID, UUID, bytes]]) -> Swept:
    salt_of = salts.of_many(record for _, record, _ in rows)
    # A record without its salt is shredded: nothing can open it, and nothing needs to.
    batch = [
        Stored(compartment, place.bound_to, record, salt_of[record], sealed)
        for _, record, sealed in rows
        if record in salt_of
    ]
    row_of = {sealed: row for row, _, sealed in rows}

    def replace(stored: Stored, newer: bytes) -> bool:
        held = place.model._default_manager.filter(**{"id": row_of[stored.sealed], place.column: stored.sealed})
        return bool(held.update(**{place.column: newer}))

    return sweep(resealer, [batch], replace=replace)


def _sum(one: Swept, other: Swept) -> Swept:
    return Swept(
        one.resealed + other.resealed,
        one.already + other.already,
        one.overtaken + other.overtaken,
        one.unreadable + other.unreadable,
    )
