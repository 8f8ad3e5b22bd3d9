"""One case, by its reference: who has it; give it to someone, take it from someone."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from buvett.access import handing
from buvett.access.control import reference
from buvett.access.enums import Permission
from buvett.access.errors import HandingRefused, NotHere
from buvett.access.hats import hat_on, today
from buvett.access.holders import granting_room, holders_of, holding
from buvett.pages.guard import needs
from buvett.pages.holders.forms import WHY
from buvett.pages.rendering import page

VERBS = {"give": True, "take": False}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.GRANT_CASES)
def one_case(request: HttpRequest, code: str, case: UUID) -> HttpResponse:
    """Everyone who may have the case, with one button each."""
    hat, on, problem = hat_on(request), today(), ""
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        if verb not in VERBS:
            raise NotHere("no such verb")
        try:
            name = handing.settle_case(hat, code=code, case=case, person=_person(request), has=VERBS[verb], on=on)
        except HandingRefused as refusal:
            problem = str(WHY[refusal.why])
        else:
            text = gettext("%(name)s has the case.") if VERBS[verb] else gettext("%(name)s no longer has the case.")
            messages.success(request, text % {"name": name})
            return redirect("access_case", code, case)
    with granting_room(hat, code=code, on=on) as worn:
        held = holding(case)
        holders = holders_of(worn, on=on)
        lines = [(holder, holder.user in held) for holder in holders.here]
        context = {
            "case": case,
            "reference": reference(case),
            "lines": lines,
            "earlier": [holder for holder in holders.gone if holder.user in held],
            "nobody": not any(has for _, has in lines),
            "own": worn.user in held,
            "problem": problem,
        }
        return page(request, "holders/case.html", context, status=422 if problem else 200)


def _person(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("person", ""))
    except ValueError:
        raise NotHere("no such person") from None
