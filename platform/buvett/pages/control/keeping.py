"""Where a leader puts what the work rests on in place: legal bases adopted, papers filed, a last day changed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from buvett.access import control
from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.hats import hat_on
from buvett.agreements import keeping, queries
from buvett.agreements.errors import PaperRefused, Why
from buvett.agreements.models import Document
from buvett.pages.control.forms import LastDayForm, PaperForm
from buvett.pages.control.words import KINDS, WHY, purpose_of
from buvett.pages.guard import needs
from buvett.pages.rendering import page


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_PAPERS)
def adopt(request: HttpRequest, code: str) -> HttpResponse:
    """The legal bases of the law that are not adopted yet, to be read; then they are."""
    hat = hat_on(request)
    if request.method == "POST":
        keeping.adopt(hat, code=code)
        messages.success(request, gettext("The legal bases are adopted."))
        return redirect("papers", code)
    bases = [(row, purpose_of(row.purpose)) for row in keeping.lacking(hat, code=code)]
    return page(request, "control/adopt.html", {"bases": bases})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_PAPERS)
def basis(request: HttpRequest, code: str, basis: UUID) -> HttpResponse:
    """Another last day for a legal basis, or none."""
    hat = hat_on(request)
    row = next((one for one in control.papers(hat, code=code).bases if one.pk == basis), None)
    if row is None:
        raise NotHere("no such legal basis in this municipality")
    form = LastDayForm(request.POST or None, initial={"until": row.valid_to}, required=False)
    context = {"what": row.act, "part": row.section, "about": purpose_of(row.purpose), "is_basis": True}
    return _last_day(request, code, form, context, lambda day: keeping.end_basis(hat, basis, code=code, last_day=day))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_PAPERS)
def paper(request: HttpRequest, code: str, paper: UUID) -> HttpResponse:
    """Another last day for a paper of an agreement."""
    hat = hat_on(request)
    row = Document.objects.filter(pk=paper, municipality=hat.house if hat else None).first()
    if row is None:
        raise NotHere("no such paper in this municipality")
    form = LastDayForm(request.POST or None, initial={"until": row.valid_to})
    context = {"what": row.reference, "about": KINDS[Document.Kind(row.kind)]}
    return _last_day(request, code, form, context, lambda day: keeping.end_paper(hat, paper, code=code, last_day=day))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_PAPERS)
def file_paper(request: HttpRequest, code: str, agreement: UUID) -> HttpResponse:
    """A paper that an agreement rests on, with its reference and days."""
    hat = hat_on(request)
    signed = {one.pk: one for one, _, _ in queries.papers_of(hat.house)} if hat else {}
    if agreement not in signed:
        raise NotHere("the municipality has not signed such an agreement")
    form = PaperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            keeping.file_paper(
                hat,
                agreement,
                code=code,
                kind=Document.Kind(told["kind"]),
                reference=told["reference"],
                since=told["since"],
                until=told["until"],
            )
        except PaperRefused as refusal:
            form.add_error("until" if refusal.why is Why.DATES else "since", WHY[refusal.why])
        else:
            messages.success(request, gettext("The paper is filed."))
            return redirect("papers", code)
    context = {"form": form, "agreement": signed[agreement]}
    return page(request, "control/file_paper.html", context, status=422 if form.errors else 200)


def _last_day(
    request: HttpRequest, code: str, form: LastDayForm, context: dict[str, object], end: Callable[[Any], None]
) -> HttpResponse:
    """Ask for another last day, and set it by ``end``."""
    if request.method == "POST" and form.is_valid():
        try:
            end(form.cleaned_data["until"])
        except PaperRefused as refusal:
            form.add_error("until", WHY[refusal.why])
        else:
            messages.success(request, gettext("The last day is changed."))
            return redirect("papers", code)
    return page(request, "control/last_day.html", {**context, "form": form}, status=422 if form.errors else 200)
