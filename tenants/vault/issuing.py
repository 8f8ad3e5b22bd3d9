"""Issues receipts. For `tenants.audit` alone, once the intent entry is committed; a test checks who imports this."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tenants.vault.compartments import Compartment
from tenants.vault.errors import ReceiptRefused
from tenants.vault.receipts import Extent, Receipt, mac_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

LONGEST: Final = timedelta(minutes=15)


def issue(
    *,
    municipality: UUID,
    compartments: Iterable[Compartment],
    records: Iterable[UUID] | Extent,
    intent: UUID,
    lifetime: timedelta = LONGEST,
) -> Receipt:
    """A receipt for a committed intent, valid from now for `lifetime`.

    Raises `ReceiptRefused`: nothing named, longer than 15 minutes, or *all countable* for more than the assessment.
    """
    wanted = frozenset(compartments)
    extent = records if isinstance(records, Extent) else frozenset(records)
    if not wanted or not extent:
        raise ReceiptRefused("a receipt names at least one compartment and one record")
    if isinstance(extent, Extent) and wanted != {Compartment.ASSESSMENT}:
        raise ReceiptRefused("all countable records are opened in the assessment compartment only")
    if not timedelta(0) < lifetime <= LONGEST:
        raise ReceiptRefused("a receipt lives for 15 minutes at most")
    now, deadline = datetime.now(UTC), time.monotonic() + lifetime.total_seconds()
    mac = mac_of(
        municipality=municipality,
        compartments=wanted,
        records=extent,
        intent=intent,
        issued_at=now,
        expires=now + lifetime,
        deadline=deadline,
    )
    return Receipt(municipality, wanted, extent, intent, now, now + lifetime, deadline, mac)
