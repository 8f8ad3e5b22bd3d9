"""The front page: sign in, or the way on from it; sign out; choose a hat; choose a language."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buvett.access import signing_in
from buvett.access.errors import NotHere
from buvett.access.hats import hat_on, put_on, today
from buvett.accounts import actions
from buvett.accounts.errors import DemoRefused, SignInRefused
from buvett.accounts.models import User
from buvett.accounts.policies import demo_is_on
from buvett.pages.accounts.demo import places
from buvett.pages.guard import needs
from buvett.pages.middleware import LANGUAGES
from buvett.pages.onward import onward
from buvett.pages.rendering import page


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Signed out: the sign-in. Signed in: what this hat can do. In between: the second factor has to be set up."""
    if getattr(request, "setting_up", None) is not None:
        return redirect("own_app")
    if not isinstance(request.user, User):
        return _sign_in_page(request)
    if hat_on(request) is None and _has_choice(request):
        return redirect("hat")
    return page(request, "accounts/home.html")


@sensitive_post_parameters("password")
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password. The answer to a failure is one and the same, whatever was wrong."""
    try:
        return signing_in.sign_in(
            request,
            email=request.POST.get("email", ""),
            password=request.POST.get("password", ""),
            onward=onward(request),
        )
    except SignInRefused:
        return _sign_in_page(request, problem="refused", status=403)


@require_POST
def sign_in_by_click(request: HttpRequest) -> HttpResponse:
    """A demo person's one click; there is no such page in production."""
    try:
        signing_in.sign_in_by_click(request, user=UUID(request.POST.get("user", "")))
    except (DemoRefused, ValueError):
        raise Http404 from None
    return redirect(onward(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    actions.sign_out(request)
    return redirect("front")


@require_http_methods(["GET", "POST"])
@needs(None)
def hat(request: HttpRequest) -> HttpResponse:
    """Choose which hat is on."""
    if request.method == "POST":
        try:
            put_on(request, UUID(request.POST.get("membership", "")))
        except ValueError:
            raise NotHere("not a role") from None
        return redirect(onward(request))
    return page(request, "accounts/hat.html", {"next": onward(request)})


@require_safe
def language(request: HttpRequest, language: str) -> HttpResponse:
    """Remember the language in a cookie and go back to where one was."""
    if language not in LANGUAGES:
        raise Http404
    response = redirect(onward(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _sign_in_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "problem": problem,
        "next": onward(request),
        "demo": demo_is_on(),
        "places": places(on=today()),
        "email": request.POST.get("email", ""),
    }
    return page(request, "accounts/sign_in.html", context, status=status)


def _has_choice(request: HttpRequest) -> bool:
    return bool(getattr(request, "buvett_hats", ()))
