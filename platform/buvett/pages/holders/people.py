"""The people and their cases: the overview, one person, what nobody has."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from buvett.access import handing
from buvett.access.enums import Permission
from buvett.access.errors import HandingRefused, NotHere
from buvett.access.hats import hat_on, today
from buvett.access.holders import cases_by_reference, cases_of, granting_room, holders_of, told
from buvett.access.memberships import Hat
from buvett.pages.guard import needs
from buvett.pages.holders.forms import CHOSEN, WHY, HandOnForm, ReferenceForm
from buvett.pages.rendering import page

PEOPLE_ON_A_PAGE, CASES_ON_A_PAGE = 50, 25


@require_safe
@needs(Permission.GRANT_CASES)
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """Everyone with their numbers; a case is found by its reference."""
    form = ReferenceForm(request.GET if request.GET.get("case") else None)
    with granting_room(hat_on(request), code=code, on=today()) as hat:
        if form.is_bound and form.is_valid():
            found = cases_by_reference(form.cleaned_data["case"])
            if len(found) == 1:
                return redirect("access_case", code, found[0])
            form.add_error(
                "case",
                gettext("More than one case begins so: write more of the reference.")
                if found
                else gettext("No case here has that reference. It is eight characters, digits and a to f."),
            )
        holders = holders_of(hat, on=today())
        shown = Paginator((*holders.here, *holders.gone), PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {"holders": holders, "page": shown, "form": form}
        return page(request, "holders/overview.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.GRANT_CASES)
def with_nobody(request: HttpRequest, code: str) -> HttpResponse:
    """The cases that nobody who works here has: hand them on."""
    return _cases(request, code, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.GRANT_CASES)
def one_person(request: HttpRequest, code: str, user: UUID) -> HttpResponse:
    """One person's cases: hand them on, all or some."""
    return _cases(request, code, user)


def _cases(request: HttpRequest, code: str, of: UUID | None) -> HttpResponse:
    hat, on, problem, status = hat_on(request), today(), "", 200
    form, ticked = HandOnForm(request.POST if request.method == "POST" else None), request.POST.getlist("case")
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                done = _hand_on(hat, form.cleaned_data, code=code, of=of, ticked=ticked)
            except HandingRefused as refusal:
                problem, status = str(WHY[refusal.why]), 409 if refusal.why == "changed" else 422
            else:
                text = ngettext("%(name)s has %(number)s case more.", "%(name)s has %(number)s cases more.", done.given)
                messages.success(request, text % {"name": done.to, "number": done.given})
                return redirect("access", code)
    with granting_room(hat, code=code, on=on) as worn:
        holders, held = holders_of(worn, on=on), cases_of(of, on=on)
        holder = holders.of(of) if of else None
        if of is not None and holder is None:
            raise NotHere("no such person in this municipality")
        receivers = [one for one in holders.here if one.user != of]
        form.offer(receivers, number=len(held.ids), may_keep=holder is not None and holder.here)
        shown = Paginator(held.rows, CASES_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "holder": holder,
            "number": len(held.ids),
            "page": shown,
            "cases": [(case, str(case.id) in ticked) for case in told(tuple(shown), of=of, on=on)],
            "form": form,
            "fingerprint": held.fingerprint,
            "problem": problem,
            "receivers": receivers,
        }
        return page(request, "holders/cases.html", context, status=status)


def _hand_on(hat: Hat | None, said: dict[str, Any], *, code: str, of: UUID | None, ticked: list[str]) -> handing.Handed:
    try:
        chosen = {UUID(case) for case in ticked} if said["which"] == CHOSEN else None
    except ValueError:
        raise HandingRefused("changed") from None
    return handing.hand_on(
        hat,
        code=code,
        of=of,
        to=said["to"],
        expected=said["expected"],
        chosen=chosen,
        keeping=said["keeping"],
        on=today(),
    )
