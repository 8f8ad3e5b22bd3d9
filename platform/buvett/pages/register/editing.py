"""The case form: register a person, correct a case, keep a draft. Nothing that was written is lost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from buvett.access import changing
from buvett.access.cases import OpenedCase, case_room, live_bases, opened
from buvett.access.enums import Permission
from buvett.access.hats import hat_on, today
from buvett.access.memberships import Hat
from buvett.accounts.models import User
from buvett.pages.guard import needs
from buvett.pages.register.cases import history_lines
from buvett.pages.register.forms import CaseForm, initial_of
from buvett.pages.rendering import page
from tenants.register import drafts
from tenants.register.drafts import Written
from tenants.register.errors import AlreadyRegistered, ChangedMeanwhile, NotInThisState, TooManyLookUps, TooMuchText
from tenants.register.kartlegging import blank_assessment
from tenants.register.states import is_changeable
from tenants.register.writing import CaseFacts

NOT_KEPT = {"csrfmiddlewaretoken", "action", "revision", "confirmed"}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.CHANGE_CASES)
def new_case(request: HttpRequest, code: str) -> HttpResponse:
    """Register one person by hand, with a warning when someone alike is registered in the own municipality."""
    user = _user(request)
    with case_room(user, hat_on(request), code=code, on=today(), permission=Permission.CHANGE_CASES) as hat:
        if request.method != "POST":
            draft = drafts.read(None, writer=user.pk)
            form = _form(initial=_shown(draft.fields) if draft else initial_of(_blank()))
            return _page(request, form, hat, draft=draft is not None)
        if (kept := _draft(request, user, None, revision=0)) is not None:
            return kept
        form = _form(data=request.POST)
        if not form.is_valid():
            return _page(request, form, hat, status=422)
        return _register(request, user, hat, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.CHANGE_CASES)
def edit_case(request: HttpRequest, code: str, case: UUID) -> HttpResponse:
    """Correct a case: the writer's draft if there is one, what others did meanwhile, and both kept apart."""
    user, on = _user(request), today()
    with case_room(user, hat_on(request), code=code, on=on, case=case, permission=Permission.CHANGE_CASES) as hat:
        found = opened(user, case, on=on)
        if not is_changeable(found.states):
            messages.warning(request, gettext("A closed or blocked case is not changed. See what you can do below."))
            return redirect("case", code, case)
        now = initial_of(_facts(found))
        if request.method != "POST":
            draft = drafts.read(case, writer=user.pk)
            if draft is not None and draft.revision < found.revision:
                return _overtaken(request, hat, found, _shown(draft.fields), read=draft.revision, draft=True)
            return _page(request, _form(initial=_shown(draft.fields) if draft else now), hat, found, draft=bool(draft))
        read = _revision(request)
        if (kept := _draft(request, user, case, revision=read)) is not None:
            return kept
        if read != found.revision:
            return _overtaken(request, hat, found, _shown(_lists(request.POST)), read=read)
        form = _form(data=request.POST)
        if not form.is_valid():
            return _page(request, form, hat, found, status=422)
        return _correct(request, user, hat, form, found)


def _register(request: HttpRequest, user: User, hat: Hat, form: CaseForm) -> HttpResponse:
    facts, now = form.facts(_blank()), timezone.now()
    try:
        alike = changing.alike(user, facts, now=now)
        confirmed = request.POST.get("confirmed") == "yes"
        if alike and not confirmed:
            return _page(request, form, hat, alike=alike, status=422)
        case = changing.register(user, hat, facts, on=today())
    except TooManyLookUps:
        form.add_error(None, gettext("You have registered or looked up many people in a short time. Wait an hour."))
    except AlreadyRegistered:
        form.add_error(
            "identity_number",
            gettext(
                "A person with this number is registered in your municipality. Correct the number, or use that case."
            ),
        )
    except TooMuchText:
        form.add_error(None, _too_long())
    else:
        drafts.drop(None, writer=user.pk)
        messages.success(request, gettext("The person is registered, and the case is yours."))
        return redirect("case", hat.code, case)
    return _page(request, form, hat, status=422)


def _correct(request: HttpRequest, user: User, hat: Hat, form: CaseForm, found: OpenedCase) -> HttpResponse:
    try:
        revision = changing.correct(
            hat, found.id, form.facts, revision=found.revision, why=form.cleaned_data["why"], on=today()
        )
    except AlreadyRegistered:
        form.add_error(
            "identity_number",
            gettext("Another person in your municipality has this number. Look for a digit that is wrong."),
        )
    except TooMuchText:
        form.add_error(None, _too_long())
    except (ChangedMeanwhile, NotInThisState):
        # Someone was faster, between opening and writing.
        form.add_error(None, gettext("Someone changed the case at this very moment. Save once more."))
    else:
        drafts.drop(found.id, writer=user.pk)
        saved = revision != found.revision
        told = gettext("Saved.") if saved else gettext("Nothing was different, so nothing was saved.")
        messages.success(request, told)
        return redirect("case", hat.code, found.id)
    return _page(request, form, hat, found, status=422)


def _overtaken(
    request: HttpRequest, hat: Hat, found: OpenedCase, mine: dict[str, Any], *, read: int, draft: bool = False
) -> HttpResponse:
    """Someone else has changed the case since the writer read it: show what they did, and both kept together.

    Saving once more puts what is shown in place.
    """
    base_facts = next((revision.facts for revision in found.history if revision.number == read), None)
    now = initial_of(_facts(found))
    base = initial_of(base_facts) if base_facts else {}
    # Where the writer changed nothing, theirs; else the writer's own.
    merged = {**now, **{name: value for name, value in mine.items() if not _same(value, base.get(name))}}
    form = _form(initial=merged)
    context = {"overtaken": history_lines(found, _language(), after=read)}
    return _page(request, form, hat, found, draft=draft, status=200 if draft else 409, **context)


def _page(
    request: HttpRequest, form: CaseForm, hat: Hat, found: OpenedCase | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "case": found, "revision": found.revision if found else 0, "bases": live_bases(on=today())}
    return page(request, "register/edit.html", {**context, **more}, status=status)


def _draft(request: HttpRequest, user: User, case: UUID | None, *, revision: int) -> HttpResponse | None:
    """Keep or throw away a draft, if that is what the button says."""
    hat = hat_on(request)
    code = hat.code if hat else ""
    back = redirect("case", code, case) if case else redirect("cases", code)
    if request.POST.get("action") == "draft":
        drafts.save(case, Written(fields=_lists(request.POST), revision=revision), writer=user.pk, on=today())
        messages.success(request, gettext("The draft is kept. Only you can read it."))
        return back
    if request.POST.get("action") == "drop":
        drafts.drop(case, writer=user.pk)
        messages.success(request, gettext("The draft is thrown away."))
        return back
    return None


def _form(**told: Any) -> CaseForm:
    return CaseForm(language=_language(), today=today(), **told)


def _blank() -> CaseFacts:
    return CaseFacts(identity={}, assessment=blank_assessment(registered=today().isoformat()), notes={})


def _facts(found: OpenedCase) -> CaseFacts:
    return CaseFacts(identity=found.identity, assessment=found.assessment, notes=found.notes)


def _lists(sent: QueryDict) -> dict[str, list[str]]:
    """The fields of the form as they were sent, and nothing else."""
    known = _form().fields
    return {name: sent.getlist(name) for name in sent if name in known and name not in NOT_KEPT}


def _shown(fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """Kept fields as a form's initial values."""
    several = {name for name, field in _form().fields.items() if hasattr(field, "choices") and _is_several(field)}
    found: dict[str, Any] = {name: list(values) for name, values in fields.items() if name in several}
    found |= {name: values[0] if values else "" for name, values in fields.items() if name not in several}
    return {**{name: [] for name in several}, **found}


def _is_several(field: Any) -> bool:
    return bool(getattr(field.widget, "allow_multiple_selected", False))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return sorted(one) == sorted(other)
    return (one or "") == (other or "")


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _too_long() -> str:
    return gettext("The texts are too long together. Shorten the names, the address or the remarks.")


def _language() -> str:
    return get_language() or "nn"


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the guard lets nobody else in
    return request.user
