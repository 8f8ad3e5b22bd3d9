"""A sent version as a paper: PDF/UA-1 by Typst, in the language that is on. As the reader's role.

What people wrote goes in as JSON, never as Typst's own text; signs that it cannot print are told of. No file, font or
package is fetched: the fonts are those in Typst's wheel. The size of a plan is bounded (``buvett.plans.writing``), so
the work is.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import typst
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.pages.guard import needs
from buvett.pages.plans.numbers import ShownNumber
from buvett.pages.plans.sent import ShownMeasure, shown_version
from buvett.pages.plans.signs import printable
from buvett.plans import queries
from buvett.plans.errors import NoPlan
from buvett.plans.queries import VersionDetail
from buvett.plans.texts import Block
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as

FOLDER = Path(__file__).with_name("papers")
STANDARD = "ua-1"
FULL = 100  # the longest bar, in per cent of its room


@require_safe
@needs(Permission.SEE_PLANS)
def paper(request: HttpRequest, version: UUID) -> HttpResponse:
    """The paper, to keep or to print."""
    with connected_as(Role.READER):
        try:
            found = queries.version(hat_on(request), version)
        except NoPlan:
            raise Http404 from None
        told = told_of(found)
    body = compile_paper(told, found)
    name = f"plan-{found.region}-v{found.number}-{found.sha256[:8]}.pdf"
    return HttpResponse(
        body,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"},
    )


def compile_paper(told: dict[str, Any], version: VersionDetail) -> bytes:
    """The bytes of the paper. The same version and language give the same bytes, whenever it is asked for."""
    compiler = typst.Compiler(
        FOLDER / "paper.typ",
        root=FOLDER,
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
    )
    body = compiler.compile(format="pdf", pdf_standards=[STANDARD], timestamp=int(version.sent_at.timestamp()))
    assert isinstance(body, bytes)  # noqa: S101 - one document, in memory
    return body


def told_of(found: VersionDetail) -> dict[str, Any]:
    """All that the paper says, as the page says it: texts, shown numbers, words for hidden ones.

    Signs that it cannot print stand as �, and it says so.
    """
    told = _said(found)
    printed: dict[str, Any] = _printed(told)
    if printed != told:
        printed["notices"].append(gettext("Some signs cannot be printed and stand as �; the page shows them"))
    return printed


def _printed(told: Any) -> Any:
    """The same, with signs that can be printed only."""
    if isinstance(told, str):
        return printable(told)
    if isinstance(told, dict):
        return {name: _printed(value) for name, value in told.items()}
    return [_printed(value) for value in told] if isinstance(told, list) else told


def _said(found: VersionDetail) -> dict[str, Any]:
    shown: dict[str, Any] = shown_version(found)
    return {
        "lang": get_language() or "nn",
        "title": found.title,
        "author": found.sent_by_name,
        "running": gettext("%(title)s, version %(number)d") % {"title": found.title, "number": found.number},
        "lead": gettext("Regional plan of %(region)s, version %(number)s")
        % {"region": found.region_name, "number": found.number},
        "frozen": gettext("Sent by %(name)s, %(date)s. SHA-256 of the frozen version: %(hash)s")
        % {"name": found.sent_by_name, "date": _moment(found.sent_at), "hash": found.sha256},
        "notices": _notices(found),
        "asks": _blocks(shown["asks"]),
        "numbers": [_number(one) for one in shown["numbers"]],
        "chapters": [{"heading": one.chapter.heading, "blocks": _blocks(one.blocks)} for one in shown["chapters"]],
        "measures": [_measure(one) for one in shown["measures"]],
        "releases": [
            {
                "programme": one.programme,
                "period": one.period,
                "published": _day(rests.published_at),
                "sha256": one.sha256,
                "delivered": gettext("Delivered: %(names)s.") % {"names": ", ".join(one.delivered)},
            }
            for one, rests in zip(shown["delivered"], found.releases, strict=True)
        ],
        "words": {
            "asks": gettext("What you are asked for"),
            "numbers": gettext("The numbers that matter"),
            "measures": gettext("Measures"),
            "rests": gettext("What the numbers rest on"),
            "no_release": gettext("No measure rests on a released number."),
            "columns": [gettext("Programme"), gettext("Period"), gettext("Published"), gettext("Release")],
        },
    }


def _notices(found: VersionDetail) -> list[str]:
    said = []
    if found.withdrawn:
        said.append(gettext("Numbers that this plan rests on have been withdrawn"))
    if not found.is_newest:
        said.append(gettext("There is a newer version"))
    return said


def _number(one: ShownMeasure) -> dict[str, Any]:
    number = one.number
    assert number is not None  # noqa: S101 - the caller's list holds none without
    return {
        "measure": one.measure.title,
        "label": number.label,
        "shown": _shown(number.value, number.why),
        "caption": f"{number.chart.title}. {number.finding}",
        "alt": f"{number.chart.title}. {number.finding}",
        "source": _source(number),
        "bars": [
            {
                "label": bar.label,
                "length": round(FULL * bar.length, 1),
                "hidden": bar.shown.hidden,
                "own": bar.marked,
                "shown": _shown(bar.shown.cell.value, bar.shown.cell.why),
            }
            for bar in number.chart.bars
        ],
    }


def _measure(one: ShownMeasure) -> dict[str, Any]:
    about = [one.reach, gettext("Responsible: %(name)s") % {"name": one.measure.owner}]
    if one.measure.due:
        about.append(gettext("Due %(date)s") % {"date": _day(one.measure.due)})
    number = one.number
    return {
        "title": one.measure.title,
        "about": " · ".join(about),
        "blocks": _blocks(one.blocks),
        "number": f"{number.label}: {_shown(number.value, number.why)}" if number else None,
    }


def _source(number: ShownNumber) -> str:
    return gettext(
        "People, %(period)s, counted as on %(counted)s. Source: programme %(programme)s,"
        " published %(date)s, release %(hash)s…."
    ) % {
        "period": number.period,
        "counted": _day(number.counted_on),
        "programme": number.programme,
        "date": _day(number.published_at),
        "hash": number.sha256[:16],
    }


def _shown(value: int | None, why: str | None) -> str:
    if value is not None:
        return str(value)
    return gettext("awaited") if why == "waiting" else gettext("hidden for the sake of privacy")


def _blocks(found: tuple[Block, ...]) -> list[dict[str, Any]]:
    return [{"is_list": block.is_list, "lines": list(block.lines)} for block in found]


def _day(when: Any) -> str:
    return date_format(localtime(when) if hasattr(when, "hour") else when, "j. F Y")


def _moment(when: Any) -> str:
    return date_format(localtime(when), "j. F Y H:i")
