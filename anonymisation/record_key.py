"""A person's record key: the same wherever and whenever the person is counted."""

from __future__ import annotations

import hmac

PURPOSE = b"anonymise/record-key/1\0"
BITS = 64


def record_key(secret: bytes, person: str) -> int:
    """Return a person's record key, a whole number below 2**64: HMAC-SHA-256 with the region's secret, cut to 64 bits.

    `person` is a pseudonym that stays the same from period to period. Cell keys are sums of record keys modulo 2**64,
    the fraction of which is uniform between 0 and 1 (Handbook on SDC, section 5.4).
    """
    return int.from_bytes(hmac.digest(secret, PURPOSE + person.encode(), "sha256")[: BITS // 8], "big")
