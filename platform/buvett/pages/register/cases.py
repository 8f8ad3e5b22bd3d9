"""The own municipality's cases: the list with its search, and one case."""

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from buvett.access import changing
from buvett.access.case_lists import Wanted, listed
from buvett.access.cases import OpenedCase, case_room, opened
from buvett.access.colleagues import names_of
from buvett.access.control import reference
from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.access.looks import looks_at
from buvett.access.memberships import Hat
from buvett.access.policies import can
from buvett.accounts.models import User
from buvett.pages.control.words import words_of
from buvett.pages.guard import needs
from buvett.pages.register.facts import facts_of
from buvett.pages.register.forms import SearchForm
from buvett.pages.register.words import CHANGES, STATE_MEANINGS, STATES, VERBS, title_of, value_of
from buvett.pages.rendering import page
from tenants.register import drafts
from tenants.register.errors import TooManyLookUps
from tenants.register.states import State, Verb, is_changeable

ON_A_PAGE = 25


@require_safe
@needs(Permission.SEE_CASES)
def own_cases(request: HttpRequest) -> HttpResponse:
    """A short address for the case list of the role that is on."""
    hat = hat_on(request)
    return redirect("cases", hat.code if hat else "")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_CASES)
def case_list(request: HttpRequest, code: str) -> HttpResponse:
    """Names to find cases by; what was found about people is not read. A search comes by POST, out of the address."""
    user, language = request.user, get_language() or "nn"
    assert isinstance(user, User)  # noqa: S101 - the guard lets nobody else in
    form = SearchForm(request.POST if request.method == "POST" else None, language=language)
    wanted = _wanted(form) if form.is_bound and form.is_valid() else Wanted()
    with case_room(user, hat_on(request), code=code, on=today()) as hat:
        try:
            found = listed(user, wanted, now=timezone.now(), synthetic_mode=settings.SYNTHETIC)
        except TooManyLookUps:
            found = ()
            form.add_error(
                "text", gettext("You have looked up many numbers in a short time. Wait an hour, or search by name.")
            )
        shown = Paginator(found, ON_A_PAGE).get_page(form.cleaned_data.get("page") if form.is_bound else 1)
        context = {
            "form": form,
            "page": shown,
            "found": len(found),
            "searched": form.is_bound,
            "begun_new": None in drafts.begun(writer=user.pk),
            "lines": [_line(case, language) for case in shown],
            "may_register": can(hat, Permission.CHANGE_CASES),
            "may_import": can(hat, Permission.IMPORT_REGISTER),
        }
        return page(request, "register/cases.html", context, status=422 if form.errors else 200)


@require_safe
@needs(Permission.SEE_CASES)
def case(request: HttpRequest, code: str, case: UUID) -> HttpResponse:
    """One case; that it is opened is in the log before it is."""
    user, language, on = request.user, get_language() or "nn", today()
    assert isinstance(user, User)  # noqa: S101 - the guard lets nobody else in
    with case_room(user, hat_on(request), code=code, on=on, case=case) as hat:
        found = opened(user, case, on=on)
        context = {
            "case": found,
            "facts": facts_of(found, language=language),
            "history": history_lines(found, language),
            "reference": reference(case),
            "may_grant": can(hat, Permission.GRANT_CASES),
            "draft": case in drafts.begun(writer=user.pk),
            **_states(found),
            **_actions(hat, found),
        }
        return page(request, "register/case.html", context)


@require_safe
@needs(Permission.SEE_CASES)
def looks(request: HttpRequest, code: str, case: UUID) -> HttpResponse:
    """Who has looked at the case lately, from the log; that this was asked is in it too."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the guard lets nobody else in
    found = looks_at(user, hat_on(request), code=code, case=case, on=today(), now=timezone.now())
    lines = [{"at": look.at, "who": look.who, "what": words_of(look.action)} for look in found.looks]
    return page(request, "register/looks.html", {"case": case, "lines": lines, "since": found.since})


def history_lines(found: OpenedCase, language: str, *, after: int = 0) -> list[dict[str, object]]:
    """Who changed what, when and why, newest first; only revisions ``after`` a number."""
    told = [revision for revision in found.history if revision.number > after]
    names = names_of({revision.by for revision in told})
    return [
        {
            "number": revision.number,
            "at": revision.at,
            "by": names[revision.by],
            "how": CHANGES.get(revision.how, revision.how),
            "why": revision.why,
            "changed": [
                (
                    title_of(change.fact, language),
                    value_of(change.fact, change.before, language),
                    value_of(change.fact, change.after, language),
                )
                for change in revision.changed
            ],
        }
        for revision in told
    ]


def _wanted(form: SearchForm) -> Wanted:
    said = form.cleaned_data
    state = said["state"]
    return Wanted(
        text=said["text"],
        state=State(state) if state not in ("", "all") else None,
        everything=state == "all",
        missing=said["missing"],
        drafts=said["drafts"],
    )


def _line(case: object, language: str) -> dict[str, object]:
    states = [STATES[state] for state in State if state in case.states]  # type: ignore[attr-defined]
    missing = [title_of(name, language) for name in case.missing]  # type: ignore[attr-defined]
    return {"case": case, "states": states, "missing": missing}


def _states(found: OpenedCase) -> dict[str, object]:
    return {
        "states": [STATES[state] for state in State if state in found.states],
        "meanings": [STATE_MEANINGS[state] for state in State if state in found.states and state in STATE_MEANINGS],
    }


def _actions(hat: Hat, found: OpenedCase) -> dict[str, object]:
    """What can be done, and why some of it cannot."""
    able, unable = [], []
    for verb in Verb:
        refusal = changing.why_not(hat, found.states, verb)
        if refusal is None:
            able.append((verb.value, VERBS[verb]))
        elif refusal is changing.WhyNot.ROLE:
            unable.append((VERBS[verb], gettext("Only the local leader does this.")))
    changeable = can(hat, Permission.CHANGE_CASES) and is_changeable(found.states)
    if not changeable:
        reason = gettext("The case is closed: reopen it first.")
        if State.BLOCKED in found.states:
            reason = gettext("The case is blocked: the local leader lifts the block first.")
        unable.insert(0, (gettext("Change facts and mapping"), reason))
    return {"able": able, "unable": unable, "changeable": changeable}
