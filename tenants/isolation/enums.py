from enum import StrEnum


class Role(StrEnum):
    """The database roles. The value is also the alias of the connection in Django's settings."""

    OWNER = "owner"
    APP = "app"
    CONTRIBUTOR = "contributor"
    PUBLISHER = "publisher"
    READER = "reader"
    OUTBOX = "outbox"
    AUDIT_WRITER = "audit_writer"
    AUDIT_READER = "audit_reader"
    BACKUP = "backup"

    @property
    def login(self) -> str:
        """The role's name in PostgreSQL."""
        return f"buvett_{self.value}"


class Purpose(StrEnum):
    """What rows are read for; each has its legal bases in ``tenants.legal`` (domain brief, section 4)."""

    SAK = "SAK"
    OVERSIKT = "OVERSIKT"
    REGIONAL = "REGIONAL"
    KONTROLL = "KONTROLL"
