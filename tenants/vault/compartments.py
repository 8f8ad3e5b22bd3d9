"""The compartments: which facts lie behind which key, and the sizes that their envelopes are padded to."""

from __future__ import annotations

from enum import Enum
from typing import Final

KIB: Final = 1024


class Compartment(Enum):
    """One kind of facts about people. Each has its own key per municipality.

    `label` is part of key names, `code` the byte in the envelope, `sizes` the padded sizes in bytes, smallest first.
    Identity and assessment have one size each, so that a length tells nothing; texts and files take the next size up.
    Codes and sizes are part of the published format: add, never change.
    """

    label: str
    code: int
    sizes: tuple[int, ...]

    IDENTITY = ("identity", 1, (KIB,))  # name, fødselsnummer, address, telephone
    ASSESSMENT = ("assessment", 2, (KIB,))  # coded facts that are counted, dates, flags
    NOTES = ("notes", 3, (KIB, 4 * KIB, 16 * KIB, 64 * KIB))  # free text
    STAGING = ("staging", 4, tuple(KIB << step for step in range(16)))  # uploads (≤ 32 MiB), rows, reports about rows
    AUDIT = ("audit", 5, (KIB, 4 * KIB, 16 * KIB))  # the personal part of audit entries

    def __init__(self, label: str, code: int, sizes: tuple[int, ...]) -> None:
        self.label = label
        self.code = code
        self.sizes = sizes


BY_CODE: Final = {compartment.code: compartment for compartment in Compartment}
"""Compartment of a code byte."""
