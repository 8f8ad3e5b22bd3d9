"""AgreementsError
├── AgreementRefused     dates or programme that do not fit
└── ApprovalRefused      whoever approves may not: no such right in that municipality, or an approval without an end
"""


class AgreementsError(Exception):
    """Root of what agreements refuse."""


class AgreementRefused(AgreementsError):
    """The dates or the programme do not fit."""


class ApprovalRefused(AgreementsError):
    """The approval is not one."""
