"""A receipt: the audit log's word that an intent to look has been committed. Without one nothing is opened.

A receipt carries a MAC under a key that lives in this process only, so it cannot be built by hand, kept in a session,
sent in a message or altered. `tenants.audit` alone issues them (`issuing`, guarded by a test of imports). This stops
mistakes, not code that runs in the same process: such code could take the keys too.
"""

from __future__ import annotations

import enum
import hmac
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tenants.vault.committing import frame
from tenants.vault.compartments import Compartment
from tenants.vault.errors import ReceiptRefused

if TYPE_CHECKING:
    from collections.abc import Iterator


class Extent(enum.Enum):
    """Receipts that name no records."""

    ALL_COUNTABLE = "all countable"  # for the contributor; assessment compartment only


@dataclass(frozen=True, slots=True)
class Receipt:
    """Leave to open these compartments of these records of one municipality, until `expires`.

    `deadline` is the same moment on this process's monotonic clock, in seconds: what counts, whoever sets the time.
    """

    municipality: UUID
    compartments: frozenset[Compartment]
    records: frozenset[UUID] | Extent
    intent: UUID  # id of the committed audit entry
    issued_at: datetime
    expires: datetime
    deadline: float
    mac: bytes = field(repr=False)

    def covers(self, compartment: Compartment, record: UUID) -> bool:
        """Whether this compartment of this record is meant. Says nothing about time or MAC."""
        if compartment not in self.compartments:
            return False
        return isinstance(self.records, Extent) or record in self.records


class _ProcessKey:
    """The MAC key of this process; a forked child gets its own, so a parent's receipt is worth nothing there."""

    def __init__(self) -> None:
        self.renew()
        os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        self._key = os.urandom(32)

    def mac(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, "sha256")


_process_key: Final = _ProcessKey()


def mac_of(
    *,
    municipality: UUID,
    compartments: frozenset[Compartment],
    records: frozenset[UUID] | Extent,
    intent: UUID,
    issued_at: datetime,
    expires: datetime,
    deadline: float,
) -> bytes:
    """MAC of a receipt's content under this process's key. For `issuing` and `check` only."""

    def fields() -> Iterator[bytes]:
        yield municipality.bytes
        yield bytes(sorted(compartment.code for compartment in compartments))
        if isinstance(records, Extent):
            yield records.value.encode()
        else:
            yield b"records" + b"".join(sorted(record.bytes for record in records))
        yield intent.bytes
        yield issued_at.isoformat().encode()
        yield expires.isoformat().encode()
        yield deadline.hex().encode()

    return _process_key.mac(frame(*fields()))


def check(receipt: object) -> Receipt:
    """The receipt itself, if this process issued it and nothing in it was altered. Raises `ReceiptRefused`."""
    if not isinstance(receipt, Receipt):
        raise ReceiptRefused("an envelope is opened against a receipt of the audit log only")
    expected = mac_of(
        municipality=receipt.municipality,
        compartments=receipt.compartments,
        records=receipt.records,
        intent=receipt.intent,
        issued_at=receipt.issued_at,
        expires=receipt.expires,
        deadline=receipt.deadline,
    )
    if not hmac.compare_digest(expected, receipt.mac):
        raise ReceiptRefused("this receipt was not issued by the audit log of this process")
    return receipt
