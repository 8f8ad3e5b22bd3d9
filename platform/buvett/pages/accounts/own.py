"""The own account: second factors, password, signing out everywhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buvett.access import own_account
from buvett.access.errors import NotHere
from buvett.accounts import invitations, second_factor
from buvett.accounts.errors import CodeRefused, LastFactor, SignInRefused
from buvett.accounts.models import User
from buvett.pages.accounts.second_factor import STATUS
from buvett.pages.guard import needs
from buvett.pages.rendering import page


@require_safe
@needs(None)
def account(request: HttpRequest) -> HttpResponse:
    """What is set up."""
    return _account_page(request)


@sensitive_post_parameters("password")
@require_POST
@needs(None)
def remove_factor(request: HttpRequest, factor: int) -> HttpResponse:
    """Take away one of several second factors."""
    try:
        own_account.remove_factor(request, _user(request), factor=factor, password=request.POST.get("password", ""))
    except SignInRefused:
        return _account_page(request, problem="password")
    except CodeRefused:
        raise NotHere("no such factor of this person") from None
    except LastFactor:
        return _account_page(request, problem="last")
    return redirect("own_account")


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
@needs(None)
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session of the person ends."""
    problem = ""
    if request.method == "POST":
        user, new = _user(request), request.POST.get("new", "")
        problem = password_problem(user, new, request.POST.get("again", ""))
        if not problem:
            try:
                own_account.change_password(request, user, old=request.POST.get("old", ""), new=new)
            except SignInRefused:
                problem = "password"
            else:
                return redirect("own_account")
    return page(request, "accounts/password.html", {"problem": problem}, status=STATUS[problem])


@require_POST
@needs(None)
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of the person."""
    own_account.sign_out_everywhere(request, _user(request))
    return redirect("front")


def password_problem(user: User, new: str, again: str) -> str:
    """What is wrong with a new password: weak, unlike (typed twice), or nothing."""
    if new != again:
        return "unlike"
    return "weak" if invitations.is_weak(new, user=user) else ""


def _account_page(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    user = _user(request)
    context = {
        "problem": problem,
        "factors": second_factor.factors(user),
        "codes_left": len(second_factor.recovery_codes(user)),
    }
    return page(request, "accounts/account.html", context, status=STATUS[problem])


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the guard lets nobody else in
    return request.user
