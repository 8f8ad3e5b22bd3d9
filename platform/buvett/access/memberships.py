"""The hats a person may put on: memberships that are live on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.models import Membership
from buvett.access.roles import LOCAL, PERMISSIONS, Role
from buvett.accounts.models import Invitation


@dataclass(frozen=True, kw_only=True)
class Hat:
    """One role of one person, in one municipality or in one region. Only its rights are on.

    ``code``: the municipality's number; ``name``: of the municipality, or of the region for a role without one.
    """

    membership: UUID
    user: UUID
    role: Role
    municipality: UUID | None
    code: str
    name: str
    region: UUID | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        return PERMISSIONS[self.role]

    @property
    def house(self) -> UUID:
        """The municipality that the hat is worn in. Raises NotHere for a hat of the region."""
        if self.municipality is None:
            raise NotHere("a hat of the region has no house")
        return self.municipality

    @property
    def is_local(self) -> bool:
        """In a municipality's own house: only there can a right on cases mean anything."""
        return self.municipality is not None and self.role in LOCAL


def unended(*, on: date) -> QuerySet[Membership]:
    """Memberships that are live on that day or begin later."""
    return Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), ended_at=None)


def seeing_cases(rows: QuerySet[Membership], *, municipality: UUID) -> QuerySet[Membership]:
    """Those of them that let someone see cases of that municipality."""
    roles = [role.value for role in LOCAL if Permission.SEE_CASES in PERMISSIONS[role]]
    return rows.filter(municipality=municipality, role__in=roles)


def behind(user: UUID, *, house: UUID) -> frozenset[UUID]:
    """The person, whoever gave them a role in the house, whoever made a link they came in by, and so on from each.

    A leader chooses whom to invite and hands the link over: someone invited may be that leader in another name, and so
    may someone whose link was renewed, or who was let in anew, by another. Ended roles count, and links of any house:
    an account is the same in all. A link that nobody used let nobody in.
    """
    found = newest = {user}
    while newest:
        given = Membership.objects.filter(municipality=house, user__in=newest).exclude(given_by=None)
        links = Invitation.objects.filter(user__in=newest).exclude(used_at=None).exclude(made_by=None)
        makers = {*given.values_list("given_by", flat=True), *links.values_list("made_by", flat=True)}
        newest = makers - found
        found = found | newest
    return frozenset(found)


def hats_of(user: UUID, *, on: date) -> tuple[Hat, ...]:
    """The person's hats on that day, ordered by municipality and role. One query."""
    return hats_of_each([user], on=on).get(user, ())


def hats_of_each(users: Iterable[UUID], *, on: date) -> dict[UUID, tuple[Hat, ...]]:
    """The hats of several people on that day, each person's in the order of ``hats_of``. One query."""
    live = unended(on=on).filter(user_id__in=tuple(users), valid_from__lte=on)
    found: dict[UUID, tuple[Hat, ...]] = {}
    for row in live.select_related("municipality", "region").order_by("municipality__name", "role", "id"):
        hat = Hat(
            membership=row.id,
            user=row.user_id,
            role=Role(row.role),
            municipality=row.municipality_id,
            code=row.municipality.code if row.municipality else "",
            name=place.name if (place := row.municipality or row.region) else "",
            region=row.region_id,
        )
        found[row.user_id] = (*found.get(row.user_id, ()), hat)
    return found
