"""Error pages. They say what one can do, and nothing about what was asked for."""

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(403)


def _answer(status: int) -> HttpResponse:
    # Without the request: no session, no database, nothing that could fail once more or tell something.
    title, text = {
        400: (gettext("The request could not be understood"), gettext("Go back and try once more.")),
        403: (gettext("This did not work"), gettext("The form may have been open too long. Go back and try again.")),
        404: (
            gettext("There is nothing here"),
            gettext("The address may be wrong, or it is not for the role that you have on."),
        ),
        500: (gettext("Something went wrong"), gettext("Nothing was saved. Try again in a little while.")),
    }[status]
    body = loader.render_to_string("pages/error.html", {"title": title, "text": text, "status": status})
    response = HttpResponse(body, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
