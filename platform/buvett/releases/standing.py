"""A leader gives a standing approval with a last day, or takes it back; told in the municipality's log."""

from datetime import date, timedelta
from uuid import UUID

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.accounts.models import User
from buvett.agreements import actions
from buvett.agreements.models import Agreement, StandingApproval
from buvett.releases.deciding import house
from buvett.releases.errors import NotToDecide, Obstacle
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.models import Municipality

LONGEST = timedelta(days=366)


def give(hat: Hat | None, agreement: UUID, *, code: str, on: date, until: date) -> None:
    """Approve in advance, from today until a day within a year; an earlier one that is live ends.

    Raises NotToDecide, and NotHere, NotAllowed, DeclarationNeeded or NoBasis from access.
    """
    with house(hat, Permission.APPROVE_CONTRIBUTION, code=code, on=on) as worn:
        if not on < until <= on + LONGEST:
            raise NotToDecide(Obstacle.DATES)
        found = Agreement.objects.get(pk=agreement)
        _end(found, worn.house, on=on)
        made = actions.approve(
            found,
            Municipality.objects.get(pk=worn.house),
            by=User.objects.get(pk=worn.user),
            on=on,
            until=until,
        )
        record_change(
            Action.STANDING_APPROVAL_GIVEN,
            details={"agreement": str(agreement), "approval": str(made.pk), "until": str(until)},
        )


def take_back(hat: Hat | None, agreement: UUID, *, code: str, on: date) -> None:
    """End the standing approval from today; whatever has left stays where it is. Raises as ``give``."""
    with house(hat, Permission.APPROVE_CONTRIBUTION, code=code, on=on) as worn:
        _end(Agreement.objects.get(pk=agreement), worn.house, on=on)


def _end(agreement: Agreement, municipality: UUID, *, on: date) -> None:
    live = StandingApproval.objects.filter(
        agreement=agreement, municipality=municipality, expires_on__gte=on, revoked_on=None
    )
    for approval in live:
        actions.revoke(approval, on=on)
        record_change(
            Action.STANDING_APPROVAL_REVOKED,
            details={"agreement": str(agreement.pk), "approval": str(approval.pk)},
        )
