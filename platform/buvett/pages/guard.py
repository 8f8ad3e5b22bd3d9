"""From access's refusals to pages: who is asked to sign in, to choose a hat, to sign; who is told there is nothing."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from buvett.access import refusals
from buvett.access.enums import Permission
from buvett.access.errors import DeclarationNeeded, NoBasis, NotAllowed, NotHere
from buvett.access.hats import hat_on, hats
from buvett.access.memberships import Hat
from buvett.access.policies import check_can
from buvett.accounts.models import User
from buvett.pages.rendering import page
from tenants.audit.errors import AuditUnavailable

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def needs(permission: Permission | None) -> Callable[[View[P]], View[P]]:
    """For signed-in people whose hat gives the right (with None: any hat). A view without this is open to all."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not isinstance(request.user, User):
                return redirect(f"{reverse('front')}?{urlencode({'next': request.path})}")
            hat = hat_on(request)
            if permission is not None and hat is None and len(hats(request)) > 1:
                return redirect(f"{reverse('hat')}?{urlencode({'next': request.path})}")
            try:
                if _is_elsewhere(hat, kwargs):
                    raise NotHere("the role that is on is not worn there")
                if permission is not None:
                    check_can(hat, permission)
                return view(request, *args, **kwargs)
            except NotHere:
                refusals.tell(hat, user=request.user.pk, path=request.path)
                raise Http404 from None
            except NotAllowed:
                return page(request, "not_allowed.html", status=403)
            except DeclarationNeeded:
                code = hat.code if hat else ""
                return redirect(f"{reverse('declaration', args=[code])}?{urlencode({'next': request.path})}")
            except NoBasis:
                return page(request, "no_basis.html", status=403)
            except AuditUnavailable:
                return page(request, "no_log.html", status=503)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _is_elsewhere(hat: Hat | None, kwargs: Mapping[str, object]) -> bool:
    """Whether the address names a municipality that the hat is not worn in: answered before anything else."""
    return "code" in kwargs and (hat is None or kwargs["code"] != hat.code)
