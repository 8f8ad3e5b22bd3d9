"""Who has a role in a municipality, and how they stand: dates, declaration, second factor, invitation, reset."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from buvett.access.enums import Permission
from buvett.access.memberships import Hat, unended
from buvett.access.models import Membership, Reset
from buvett.access.policies import can, check_can_in
from buvett.access.regions import regions_of_house
from buvett.access.roles import Role
from buvett.accounts.models import Invitation
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import declarations

SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One role of one person in the house (or in a region of it, or in the installation)."""

    membership: UUID
    user: UUID
    name: str
    email: str
    role: Role
    since: date
    until: date | None
    starts_later: bool
    ends_soon: bool
    declared_until: date | None
    needs_declaration: bool
    second_factor: bool
    invited_until: datetime | None  # a link that waits to be used
    has_password: bool
    demo: bool
    reset_asked_by: frozenset[UUID]
    reset_until: datetime | None
    own: bool
    is_local: bool  # in the house, not of the region


@dataclass(frozen=True, kw_only=True)
class People:
    """The people page of one municipality."""

    members: tuple[Member, ...]
    of_region: tuple[Member, ...]
    may_manage: bool
    may_reset: bool

    @property
    def ending_soon(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.ends_soon)


def people_of(hat: Hat | None, *, code: str, on: date) -> People:
    """The people of the hat's own municipality, by name. The number of queries does not depend on theirs.

    Raises NotHere, then NotAllowed.
    """
    permission = Permission.MANAGE_MEMBERS if can(hat, Permission.MANAGE_MEMBERS) else Permission.RESET_SIGN_IN
    hat = check_can_in(hat, permission, code=code)
    regions = regions_of_house(hat.house, on=on)
    rows = (
        unended(on=on)
        .filter(Q(municipality=hat.house) | Q(municipality=None) & (Q(region=None) | Q(region__in=regions)))
        .select_related("user")
        .annotate(
            second_factor=Exists(Authenticator.objects.filter(user=OuterRef("user"), type__in=["totp", "webauthn"]))
        )
        .order_by("user__name", "role", "id")
    )
    memberships = list(rows)
    users = {row.user_id for row in memberships}
    now = timezone.now()
    waiting = Invitation.objects.filter(user__in=users, used_at=None, expires_at__gt=now)
    invited = dict(waiting.values_list("user", "expires_at"))
    resets = {
        reset.user_id: reset
        for reset in Reset.objects.filter(user__in=users, done_at=None, expires_at__gt=now).prefetch_related("consents")
    }
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        declared = declarations.valid_until(users, on=on)
    made = [_member(row, on=on, hat=hat, declared=declared, invited=invited, resets=resets) for row in memberships]
    return People(
        members=tuple(m for m, row in zip(made, memberships, strict=True) if row.municipality_id is not None),
        of_region=tuple(m for m, row in zip(made, memberships, strict=True) if row.municipality_id is None),
        may_manage=can(hat, Permission.MANAGE_MEMBERS),
        may_reset=can(hat, Permission.RESET_SIGN_IN),
    )


def member_of(hat: Hat | None, *, code: str, membership: UUID, on: date) -> Member | None:
    """One line of the people page, of house or region."""
    found = people_of(hat, code=code, on=on)
    return next((member for member in (*found.members, *found.of_region) if member.membership == membership), None)


def _member(
    row: Membership,
    *,
    on: date,
    hat: Hat,
    declared: dict[UUID, date],
    invited: dict[UUID, datetime],
    resets: dict[UUID, Reset],
) -> Member:
    reset = resets.get(row.user_id)
    role = Role(row.role)
    return Member(
        membership=row.pk,
        user=row.user_id,
        name=row.user.name,
        email=row.user.email,
        role=role,
        since=row.valid_from,
        until=row.valid_to,
        starts_later=row.valid_from > on,
        ends_soon=row.valid_to is not None and row.valid_to <= on + SOON,
        declared_until=declared.get(row.user_id),
        needs_declaration=role in {Role.CASE_WORKER, Role.LOCAL_LEADER},
        second_factor=row.second_factor,  # type: ignore[attr-defined]
        invited_until=invited.get(row.user_id),
        has_password=row.user.has_usable_password(),
        demo=row.user.demo,
        reset_asked_by=frozenset(consent.by_id for consent in reset.consents.all()) if reset else frozenset(),
        reset_until=reset.expires_at if reset else None,
        own=row.user_id == hat.user,
        is_local=row.municipality_id is not None,
    )
