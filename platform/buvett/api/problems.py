"""Every error as a problem document (RFC 9457): a title and a status, never a value that was asked for."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from buvett.access import refusals
from buvett.access.errors import DeclarationNeeded, NoBasis, NotAllowed, NotHere
from buvett.access.hats import hat_on
from buvett.releases.errors import NoRelease
from tenants.audit.errors import AuditUnavailable

MEDIA_TYPE = "application/problem+json"
TITLES: Mapping[int, str] = {
    400: "The request could not be understood",
    401: "Sign in first",
    403: "Not for this role",
    404: "There is nothing here",
    405: "This address does not take that method",
    406: "Only JSON is given",
    415: "Only JSON is taken",
    429: "Too many requests: wait",
    503: "The look could not be written in the log, so nothing was opened",
}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. An error that is not expected gives None: Django answers 500 and says nothing."""
    request = context["request"]._request
    if isinstance(error, NotHere):
        refusals.tell(hat_on(request), user=request.user.pk, path=request.path)
    status, kind, headers = _kind_of(error)
    if status is None:
        return None
    set_rollback()
    body = {"type": f"urn:buvett:problem:{kind}", "title": _title(status, kind), "status": status}
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def _kind_of(error: Exception) -> tuple[int | None, str, dict[str, str]]:
    if isinstance(error, (NotHere, NoRelease, Http404)):
        return 404, "not-found", {}
    if isinstance(error, (NotAllowed, PermissionDenied)):
        return 403, "not-allowed", {}
    if isinstance(error, DeclarationNeeded):
        return 403, "declaration-needed", {}
    if isinstance(error, NoBasis):
        return 403, "no-legal-basis", {}
    if isinstance(error, AuditUnavailable):
        return 503, "no-log", {}
    if isinstance(error, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        return 401, "sign-in-first", {"WWW-Authenticate": "Session"}
    if isinstance(error, exceptions.APIException):
        headers = (
            {"Retry-After": str(int(error.wait))} if isinstance(error, exceptions.Throttled) and error.wait else {}
        )
        return error.status_code, "request", headers
    return None, "", {}


def _title(status: int, kind: str) -> str:
    special = {
        "declaration-needed": "The teieplikterklæring must be read and signed first",
        "no-legal-basis": "No live legal basis for the purpose",
    }
    return special.get(kind) or TITLES.get(status, "The request was refused")
