"""AgreementsError
├── AgreementRefused     dates or programme that do not fit
├── PaperRefused         a paper that cannot be filed, or a last day that cannot be; says why
└── ApprovalRefused      whoever approves may not: no such right in that municipality, or an approval without an end
"""

from enum import StrEnum


class Why(StrEnum):
    """Why a paper is refused."""

    DATES = "dates"  # the last day is before the first
    NOT_SIGNED = "not_signed"  # the municipality is not in that agreement
    THERE = "there"  # one of that kind is filed from that day already
    GONE = "gone"  # no such row in this municipality


class AgreementsError(Exception):
    """Root of what agreements refuse."""


class AgreementRefused(AgreementsError):
    """The dates or the programme do not fit."""


class ApprovalRefused(AgreementsError):
    """The approval is not one."""


class PaperRefused(AgreementsError):
    """The paper cannot be filed, or not end that day."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
