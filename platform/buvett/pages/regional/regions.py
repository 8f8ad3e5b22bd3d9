"""The pooled need of a region: released tables with their charts. Read as the reader, which sees nothing else."""

import json
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from buvett.access.enums import Permission
from buvett.agreements.models import Region
from buvett.pages.guard import needs
from buvett.pages.regional.charts import Chart, charts_of
from buvett.pages.regional.findings import finding
from buvett.pages.regional.places import places_of
from buvett.pages.regional.tables import Table, tables_of
from buvett.pages.rendering import page
from buvett.releases import queries
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as


@dataclass(frozen=True, kw_only=True)
class ShownChart:
    """A chart with its finding in words."""

    chart: Chart
    finding: str


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """A table with the charts that stand beside it."""

    table: Table
    heading: str
    charts: tuple[ShownChart, ...]


@require_safe
@needs(Permission.SEE_RELEASES)
def region_list(request: HttpRequest) -> HttpResponse:
    """All regions of this installation."""
    with connected_as(Role.READER):
        regions = tuple(Region.objects.order_by("name"))
    return page(request, "regional/regions.html", {"regions": regions})


@require_safe
@needs(Permission.SEE_RELEASES)
def region(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest release of one region; without one, who is awaited."""
    with connected_as(Role.READER):
        found = Region.objects.filter(slug=slug).first()
        if found is None:
            raise Http404
        release = queries.latest(slug)
        if release is None:
            return page(request, "regional/region.html", {"region": found, "run": next(iter(queries.runs(slug)), None)})
        body = json.loads(release.body)
        codes = body["dimensions"][body["contributor"]]["codes"]
        places, population = places_of(codes, on=release.counted_on)
        tables = tables_of(
            body, places=places, region=found.name, total=gettext("All"), language=get_language() or "nn"
        )
        names = {place.code: place.name for place in places}
        context = {
            "region": found,
            "release": release,
            "members": codes,
            "delivered": [names[code] for code in release.contributors],
            "awaited": [names[code] for code in release.waiting],
            "population": population,
            "tables": [ShownTable(table=table, heading=_heading(table), charts=_shown(table)) for table in tables],
        }
        return page(request, "regional/region.html", context)


def _heading(table: Table) -> str:
    if table.by_municipality:
        return gettext("%(title)s, by municipality") % {"title": table.title}
    return gettext("%(title)s, the whole region") % {"title": table.title}


def _shown(table: Table) -> tuple[ShownChart, ...]:
    return tuple(ShownChart(chart=chart, finding=finding(chart)) for chart in charts_of(table))
