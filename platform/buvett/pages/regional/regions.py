"""The pooled need of a region: overview, one page a subject, completeness, earlier releases. Read as the reader."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.access.policies import can
from buvett.agreements.models import Region
from buvett.locale import norwegian
from buvett.pages.guard import needs
from buvett.pages.regional.charts import Chart, charts_of, region_chart
from buvett.pages.regional.drawing import svg_of
from buvett.pages.regional.findings import finding
from buvett.pages.regional.measures import Measure, Shown, lines, measures_of, shown
from buvett.pages.regional.reading import Reading, read, region_of
from buvett.pages.regional.subjects import Subject
from buvett.pages.regional.tables import Row, Table
from buvett.pages.rendering import page
from buvett.releases import queries
from buvett.releases.queries import RunStatus
from buvett.releases.withdraw import is_own_region
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as


@dataclass(frozen=True, kw_only=True)
class ShownChart:
    """A chart with its drawing and its finding in words."""

    chart: Chart
    svg: str
    finding: str


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """A table by one measure, with the charts that stand beside it."""

    table: Table
    heading: str
    lines: tuple[tuple[Row, tuple[Shown, ...]], ...]
    charts: tuple[ShownChart, ...]
    lacks_base: bool


@dataclass(frozen=True, kw_only=True)
class Card:
    """A subject on the overview. Several tables have no one finding."""

    subject: Subject
    finding: str


@require_safe
@needs(Permission.SEE_RELEASES)
def region_list(request: HttpRequest) -> HttpResponse:
    """All regions of this installation."""
    with connected_as(Role.READER):
        regions = sorted(Region.objects.all(), key=lambda region: norwegian.sorting(region.name))
    return page(request, "regional/regions.html", {"regions": regions})


@require_safe
@needs(Permission.SEE_RELEASES)
def region(request: HttpRequest, slug: str) -> HttpResponse:
    """What matters of the newest release (or of ``?release=``): the totals, and each subject with its finding."""
    with connected_as(Role.READER):
        found = region_of(slug)
        reading = read(found, wanted=request.GET.get("release", ""))
        if reading is None:
            run = queries.newest_run(slug)
            return page(request, "regional/region.html", {"region": found, "run": _in_order(run) if run else None})
        language = get_language() or "nn"
        context = {
            **_context(reading, request),
            "everyone": _everyone(reading, language=language),
            "cards": [Card(subject=one, finding=_told(one, language=language)) for one in reading.subjects],
        }
        return page(request, "regional/region.html", context)


@require_safe
@needs(Permission.SEE_RELEASES)
def subject(request: HttpRequest, slug: str, subject: str) -> HttpResponse:
    """The tables of one subject by the measure that the address asks for (``?show=``)."""
    with connected_as(Role.READER):
        reading = read(region_of(slug), wanted=request.GET.get("release", ""))
        found = next((one for one in reading.subjects if one.slug == subject), None) if reading else None
        if reading is None or found is None:
            raise Http404
        try:
            measure = Measure(request.GET.get("show", Measure.COUNT.value))
        except ValueError:
            raise Http404 from None
        possible = {measure for table in found.tables for measure in measures_of(table)}
        context = {
            **_context(reading, request),
            "subject": found,
            "measure": measure,
            "measures": [one for one in Measure if one in possible],
            "tables": [_shown(table, measure=measure) for table in found.tables],
        }
        return page(request, "regional/subject.html", context)


@require_safe
@needs(Permission.SEE_RELEASES)
def completeness(request: HttpRequest, slug: str) -> HttpResponse:
    """Who has delivered to the newest run and to the newest release, who is awaited and for what. No number."""
    with connected_as(Role.READER):
        found = region_of(slug)
        reading = read(found)
        runs = [run] if (run := queries.newest_run(slug)) else []
        if reading is not None and run is not None and reading.release.run != run.id:
            runs.append(queries.run_status(reading.release.run))
    return page(
        request,
        "regional/completeness.html",
        {"region": found, "reading": reading, "runs": [_in_order(run) for run in runs]},
    )


@require_safe
@needs(Permission.SEE_RELEASES)
def release_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Every release of the region, newest first, withdrawn ones too."""
    with connected_as(Role.READER):
        found = region_of(slug)
        context = {
            "region": found,
            "reading": read(found),
            "releases": queries.releases(slug),
            "may_withdraw": can(hat_on(request), Permission.WITHDRAW_RELEASE) and is_own_region(hat_on(request), slug),
        }
    return page(request, "regional/releases.html", context)


def _in_order(run: RunStatus) -> RunStatus:
    """The run with its members by name, as every other list of municipalities."""
    return replace(run, members=tuple(sorted(run.members, key=lambda member: norwegian.sorting(member.name))))


def _context(reading: Reading, request: HttpRequest) -> dict[str, Any]:
    return {
        "region": reading.region,
        "reading": reading,
        "release": reading.release,
        "population": reading.population,
        # Kept in the links of an earlier release: one stays in it.
        "of_release": "" if reading.is_newest else urlencode({"release": reading.release.id}),
    }


def _everyone(reading: Reading, *, language: str) -> Shown | None:
    """All that were counted in the region, from the first table that says it."""
    for table in reading.tables:
        for row in table.rows:
            if row.is_total and row.cells:
                return shown(row.cells[0], row, measure=Measure.COUNT, language=language)
    return None


def _told(subject: Subject, *, language: str) -> str:
    """What the first table of a subject shows for the whole region; nothing where the tables are about many things."""
    if subject.slug == "areas":
        return ""
    first = subject.tables[0]
    chart = region_chart(first, language=language) or charts_of(first, language=language)[0]
    return finding(chart)


def _shown(table: Table, *, measure: Measure) -> ShownTable:
    language = get_language() or "nn"
    charts = []
    whole = region_chart(table, measure=measure, language=language)
    panels = charts_of(table, measure=measure, language=language)
    for chart in (whole, *panels) if whole else panels:
        said = finding(chart)
        charts.append(ShownChart(chart=chart, svg=svg_of(chart, finding=said), finding=said))
    made = lines(table, measure=measure, language=language)
    return ShownTable(
        table=table,
        heading=_heading(table),
        lines=made,
        charts=tuple(charts),
        lacks_base=any(cell.lacks_base for _, cells in made for cell in cells),
    )


def _heading(table: Table) -> str:
    if table.by_municipality:
        return gettext("%(title)s, by municipality") % {"title": table.title}
    return gettext("%(title)s, the whole region") % {"title": table.title}
