"""Which municipalities a region has on a day, and which regions a municipality or a hat works in.

The tables are those of the room above, found by the key that a membership has to them: access imports nothing of it.
"""

from datetime import date
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet

from buvett.access.memberships import Hat


def houses_of_region(region: UUID, *, on: date) -> tuple[UUID, ...]:
    """The municipalities of the region that day."""
    return tuple(_live(on).filter(region=region).order_by("municipality").values_list("municipality", flat=True))


def regions_of_house(municipality: UUID, *, on: date) -> tuple[UUID, ...]:
    """The regions that the municipality belongs to that day."""
    return tuple(_live(on).filter(municipality=municipality).order_by("region").values_list("region", flat=True))


def regions_of(hat: Hat | None, *, on: date) -> tuple[UUID, ...]:
    """The regions whose plans the hat may read: the one that its role names, or those of its municipality.

    Without a hat, and for operations, there is none.
    """
    if hat is None:
        return ()
    if hat.region is not None:
        return (hat.region,)
    return regions_of_house(hat.municipality, on=on) if hat.municipality else ()


def _live(on: date) -> QuerySet:  # type: ignore[type-arg]
    rows = apps.get_model("agreements", "RegionMember").objects
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
