"""AuditError
└── AuditUnavailable     the entry could not be committed: what it stands before does not happen
"""


class AuditError(Exception):
    """Root of what the audit refuses."""


class AuditUnavailable(AuditError):
    """The entry could not be written, so the thing it tells of does not happen."""
