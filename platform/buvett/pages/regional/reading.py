"""One release made ready for reading: its tables with labels, who has delivered, what the rates rest on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.http import Http404
from django.utils.translation import get_language, gettext

from buvett.agreements.models import Region
from buvett.pages.regional.places import Inhabitants, places_of
from buvett.pages.regional.subjects import Subject, subjects_of
from buvett.pages.regional.tables import Place, Table, tables_of
from buvett.releases import queries
from buvett.releases.errors import NoRelease
from buvett.releases.queries import ReleaseDetail


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A release of a region in the language that is on. ``is_newest``: no later one has been published."""

    region: Region
    release: ReleaseDetail
    is_newest: bool
    members: tuple[str, ...]
    delivered: tuple[str, ...]  # names
    awaited: tuple[str, ...]
    population: Inhabitants | None
    tables: tuple[Table, ...]
    subjects: tuple[Subject, ...]

    def table(self, identifier: str) -> Table:
        """The table with that id; 404 without one."""
        for table in self.tables:
            if table.id == identifier:
                return table
        raise Http404


def region_of(slug: str) -> Region:
    """The region, or 404. Read as the reader."""
    found = Region.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def read(region: Region, *, wanted: str = "") -> Reading | None:
    """The wanted release (its id as text) or the newest one; None without any.

    Another region's, an unknown one or no id at all is answered 404.
    """
    newest = queries.newest(region.slug)
    if not wanted:
        return _reading(region, queries.release(newest), newest) if newest else None
    try:
        release = queries.release(UUID(wanted))
    except (ValueError, NoRelease):
        raise Http404 from None
    if release.region != region.slug:
        raise Http404
    return _reading(region, release, newest)


def _reading(region: Region, release: ReleaseDetail, newest: UUID | None) -> Reading:
    members: Sequence[str] = (*release.contributors, *release.waiting)
    places, population = places_of(sorted(members), on=release.counted_on)
    names = {place.code: place.name for place in places}
    tables = _tables(release.body, places, region.name, get_language() or "nn")
    return Reading(
        region=region,
        release=release,
        is_newest=release.id == newest,
        members=tuple(members),
        delivered=tuple(names[code] for code in release.contributors),
        awaited=tuple(names[code] for code in release.waiting),
        population=population,
        tables=tables,
        subjects=subjects_of(tables),
    )


@lru_cache(maxsize=64)
def _tables(body: bytes, places: tuple[Place, ...], region: str, language: str) -> tuple[Table, ...]:
    """Depends on what is released, names and public figures: kept, since a release never changes."""
    return tables_of(json.loads(body), places=places, region=region, total=gettext("All"), language=language)
