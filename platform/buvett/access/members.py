"""A local leader invites people to the own municipality, dates, changes and ends what they are there.

Never the own rights, never another municipality's, never a role that nobody gives here; each change is told in the
municipality's log in its own transaction. A membership has a last day, always: rights are looked at anew (forskrift om
pasientjournal § 13).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from buvett.access import grants
from buvett.access.enums import Permission
from buvett.access.errors import MembershipRefused, NotHere
from buvett.access.memberships import Hat, unended
from buvett.access.models import Membership
from buvett.access.policies import check_can_in
from buvett.access.regions import regions_of_house
from buvett.access.roles import GIVEN_BY_LEADER, REGIONAL, Role
from buvett.accounts import invitations
from buvett.accounts.invitations import Link
from buvett.accounts.models import User
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import declarations

LONGEST = timedelta(days=2 * 366)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A membership as it is asked for. ``until`` is the last day; ``region``: see ``region_for``."""

    role: Role
    since: date
    until: date
    region: UUID | None = None


def invite(hat: Hat, *, code: str, email: str, name: str, wanted: Wanted, on: date) -> Link | None:
    """Give a person a role, and a one-time link if the person has no password and no other house.

    Whoever signs in already needs no link: the new role is there next time. Raises NotHere, NotAllowed or
    MembershipRefused (own, role, dates, region, demo, already).
    """
    hat = check_can_in(hat, Permission.MANAGE_MEMBERS, code=code)
    email = email.strip().lower()
    check_wanted(wanted, on=on)
    wanted = replace(wanted, region=region_for(wanted, house=hat.house, on=on))
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        user = User.objects.filter(email=email).first() or User.objects.create_user(email=email, name=name.strip())
        check_is_other(hat, user)
        give(user, municipality=hat.house, wanted=wanted, by=hat.user, on=on)
        return _link(user, hat, now=timezone.now())


def invite_again(hat: Hat, *, code: str, membership: UUID, on: date) -> Link:
    """A new link for someone who never used the first one. Raises as ``invite`` does, and ``signs_in``."""
    hat, row = _theirs(hat, code=code, membership=membership, on=on)
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        link = _link(row.user, hat, now=timezone.now())
        if link is None:
            raise MembershipRefused("signs_in")
        return link


def change(hat: Hat, *, code: str, membership: UUID, until: date, on: date) -> None:
    """Another last day. Raises NotHere, NotAllowed or MembershipRefused (own, dates)."""
    hat, row = _theirs(hat, code=code, membership=membership, on=on)
    if not max(on, row.valid_from) <= until <= on + LONGEST:
        raise MembershipRefused("dates")
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        Membership.objects.filter(pk=row.pk).update(valid_to=until)
        _tell(Action.MEMBERSHIP_CHANGED, row, until=until)


def end(hat: Hat, *, code: str, membership: UUID, on: date) -> None:
    """End it now; whoever has no other role in the house signs anew before coming back, and has no case then.

    Raises NotHere, NotAllowed or MembershipRefused (own).
    """
    hat, row = _theirs(hat, code=code, membership=membership, on=on)
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        Membership.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now())
        if not unended(on=on).filter(user=row.user_id, municipality=hat.house).exists():
            declarations.revoke(row.user_id, on=on)
        _tell(Action.MEMBERSHIP_ENDED, row, until=row.valid_to)


def give(user: User, *, municipality: UUID, wanted: Wanted, by: UUID, on: date) -> Membership:
    """Make the membership and tell it. Inside the municipality's scope. Raises MembershipRefused (demo, already)."""
    if user.demo:
        raise MembershipRefused("demo")
    same = {"user": user, "municipality": municipality, "role": wanted.role.value, "region": wanted.region}
    if unended(on=on).filter(**same).exists():
        raise MembershipRefused("already")
    grants.end_earlier(user.pk, by=str(by), on=on)
    made = Membership.objects.create(
        user=user,
        municipality_id=municipality,
        region_id=wanted.region,
        role=wanted.role.value,
        valid_from=wanted.since,
        valid_to=wanted.until,
        given_by_id=by,
    )
    _tell(Action.MEMBERSHIP_GIVEN, made, until=wanted.until)
    return made


def can_change(hat: Hat, user: UUID) -> bool:
    """Whether the hat may touch that person's memberships at all: never the own."""
    return Permission.MANAGE_MEMBERS in hat.permissions and hat.user != user


def check_is_other(hat: Hat, user: User) -> None:
    """Raise MembershipRefused for the own person: nobody gives, lengthens or ends the own rights."""
    if not can_change(hat, user.pk):
        raise MembershipRefused("own")


def check_wanted(wanted: Wanted, *, on: date) -> None:
    """Raise MembershipRefused (role, dates) for what no leader may give."""
    if wanted.role not in GIVEN_BY_LEADER:
        raise MembershipRefused("role")
    if not on <= wanted.since <= wanted.until <= on + LONGEST:
        raise MembershipRefused("dates")


def region_for(wanted: Wanted, *, house: UUID, on: date) -> UUID | None:
    """The region that the role names: one of the municipality's own, which is asked for where there are several.

    None for a role of the house. Raises MembershipRefused (region).
    """
    if wanted.role not in REGIONAL:
        return None
    own = regions_of_house(house, on=on)
    if wanted.region is None and len(own) == 1:
        return own[0]
    if wanted.region not in own:
        raise MembershipRefused("region")
    return wanted.region


def can_have_link(user: User, *, house: UUID, on: date) -> bool:
    """Whether this house alone may let the person set a password: without one, and at home nowhere else.

    Otherwise one municipality could open another's door by inviting the same person.
    """
    houses = set(unended(on=on).filter(user=user).values_list("municipality", flat=True))
    return not user.demo and not user.has_usable_password() and houses <= {house}


def _link(user: User, hat: Hat, *, now: datetime) -> Link | None:
    if not can_have_link(user, house=hat.house, on=timezone.localdate(now)):
        return None
    link = invitations.make(user, by=hat.user, now=now, lasts=invitations.FIRST)
    record_change(
        Action.PERSON_INVITED,
        details={"account": str(user.pk), "expires": link.expires_at.isoformat(timespec="minutes")},
    )
    return link


def _theirs(hat: Hat, *, code: str, membership: UUID, on: date) -> tuple[Hat, Membership]:
    """The hat with the right, and a membership of the own house that it may touch."""
    hat = check_can_in(hat, Permission.MANAGE_MEMBERS, code=code)
    row = unended(on=on).select_related("user").filter(pk=membership, municipality=hat.house).first()
    if row is None:
        raise NotHere("no such membership in this municipality")
    check_is_other(hat, row.user)
    return hat, row


def _tell(action: Action, row: Membership, *, until: date | None) -> None:
    record_change(
        action,
        details={
            "account": str(row.user_id),
            "membership": str(row.pk),
            "role": row.role,
            **({"region": str(row.region_id)} if row.region_id else {}),
            "from": str(row.valid_from),
            "to": str(until),
        },
    )
