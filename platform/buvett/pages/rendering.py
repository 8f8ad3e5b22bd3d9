from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from buvett.access.hats import hat_on, hats
from buvett.pages.navigation import ways


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page now, inside the scope that its rows came from, with what the header needs."""
    hat = hat_on(request)
    header = {
        "hat": hat,
        "hats": hats(request),
        "ways": tuple(ways(hat, path=request.path)),
        "languages": settings.LANGUAGES,
        "synthetic": settings.SYNTHETIC,
    }
    response = render(request, f"pages/{template}", {**header, **(context or {})}, status=status)
    # A page about people is not kept by the browser or anything between.
    response.headers["Cache-Control"] = "no-store"
    return response
