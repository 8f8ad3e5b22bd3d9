"""The draft: title and what is asked for, chapters, measures with their numbers; sent by the project leader."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from buvett.access.enums import Permission
from buvett.access.hats import hat_on
from buvett.access.policies import can
from buvett.agreements.models import Region
from buvett.pages.guard import needs
from buvett.pages.plans.forms import ChapterForm, Form, MeasureForm, NewPlanForm, PlanForm
from buvett.pages.plans.numbers import Reader
from buvett.pages.plans.words import REACHES
from buvett.pages.rendering import page
from buvett.plans import sending, writing
from buvett.plans.drafts import Draft, draft, drafts
from buvett.plans.errors import Changed, NoNumber, NoPlan, NotWritten
from buvett.releases import queries
from buvett.releases.errors import NoRelease
from buvett.releases.queries import ReleaseDetail, Table

View = Callable[..., HttpResponse]
METHODS = ["GET", "HEAD", "POST"]


def missing_is_404(view: View) -> View:
    """What is not there is not found."""

    @wraps(view)
    def found(request: HttpRequest, **names: Any) -> HttpResponse:
        try:
            return view(request, **names)
        except (NoPlan, NoRelease):
            raise Http404 from None

    return found


@require_http_methods(METHODS)
@needs(Permission.WRITE_PLAN)
def draft_list(request: HttpRequest) -> HttpResponse:
    """The plans that are being written, and a form to begin one."""
    hat, form = hat_on(request), NewPlanForm(request.POST if request.method == "POST" else None)
    regions = tuple(Region.objects.filter(pk=hat.region if hat else None))
    if request.method == "POST" and form.is_valid():
        try:
            made = writing.make_plan(hat, region=request.POST.get("region", ""), title=form.cleaned_data["title"])
            return redirect("draft", made)
        except NotWritten as refusal:
            form.tell(refusal)
        except NoPlan:
            form.add_error(None, gettext("Choose a region."))
    context = {"drafts": drafts(hat), "regions": regions, "form": form}
    return page(request, "plans/drafts.html", context, status=422 if form.errors else 200)


@require_http_methods(METHODS)
@needs(Permission.WRITE_PLAN)
@missing_is_404
def draft_page(request: HttpRequest, plan: UUID) -> HttpResponse:
    """The whole draft; title, order, what is taken out, and sending are done here."""
    hat = hat_on(request)
    found = draft(hat, plan)
    act = request.POST.get("act", "")
    form = PlanForm(request.POST if act == "save" else None, initial={"title": found.title, "asks": found.asks})
    problem = ""
    if request.method == "POST" and (act != "save" or form.is_valid()):
        try:
            answer = _do(request, found, act, form)
            return answer or redirect("draft", plan)
        except NotWritten as refusal:
            if act == "save":
                form.tell(refusal)
            else:
                problem = gettext("The plan is too long to be sent: shorten it.")
        except Changed:
            problem = _changed()
            found = draft(hat, plan)
    return _draft_page(request, found, form, problem=problem)


def _do(request: HttpRequest, found: Draft, act: str, form: Form) -> HttpResponse | None:
    """Carry out what was pressed on the draft's page; where to go on, or None for the same page."""
    hat, at = hat_on(request), {"revision": _revision(request)}
    if act == "save":
        told = form.cleaned_data
        writing.change_plan(hat, found.id, title=told["title"], asks=told["asks"], **at)
        messages.success(request, gettext("Saved."))
    elif act in ("up", "down"):
        writing.move_part(hat, found.id, part=_id(request.POST.get("part", "")), up=act == "up", **at)
    elif act == "remove":
        writing.remove_part(hat, found.id, part=_id(request.POST.get("part", "")), **at)
        messages.success(request, gettext("Taken out of the draft. Versions that were sent keep theirs."))
    elif act == "send":
        version = sending.send(hat, found.id, **at)
        messages.success(request, gettext("Sent. This version is frozen; the draft goes on."))
        return redirect("plan", version)
    return None


@require_http_methods(METHODS)
@needs(Permission.WRITE_PLAN)
@missing_is_404
def chapter(request: HttpRequest, plan: UUID, chapter: UUID | None = None) -> HttpResponse:
    """A new chapter, or one that is there."""
    found = draft(hat_on(request), plan)
    part = found.chapter(chapter) if chapter else None
    initial = {"heading": part.heading, "text": part.text} if part else {}
    form = ChapterForm(request.POST if request.method == "POST" else None, initial=initial)

    def save() -> None:
        told = form.cleaned_data
        writing.save_chapter(hat_on(request), plan, revision=_revision(request), chapter=chapter, **told)

    return _part_page(request, found, form, save, template="chapter.html", context={"part": part})


@require_http_methods(METHODS)
@needs(Permission.WRITE_PLAN)
@missing_is_404
def measure(request: HttpRequest, plan: UUID, measure: UUID | None = None) -> HttpResponse:
    """A new measure, or one that is there. Its number is chosen on a page of its own."""
    found = draft(hat_on(request), plan)
    part = found.measure(measure) if measure else None
    initial = {name: getattr(part, name) for name in MeasureForm.base_fields} if part else {"reach": "intermunicipal"}
    form = MeasureForm(request.POST if request.method == "POST" else None, initial=initial)

    def save() -> None:
        told = form.cleaned_data
        due = told["due"].isoformat() if told["due"] else ""
        writing.save_measure(
            hat_on(request), plan, revision=_revision(request), measure=measure, **{**told, "due": due}
        )

    number = Reader().shown(part.number) if part and part.number else None
    context = {"part": part, "number": number}
    return _part_page(request, found, form, save, template="measure.html", context=context)


@require_http_methods(METHODS)
@needs(Permission.WRITE_PLAN)
@missing_is_404
def number(request: HttpRequest, plan: UUID, measure: UUID) -> HttpResponse:
    """Choose the released number that the measure rests on: first the table, then the cell."""
    hat, found = hat_on(request), draft(hat_on(request), plan)
    part = found.measure(measure)
    release = queries.latest(found.region)
    problem = ""
    if request.method == "POST":
        try:
            if request.POST.get("act") == "untie":
                writing.untie_number(hat, plan, revision=_revision(request), measure=measure)
            else:
                table, key = _cell(request.POST.get("cell", ""))
                identifier = release.id if release else UUID(int=0)
                writing.tie_number(
                    hat, plan, revision=_revision(request), measure=measure, release=identifier, table=table, key=key
                )
            return redirect("measure", plan, measure)
        except NoNumber:
            problem = gettext("Choose a number.")
        except Changed:
            problem, found = _changed(), draft(hat, plan)
    context = {"draft": found, "part": part, "release": release, "problem": problem, **_choices(request, release)}
    return page(request, "plans/number.html", context, status=422 if problem else 200)


def _choices(request: HttpRequest, release: ReleaseDetail | None) -> dict[str, object]:
    """The tables of the release, and the cells of the one that was chosen."""
    if release is None:
        return {"tables": [], "cells": []}
    reader = Reader()
    reader.release(release.id)
    chosen = request.POST.get("table") or request.GET.get("table") or ""
    table: Table | None = next((one for one in release.tables if one.id == chosen), None)
    return {
        "tables": [(one.id, reader.heading(release, one), one.id == chosen) for one in release.tables],
        "chosen": chosen if table else "",
        "cells": [
            ("/".join((table.id, *cell.key)), reader.label(release, table, cell.key), cell)
            for cell in sorted(table.cells, key=lambda cell: not reader.is_of_the_region(release, table, cell.key))
        ]
        if table
        else [],
    }


def _part_page(
    request: HttpRequest, found: Draft, form: Form, save: Callable[[], None], *, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Save a part and go back to the draft, or show its form."""
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            save()
            messages.success(request, gettext("Saved."))
            return redirect("draft", found.id)
        except NotWritten as refusal:
            form.tell(refusal)
        except Changed:
            problem = _changed()
            found = draft(hat_on(request), found.id)
    status = 422 if form.errors or problem else 200
    return page(
        request, f"plans/{template}", {"draft": found, "form": form, "problem": problem, **context}, status=status
    )


def _draft_page(request: HttpRequest, found: Draft, form: Form, *, problem: str) -> HttpResponse:
    reader = Reader()
    measures = [
        (one, str(REACHES[one.reach]), reader.shown(one.number) if one.number else None) for one in found.measures
    ]
    context = {
        "draft": found,
        "measures": measures,
        "form": form,
        "problem": problem,
        "may_send": can(hat_on(request), Permission.SEND_PLAN),
    }
    status = 422 if form.errors or problem else 200
    return page(request, "plans/draft.html", context, status=status)


def _changed() -> str:
    return gettext("Somebody has changed the draft since you read it. It is shown as it is now; do it once more.")


def _revision(request: HttpRequest) -> int:
    told = request.POST.get("revision", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0  # 0: nobody has read that one


def _id(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError:
        return UUID(int=0)  # nobody's


def _cell(told: str) -> tuple[str, tuple[str, ...]]:
    parts: Sequence[str] = told.split("/")
    return parts[0], tuple(parts[1:])
