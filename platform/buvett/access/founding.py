"""The first account of a municipality, a region's and the installation's own: made at the console, told in the log.

An operator makes no second leader where there is one who signs in: that one invites. A role of a region is told in the
log of each of its municipalities, since it belongs to all of them (decisions 0070, 0072).
"""

from datetime import date
from uuid import UUID

from django.utils import timezone

from buvett.access import grants
from buvett.access.account_log import all_houses, told
from buvett.access.errors import MembershipRefused
from buvett.access.members import LONGEST, Wanted
from buvett.access.memberships import unended
from buvett.access.models import Membership
from buvett.access.regions import houses_of_region
from buvett.access.resets import AT_CONSOLE
from buvett.access.roles import Role
from buvett.accounts import invitations
from buvett.accounts.invitations import Link
from buvett.accounts.models import User
from tenants.audit.enums import Action
from tenants.isolation.models import Municipality

OF_REGION, OF_ALL = frozenset({Role.PROJECT_LEADER}), frozenset({Role.OPERATIONS})


def found(*, email: str, name: str, municipality: Municipality | None, wanted: Wanted, on: date) -> Link:
    """Make the account with its role and a one-time link. ``wanted.region``: of a role of the region.

    Raises MembershipRefused (see ``check_can_found``).
    """
    house = municipality.pk if municipality else None
    user = User.objects.filter(email=email).first()
    check_can_found(user, house=house, wanted=wanted, on=on)
    user = user or User.objects.create_user(email=email, name=name)
    given = {"user": user, "municipality": municipality, "region_id": wanted.region, "role": wanted.role.value}
    again = unended(on=on).filter(**given).exists()  # the first link was never used: only a new one is made
    details = {"role": wanted.role.value, "from": str(wanted.since), "to": str(wanted.until)}
    with told(
        Action.PERSON_INVITED if again else Action.MEMBERSHIP_GIVEN,
        about=user,
        by=AT_CONSOLE,
        details=details,
        houses=_houses(house, wanted.region, on=on),
    ):
        if not again:
            if house is not None:
                grants.end_earlier(user.pk, by=AT_CONSOLE, on=on)
            Membership.objects.create(**given, valid_from=wanted.since, valid_to=wanted.until)
        return invitations.make(user, by=None, now=timezone.now(), lasts=invitations.FIRST)


def can_found(user: User | None, *, house: UUID | None, wanted: Wanted, on: date) -> bool:
    """Whether the console may make this account."""
    try:
        check_can_found(user, house=house, wanted=wanted, on=on)
    except MembershipRefused:
        return False
    return True


def check_can_found(user: User | None, *, house: UUID | None, wanted: Wanted, on: date) -> None:
    """Raise MembershipRefused (role, region, dates, demo, signs_in, already, has_leader) when it may not."""
    if wanted.role not in ((OF_REGION | OF_ALL) if house is None else {Role.LOCAL_LEADER}):
        raise MembershipRefused("role")
    if (wanted.role in OF_REGION) != (wanted.region is not None):
        raise MembershipRefused("region")
    if not on <= wanted.since <= wanted.until <= on + LONGEST:
        raise MembershipRefused("dates")
    if user is not None:
        if user.demo:
            raise MembershipRefused("demo")
        if user.has_usable_password():
            raise MembershipRefused("signs_in")
        same = {"municipality": house, "region": wanted.region, "role": wanted.role.value}
        if unended(on=on).filter(user=user).exclude(**same).exists():
            raise MembershipRefused("already")
    if house is not None and _leader_signs_in(house, on=on):
        raise MembershipRefused("has_leader")


def _houses(house: UUID | None, region: UUID | None, *, on: date) -> tuple[UUID, ...]:
    if house is not None:
        return (house,)
    return houses_of_region(region, on=on) if region is not None else all_houses()


def _leader_signs_in(house: UUID, *, on: date) -> bool:
    rows = unended(on=on).filter(municipality=house, role=Role.LOCAL_LEADER.value, user__is_active=True)
    return any(row.user.has_usable_password() for row in rows.select_related("user"))
