"""Released tables as files, by the same queries and rights as the pages."""

import json
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from buvett.access.enums import Permission
from buvett.pages.guard import needs
from buvett.pages.regional.exports import Export, csv_of, json_stat_of, xlsx_of
from buvett.pages.regional.labels import Labels, labels_for
from buvett.pages.regional.places import places_of
from buvett.pages.regional.reading import region_of
from buvett.releases import queries
from buvett.releases.errors import NoRelease
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@needs(Permission.SEE_RELEASES)
def as_csv(request: HttpRequest, slug: str, release: UUID, table: str) -> HttpResponse:
    """CSV."""
    export = _export(slug, release, table)
    return _file(csv_of(export).encode(), kind="text/csv; charset=utf-8", name=f"{export.file_name}.csv")


@require_safe
@needs(Permission.SEE_RELEASES)
def as_json_stat(request: HttpRequest, slug: str, release: UUID, table: str) -> HttpResponse:
    """JSON-stat 2.0."""
    export = _export(slug, release, table)
    body = json.dumps(json_stat_of(export), ensure_ascii=False, indent=1).encode()
    return _file(body, kind="application/json", name=f"{export.file_name}.json")


@require_safe
@needs(Permission.SEE_RELEASES)
def as_xlsx(request: HttpRequest, slug: str, release: UUID, table: str) -> HttpResponse:
    """Excel's format."""
    export = _export(slug, release, table)
    return _file(xlsx_of(export), kind=XLSX, name=f"{export.file_name}.xlsx")


def _export(slug: str, identifier: UUID, table_id: str) -> Export:
    with connected_as(Role.READER):
        region = region_of(slug)
        try:
            release = queries.release(identifier)
            table = release.table(table_id)
        except NoRelease:
            raise Http404 from None
        if release.region != slug:
            raise Http404
        places, _ = places_of(sorted((*release.contributors, *release.waiting)), on=release.counted_on)
    body = json.loads(release.body)
    who = body["contributor"]
    language = get_language() or "nn"
    labels = {
        dimension.name: labels_for(dimension.name, body["dimensions"][dimension.name], language=language)
        for dimension in table.dimensions
        if dimension.name != who
    }
    for dimension in table.dimensions:
        if dimension.name == who:
            names = {**{place.code: place.name for place in places}, dimension.total: region.name}
            labels[who] = Labels(title=gettext("Municipality"), of=names, code_list="", definition="")
        else:
            found = labels[dimension.name]
            labels[dimension.name] = Labels(
                title=found.title,
                of={**found.of, dimension.total: gettext("All")},
                code_list=found.code_list,
                definition=found.definition,
            )
    source = gettext("Source: the municipalities' own mapping, counted by bu-vett.")
    if release.is_withdrawn:
        source = f"{source} {gettext('This release has been withdrawn: do not use its numbers.')}"
    return Export(release=release, table=table, labels=labels, source=source)


def _file(body: bytes, *, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
