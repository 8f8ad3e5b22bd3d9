"""Where the methods are asked: protect the pooled counts, then attack the result and all that was published before."""

from collections.abc import Sequence

from anonymisation.counts import Counts
from anonymisation.errors import HistoryError, NoSafeRelease
from anonymisation.release import Release


def protect_and_attack(counts: Counts, *, history: Sequence[Release], key: bytes) -> bytes | None:
    """The canonical bytes of a safe release, or None: nothing safe exists, none was proven, or the attacker won.

    The attacker knows the truth and plays everyone: the public and each contributor, against all of ``history``.
    Same counts, history and key: same bytes.
    """
    # Here, because SciPy and HiGHS take most of a second to load, and of all processes only the publisher needs them.
    from anonymisation.attack import audit  # noqa: PLC0415
    from anonymisation.protection import protect  # noqa: PLC0415

    try:
        release = protect(counts.programme, counts, history=history, key=key).release
        report = audit(release, history=history, counts=counts)
    except (NoSafeRelease, HistoryError):
        return None
    return release.to_bytes() if report.safe and report.complete else None
