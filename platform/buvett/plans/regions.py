"""Whose plans a hat works on: those of the region that its role names, and whose it may read besides.

Each is read and written inside the region's signed scope; the database shows no row of another (decision 0072).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.utils import timezone

from buvett.access.account_log import told_in
from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import check_can
from buvett.access.regions import houses_of_region
from buvett.plans.errors import NoPlan
from tenants.audit.enums import Action
from tenants.isolation.regions import region_scope


@contextmanager
def own_region(hat: Hat | None, permission: Permission) -> Iterator[Hat]:
    """The hat, inside the scope of its region. Raises NotAllowed, and NoPlan for a role that names no region."""
    check_can(hat, permission)
    if hat is None or hat.region is None:
        raise NoPlan("the role that is on names no region")
    with region_scope(hat.region, by=hat.user):
        yield hat


@contextmanager
def told_to_region(hat: Hat, action: Action, *, region: UUID, details: dict[str, str]) -> Iterator[None]:
    """Write as the region inside; the log of each of its municipalities tells it. Raises NoPlan where it has none."""
    houses = houses_of_region(region, on=timezone.localdate())
    if not houses:
        raise NoPlan("the region has no municipality: nobody's log could tell it")
    with told_in(houses, action, by=hat.user, details=details), region_scope(region, by=hat.user):
        yield
