"""Where the methods are asked: protect the pooled counts, then attack the result and all that was published before."""

from collections.abc import Sequence

import anonymisation
from anonymisation.counts import Counts
from anonymisation.errors import HistoryError, NoSafeRelease
from anonymisation.release import Release


def protect_and_attack(counts: Counts, *, history: Sequence[Release], key: bytes) -> bytes | None:
    """The canonical bytes of a safe release, or None: nothing safe exists, none was proven, or the attacker won.

    The attacker knows the truth and plays everyone: the public and each contributor, against all of ``history``.
    Same counts, history and key: same bytes.
    """
    # By the package's name: SciPy and HiGHS take most of a second to load, and only the publisher ever gets here.
    try:
        release = anonymisation.protect(counts.programme, counts, history=history, key=key).release
        report = anonymisation.audit(release, history=history, counts=counts)
    except (NoSafeRelease, HistoryError):
        return None
    return release.to_bytes() if report.safe and report.complete else None
