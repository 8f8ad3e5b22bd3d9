"""The own municipality's cases: a list of names, and one case."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from buvett.access.case_lists import listed
from buvett.access.cases import case_room, opened
from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.accounts.models import User
from buvett.pages.guard import needs
from buvett.pages.register.facts import facts_of
from buvett.pages.rendering import page


@require_safe
@needs(Permission.SEE_CASES)
def own_cases(request: HttpRequest) -> HttpResponse:
    """A short address for the case list of the role that is on."""
    hat = hat_on(request)
    return redirect("cases", hat.code if hat else "")


@require_safe
@needs(Permission.SEE_CASES)
def case_list(request: HttpRequest, code: str) -> HttpResponse:
    """Names to find cases by; what was found about people is not read."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the guard lets nobody else in
    with case_room(user, hat_on(request), code=code, on=today()):
        return page(request, "register/cases.html", {"cases": listed(user)})


@require_safe
@needs(Permission.SEE_CASES)
def case(request: HttpRequest, code: str, case: UUID) -> HttpResponse:
    """One case; that it is opened is in the log before it is."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the guard lets nobody else in
    on = today()
    with case_room(user, hat_on(request), code=code, on=on, case=case):
        found = opened(user, case, on=on)
        return page(request, "register/case.html", {"case": found, "facts": facts_of(found, language=get_language())})
