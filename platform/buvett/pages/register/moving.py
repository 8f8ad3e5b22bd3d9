"""Change the state of a case: what it means first, then why, then done."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from buvett.access import changing
from buvett.access.cases import case_room, opened
from buvett.access.enums import Permission
from buvett.access.errors import NotAllowed, NotHere
from buvett.access.hats import hat_on, today
from buvett.accounts.models import User
from buvett.pages.guard import needs
from buvett.pages.register.forms import ReasonForm
from buvett.pages.register.words import CONSEQUENCES, VERBS
from buvett.pages.rendering import page
from tenants.register.errors import ChangedMeanwhile, NotInThisState
from tenants.register.states import Verb


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.CHANGE_CASES)
def move_case(request: HttpRequest, code: str, case: UUID, verb: str) -> HttpResponse:
    """One move of the table of states, with its consequences and a reason."""
    user, on = request.user, today()
    assert isinstance(user, User)  # noqa: S101 - the guard lets nobody else in
    if verb not in list(Verb):
        raise NotHere("no such move")
    wanted = Verb(verb)
    with case_room(user, hat_on(request), code=code, on=on, case=case, permission=Permission.CHANGE_CASES) as hat:
        found = opened(user, case, on=on)
        refusal = changing.why_not(hat, found.states, wanted)
        if refusal is changing.WhyNot.ROLE:
            raise NotAllowed("the leader makes this move")
        if refusal is changing.WhyNot.STATE:
            messages.warning(request, gettext("The case's state does not allow that any more."))
            return redirect("case", code, case)
        form = ReasonForm(request.POST if request.method == "POST" else None, initial={"revision": found.revision})
        status = 200
        if form.is_bound:
            status = 422
            if form.is_valid():
                said = form.cleaned_data
                try:
                    changing.move(hat, case, wanted, revision=said["revision"], why=said["why"], on=on)
                except (ChangedMeanwhile, NotInThisState):
                    messages.warning(
                        request, gettext("Someone else changed the case meanwhile. Look at it, and try again.")
                    )
                else:
                    messages.success(request, gettext("Done. It is in the case's history."))
                return redirect("case", code, case)
        context = {
            "case": found,
            "form": form,
            "verb": VERBS[wanted],
            "consequence": CONSEQUENCES[wanted],
            "dangerous": wanted in (Verb.UNBLOCK, Verb.UNPROTECT, Verb.WITHDRAW_OBJECTION),
        }
        return page(request, "register/move.html", context, status=status)
