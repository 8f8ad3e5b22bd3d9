"""Uploads of registers in the page, as a person with the right to import. Inside ``upload_room``."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from buvett.access import grants
from buvett.access.cases import case_room
from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.memberships import Hat
from buvett.access.policies import can
from buvett.accounts.models import User
from tenants.register import staging, uploading
from tenants.register.importing import ColumnMapping, ParsedFile, parse_register
from tenants.register.registering import LIFETIME
from tenants.register.uploading import Applied


@contextmanager
def upload_room(user: User, hat: Hat | None, *, code: str, on: date) -> Iterator[Hat]:
    """The scope for uploads in the municipality ``code``: right, declaration, legal basis, as ``case_room``."""
    with case_room(user, hat, code=code, on=on, permission=Permission.IMPORT_REGISTER, lifetime=LIFETIME) as worn:
        yield worn


def read(content: bytes, *, counted_on: date, synthetic_mode: bool, names: ColumnMapping) -> ParsedFile:
    """Read a file; nothing is stored. Outside a scope, for it takes its time. Raises RefusedFile."""
    return parse_register(content, counted_on=counted_on, synthetic_mode=synthetic_mode, mapping=names)


def stage(parsed: ParsedFile, content: bytes, *, on: date) -> UUID:
    """Keep what was read, and the file, sealed, until it is applied or thrown away. Raises RefusedFile."""
    return staging.stage(parsed, on=on, content=content)


def apply(user: User, hat: Hat, run: UUID, *, fingerprint: str) -> dict[str, Any]:
    """Do what was shown; whoever does it has the cases that are new. Raises ImportChanged, ImportSuperseded."""
    return uploading.apply(
        run,
        fingerprint=fingerprint,
        code=hat.code,
        after_storing=lambda stored: grants.give_new(stored.new_cases, to=user, by=user),
    )


def applied(hat: Hat) -> tuple[Applied, ...]:
    """The latest imports: a leader sees the municipality's, others see their own."""
    return uploading.applied(by=None if can(hat, Permission.GRANT_CASES) else str(hat.user))


def undo(hat: Hat, run: UUID, *, counted_at: datetime | None, on: date) -> Applied:
    """Take back an import that the person sees. Raises NotHere for any other, CannotUndo."""
    if run not in {each.run for each in applied(hat)}:
        raise NotHere("no such import for this person")
    return uploading.undo(run, counted_at=counted_at, on=on)
