"""Opening a locked set: sealed contributions → the pooled true counts, in the publisher's memory only."""

import hashlib
import logging
from collections.abc import Iterator

from anonymisation.counts import Counts
from anonymisation.errors import CountsError
from anonymisation.programme import Programme
from buvett.releases import keys, sealing
from buvett.releases.errors import NotOurs
from buvett.releases.models import Contribution, Lock
from buvett.releases.runs import binding_of
from buvett.releases.tabulate import unpad

log = logging.getLogger(__name__)


def open_locked(lock: Lock, programme: Programme) -> Counts | None:
    """The counts of everyone in the lock, or None when nobody sent any that can be used.

    What does not open, or holds another municipality's cells, counts as not delivered: its sender gains nothing by it
    and the others lose nothing. Raises KeyMissing when the run's private key is gone.
    """
    private = keys.box().get(keys.period_key(lock.run.agreement.region_id, lock.run_id))
    parts = list(_parts(lock, programme, private))
    return Counts.merge(parts) if parts else None


def _parts(lock: Lock, programme: Programme, private: bytes) -> Iterator[Counts]:
    rows = Contribution.objects.filter(run=lock.run_id).select_related("municipality").order_by("municipality__code")
    found = {(row.municipality.code, row.sha256): row for row in rows}
    for entry in lock.contributors:
        row = found.get((entry["municipality"], entry["sha256"]))
        try:
            if row is None or hashlib.sha256(row.sealed).hexdigest() != row.sha256:
                raise NotOurs("the contribution is not the one that was locked")
            yield open_one(row, programme, private_key=private)
        except NotOurs:
            log.warning("the contribution of %s cannot be used: it counts as not delivered", entry["municipality"])


def open_one(row: Contribution, programme: Programme, *, private_key: bytes) -> Counts:
    """One municipality's counts. Raises NotOurs; the message never repeats what was inside."""
    binding = binding_of(row.run, row.municipality_id)
    padded = sealing.open_sealed(bytes(row.sealed), private_key=private_key, binding=binding)
    try:
        return Counts.parse(
            unpad(padded), programme, source=row.municipality.code, contributors=[row.municipality.code]
        )
    except (ValueError, CountsError):
        raise NotOurs("the contribution is not what its municipality agreed to send") from None
