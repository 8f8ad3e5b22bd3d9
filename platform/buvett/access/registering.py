"""Bringing a register in, as a person with a role."""

from datetime import date

from buvett.access import grants
from buvett.access.enums import Permission
from buvett.access.memberships import Hat, hats_of
from buvett.access.policies import can_in, check_can_work_with_cases
from buvett.accounts.models import User
from tenants.isolation.enums import Purpose
from tenants.isolation.models import Municipality
from tenants.isolation.scopes import scope
from tenants.register.importing import ColumnMapping
from tenants.register.registering import Imported, Progress, import_file


def hat_with(user: User, permission: Permission, *, municipality: Municipality, on: date) -> Hat | None:
    """The person's first live hat in the municipality that gives the right, or None."""
    for hat in hats_of(user.pk, on=on):
        if can_in(hat, permission, municipality=municipality.pk):
            return hat
    return None


def import_register(
    content: bytes,
    *,
    hat: Hat,
    municipality: Municipality,
    by: User,
    today: date,
    counted_on: date,
    synthetic_mode: bool,
    mapping: ColumnMapping,
    dry_run: bool,
    progress: Progress,
) -> Imported:
    """Import as ``by``, who is granted the cases that are new. Raises DeclarationNeeded or NoBasis first."""
    with scope(municipality.pk, by=by.pk, purpose=Purpose.SAK):
        check_can_work_with_cases(hat, on=today)
    return import_file(
        content,
        municipality=municipality.pk,
        code=municipality.code,
        by=str(by.pk),
        on=counted_on,
        synthetic_mode=synthetic_mode,
        mapping=mapping,
        dry_run=dry_run,
        after_storing=lambda stored: grants.give_new(stored.new_cases, to=by, by=by),
        progress=progress,
    )
