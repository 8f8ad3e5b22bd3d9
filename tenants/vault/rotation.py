"""Moves all envelopes of one key to its newest version while people go on reading and writing.

1. `Keyring.rotate`: a new version; new envelopes use it within five minutes everywhere.
2. `sweep` until nothing is left, at the latest once more when `Keyring.may_sweep`.
3. `Keyring.retire` with the time at which that last sweep began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenants.vault.errors import CannotOpen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from tenants.vault.compartments import Compartment
    from tenants.vault.sealing import Resealer


@dataclass(frozen=True, slots=True)
class Stored:
    """One envelope as it lies in a table."""

    compartment: Compartment
    table: str
    record_id: UUID
    salt: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. `unreadable` holds ids of records whose envelope does not open: look before you retire."""

    resealed: int
    already: int
    overtaken: int  # changed by someone else in the meantime: theirs counts
    unreadable: tuple[UUID, ...]

    @property
    def clean(self) -> bool:
        """Whether the sweep found every envelope at the newest version already."""
        return not (self.resealed or self.overtaken or self.unreadable)


def sweep(
    resealer: Resealer, batches: Iterable[Iterable[Stored]], *, replace: Callable[[Stored, bytes], bool]
) -> Swept:
    """Reseals every stored envelope that is behind.

    `batches` gives rows in any sizes (a batch per transaction is a good one). `replace(stored, newer)` writes `newer`
    if the row still holds `stored.sealed`, and says whether it did: `UPDATE … WHERE envelope = old`.
    """
    resealed = already = overtaken = 0
    unreadable = []
    for batch in batches:
        for stored in batch:
            try:
                newer = resealer.reseal(stored.compartment, stored.table, stored.record_id, stored.salt, stored.sealed)
            except CannotOpen:
                unreadable.append(stored.record_id)
                continue
            if newer == stored.sealed:
                already += 1
            elif replace(stored, newer):
                resealed += 1
            else:
                overtaken += 1
    return Swept(resealed, already, overtaken, tuple(unreadable))
