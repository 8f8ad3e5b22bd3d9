"""*Lever tal* for the leader: the own numbers, what may become of them, and the decision."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.access.memberships import Hat
from buvett.agreements.enums import Missing
from buvett.pages.delivery.forms import ApproveForm, ReturnForm, StandingForm
from buvett.pages.delivery.shown import MARKS, shown_tables
from buvett.pages.delivery.steps import steps
from buvett.pages.delivery.words import MISSING, OBSTACLES
from buvett.pages.guard import needs
from buvett.pages.rendering import page
from buvett.releases import deciding, standing
from buvett.releases.delivering import OwnDelivery, own_runs, see_delivery
from buvett.releases.errors import NotToDecide

ACTS = ("approve", "return", "recount", "standing", "end")


@require_safe
@needs(Permission.SEE_OWN_COUNTS)
def deliveries(request: HttpRequest, code: str) -> HttpResponse:
    """The runs that the municipality is in, and where it stands in each."""
    hat = hat_on(request)
    assert hat is not None  # noqa: S101 - the guard lets nobody else in
    runs = own_runs(hat.house)
    return page(request, "delivery/deliveries.html", {"runs": runs})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_OWN_COUNTS)
def delivery(request: HttpRequest, code: str, run: UUID) -> HttpResponse:
    """One run: look, then approve or return."""
    hat, on = hat_on(request), today()
    forms = _forms(request, on=on)
    problem = ""
    if request.method == "POST":
        act = request.POST.get("act", "")
        form = forms.get(act)
        if act in ACTS and (form is None or form.is_valid()):
            try:
                _do(act, request, hat, run=run, code=code, on=on, form=form)
                return redirect("delivery", code, run)
            except NotToDecide as refusal:
                problem = str(OBSTACLES[refusal.why])
    found = see_delivery(hat, run, code=code, on=on)
    return _shown(request, found, forms, problem=problem)


def _do(act: str, request: HttpRequest, hat: Hat | None, *, run: UUID, code: str, on: date, form: Form | None) -> None:
    """Carry out one of ``ACTS`` and say what was done."""
    where = {"run": run, "code": code, "on": on}
    told = form.cleaned_data if form is not None else {}
    if act in ("approve", "return", "recount"):
        preparation = _preparation(request)
        if act == "approve":
            deciding.approve(hat, preparation, **where)  # type: ignore[arg-type]
            said = gettext("Approved. The numbers are sealed and delivered within a minute.")
        elif act == "return":
            deciding.give_back(hat, preparation, remark=told["remark"], **where)  # type: ignore[arg-type]
            said = gettext("Returned with your remark.")
        else:
            deciding.ask_for_recount(hat, preparation, **where)  # type: ignore[arg-type]
            said = gettext("A new count has been asked for. It lies ready within a minute.")
    else:
        agreement = see_delivery(hat, **where).run.agreement  # type: ignore[arg-type]
        if act == "standing":
            standing.give(hat, agreement, code=code, on=on, until=told["until"])
            said = gettext("Approved in advance. Numbers leave sealed without a new look until that day.")
        else:
            standing.take_back(hat, agreement, code=code, on=on)
            said = gettext("The approval in advance has been taken back.")
    messages.success(request, said)


def _preparation(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("preparation", ""))
    except ValueError:
        return UUID(int=0)  # nobody's: answered as something that is not there to decide on


def _forms(request: HttpRequest, *, on: date) -> dict[str, Form]:
    """The forms, with what was sent to the one that was."""
    act = request.POST.get("act", "") if request.method == "POST" else ""

    def sent(name: str) -> object:
        return request.POST if act == name else None

    return {
        "approve": ApproveForm(sent("approve"), prefix="approve"),
        "return": ReturnForm(sent("return"), prefix="return"),
        "standing": StandingForm(sent("standing"), prefix="standing", on=on),
    }


def _shown(request: HttpRequest, found: OwnDelivery, forms: dict[str, Form], *, problem: str) -> HttpResponse:
    refused = next((form for form in forms.values() if form.errors), None)
    context = {
        "found": found,
        "run": found.run,
        "steps": steps(found.run, found.prepared, standing=found.standing is not None),
        # That they wait for an approval is what the whole page says, to the one who gives it.
        "missing": [MISSING[what] for what in found.run.missing if what is not Missing.APPROVAL],
        "tables": shown_tables(found.tables, language=get_language() or "nn"),
        "marks": MARKS.values(),
        "approve": forms["approve"],
        "give_back": forms["return"],
        "standing_form": forms["standing"],
        "refused": refused,
        "problem": problem,
    }
    return page(request, "delivery/delivery.html", context, status=422 if refused or problem else 200)
