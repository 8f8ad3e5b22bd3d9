"""*Lever tal* for a case worker: let numbers lie ready, read what the leader returned. No number is shown here."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.pages.delivery.steps import steps
from buvett.pages.delivery.words import MISSING, OBSTACLES
from buvett.pages.guard import needs
from buvett.pages.rendering import page
from buvett.releases import deciding
from buvett.releases.delivering import own_runs, see_preparations
from buvett.releases.errors import NotToDecide


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PREPARE_CONTRIBUTION)
def preparations(request: HttpRequest, code: str) -> HttpResponse:
    """The runs that the municipality is in; a press of the button counts and lets the numbers lie ready."""
    hat, on = hat_on(request), today()
    assert hat is not None  # noqa: S101 - the guard lets nobody else in
    problem = ""
    if request.method == "POST":
        try:
            deciding.prepare(hat, _run(request), code=code, on=on)
            messages.success(request, gettext("The numbers lie ready for your leader."))
            return redirect("preparations", code)
        except NotToDecide as refusal:
            problem = str(OBSTACLES[refusal.why])
    runs = own_runs(hat.house)
    found = [see_preparations(hat, run.id, code=code, on=on) for run in runs if run.takes_numbers]
    shown = [
        {
            "found": one,
            "missing": [MISSING[what] for what in one.run.missing],
            "steps": steps(one.run, one.history[0] if one.history else None, standing=False),
        }
        for one in found
    ]
    ended = [run for run in runs if not run.takes_numbers]
    status = 422 if problem else 200
    return page(
        request, "delivery/preparations.html", {"shown": shown, "ended": ended, "problem": problem}, status=status
    )


def _run(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("run", ""))
    except ValueError:
        return UUID(int=0)  # nobody's
