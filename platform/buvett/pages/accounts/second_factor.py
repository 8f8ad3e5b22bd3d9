"""The code after the password, and setting up what gives it: an app, a security key, recovery codes."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from buvett.access import own_account, signing_in
from buvett.accounts import actions, second_factor, secrets
from buvett.accounts.errors import CodeRefused, SignInRefused
from buvett.accounts.models import User
from buvett.pages.accounts.drawing import drawing_of
from buvett.pages.rendering import page

P = ParamSpec("P")
Owned = Callable[Concatenate[HttpRequest, User, P], HttpResponse]
SECRET, SHOW_CODES = "new_app", "show_recovery_codes"
STATUS = {"": 200, "code": 403, "password": 403, "name": 422, "weak": 422, "unlike": 422, "last": 409}


def for_owner(view: Owned[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """For whoever is signed in, or has given a password and has no second factor yet; the view is told who."""

    @wraps(view)
    def owned(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user if isinstance(request.user, User) else getattr(request, "setting_up", None)
        if user is None:
            return redirect("front")
        return view(request, user, *args, **kwargs)

    owned.permission = None  # type: ignore[attr-defined]
    return owned


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in, for whoever has just given a password."""
    user = actions.waiting_for_code(request)
    if user is None:
        return redirect("front")
    problem = ""
    if request.method == "POST":
        try:
            credential = _credential(request)
            return signing_in.give_second_factor(request, code=request.POST.get("code", ""), credential=credential)
        except CodeRefused:
            problem = "code"
        except SignInRefused:
            return redirect("front")
    has_key = second_factor.has_key(user)
    options = json.dumps(second_factor.begin_with_key(user), default=str) if has_key else ""
    return page(
        request,
        "accounts/code.html",
        {"problem": problem, "has_key": has_key, "options": options},
        status=STATUS[problem],
    )


@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
@for_owner
def app(request: HttpRequest, user: User) -> HttpResponse:
    """Set up an authenticator app: works without JavaScript."""
    problem = ""
    if request.method == "POST" and SECRET in request.session:
        try:
            _ask_password(request, user)
            secret = secrets.unseal(request.session[SECRET])
            own_account.add_app(request, user, secret=secret, code=request.POST.get("code", ""))
        except CodeRefused:
            problem = "code"
        except SignInRefused:
            problem = "password"
        else:
            del request.session[SECRET]
            return _onward_to_codes(request)
    if SECRET not in request.session:
        # Sealed there too: a dump taken meanwhile gives no second factor.
        request.session[SECRET] = secrets.seal(second_factor.new_secret())
    secret = secrets.unseal(request.session[SECRET])
    address = second_factor.address_of(user, secret)
    context = {
        "owner": user,
        "problem": problem,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "address": SafeString(address) if address.startswith("otpauth://") else "",
        "drawing": drawing_of(address),
    }
    return page(request, "accounts/app.html", {**context, **_whose(request)}, status=STATUS[problem])


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@for_owner
def key(request: HttpRequest, user: User) -> HttpResponse:
    """Set up a security key or the phone's or computer's own: the browser makes it, so this one needs JavaScript."""
    problem = ""
    if request.method == "POST":
        name = request.POST.get("name", "").strip()[:40]
        try:
            _ask_password(request, user)
            credential = _credential(request)
            if credential is None:
                raise CodeRefused("no key answered")
            if not name:
                problem = "name"
            else:
                own_account.add_key(request, user, name=name, credential=credential)
                return _onward_to_codes(request)
        except CodeRefused:
            problem = "code"
        except SignInRefused:
            problem = "password"
    options = json.dumps(second_factor.begin_key(user), default=str)
    context = {"owner": user, "problem": problem, "options": options, "name": request.POST.get("name", "")}
    return page(request, "accounts/key.html", {**context, **_whose(request)}, status=STATUS[problem])


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@for_owner
def recovery_codes(request: HttpRequest, user: User) -> HttpResponse:
    """New codes are shown until one says that they are kept, and never again; later there is a count, and new ones."""
    if not isinstance(request.user, User):
        return redirect("own_app")
    problem = ""
    if request.method == "POST" and "kept" in request.POST:
        request.session.pop(SHOW_CODES, None)
        return redirect("front")
    if request.method == "POST":
        try:
            own_account.renew_recovery_codes(request, user, password=request.POST.get("password", ""))
        except SignInRefused:
            problem = "password"
        else:
            request.session[SHOW_CODES] = True
            return redirect("own_recovery_codes")
    codes = second_factor.recovery_codes(user)
    shown = codes if request.session.get(SHOW_CODES) else ()
    context = {"problem": problem, "codes": shown, "left": len(codes)}
    return page(request, "accounts/recovery_codes.html", context, status=STATUS[problem])


def _ask_password(request: HttpRequest, user: User) -> None:
    """Whoever is wholly signed in gives the password again; in the first session it was given a moment ago."""
    if isinstance(request.user, User):
        signing_in.check_password(request, user, request.POST.get("password", ""))


def _whose(request: HttpRequest) -> dict[str, Any]:
    return {"first": not isinstance(request.user, User)}


def _onward_to_codes(request: HttpRequest) -> HttpResponse:
    request.session[SHOW_CODES] = True
    return redirect("own_recovery_codes")


def _credential(request: HttpRequest) -> dict[str, Any] | None:
    """The browser's answer of a key, or None where a code was typed. Raises CodeRefused for what is no answer."""
    text = request.POST.get("credential", "")
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        raise CodeRefused("no answer of a key") from None
    if not isinstance(found, dict):
        raise CodeRefused("no answer of a key")
    return found
