"""A one-time link: followed, it leaves the address bar at once; then a password is set with it, once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from buvett.access import own_account
from buvett.accounts import invitations
from buvett.accounts.errors import InvitationRefused
from buvett.pages.accounts.own import password_problem
from buvett.pages.accounts.second_factor import STATUS
from buvett.pages.rendering import page

LINK = "invitation"  # key of the session: the link's hash, never the link


@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Take the link from the address into the session."""
    request.session[LINK] = invitations.hashed(token)
    return redirect("invitation")


@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Set a password, then go on to the second factor."""
    link = str(request.session.get(LINK, ""))
    try:
        user = invitations.waiting(link, now=timezone.now()).user
        if request.method == "POST":
            new = request.POST.get("new", "")
            problem = password_problem(user, new, request.POST.get("again", ""))
            if not problem:
                own_account.accept_invitation(request, token_sha256=link, password=new)
                return redirect("own_app")
        else:
            problem = ""
    except InvitationRefused:
        return page(request, "accounts/invitation_spent.html", status=404)
    return page(request, "accounts/invitation.html", {"owner": user, "problem": problem}, status=STATUS[problem])
