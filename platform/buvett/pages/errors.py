"""Error pages. They say what one can do, and nothing about what was asked for."""

import math
from datetime import timedelta

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext, ngettext


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not understood, or (413) too large to be taken in."""
    return _answer(413 if isinstance(exception, RequestDataTooBig | TooManyFilesSent) else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(404)


def too_many_requests(*, after: timedelta) -> HttpResponse:
    """For a throttle: after how long one may try again, in whole minutes for people and in seconds for programs."""
    seconds = max(math.ceil(after.total_seconds()), 1)
    response = _answer(429, minutes=math.ceil(seconds / 60))
    response.headers["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(403)


def _answer(status: int, *, minutes: int = 0) -> HttpResponse:
    # Without the request: no session, no database, nothing that could fail once more or tell something.
    title, text, advice = {
        400: (
            gettext("The request could not be understood"),
            gettext("Go back and try once more."),
            gettext("If you followed a link, it may have been cut off on the way."),
        ),
        403: (
            gettext("This did not work"),
            gettext("The form may have been open too long. Go back and try again."),
            gettext("If you were signed out meanwhile, sign in first. What you wrote may still be in the form."),
        ),
        404: (
            gettext("There is nothing here"),
            gettext("The address may be wrong, or it is not for the role that you have on."),
            gettext("If you have another role, change to it on the front page."),
        ),
        413: (
            gettext("That was too large"),
            gettext("A file may have 20 megabytes at most. Nothing was saved."),
            gettext("Split the file, or save it without pictures and other sheets, and try again."),
        ),
        429: (
            gettext("Too many tries"),
            ngettext(
                "Nobody is let in by this name or from this network for %(minutes)d minute. Then try again.",
                "Nobody is let in by this name or from this network for %(minutes)d minutes. Then try again.",
                minutes,
            )
            % {"minutes": minutes},
            gettext(
                "Forgotten the password or lost the phone? A local leader or the chief executive lets you in anew."
                " If it was not you who tried, tell the leader at once: the tries are in the log."
            ),
        ),
        500: (
            gettext("Something went wrong"),
            gettext("Nothing was saved. Try again in a little while."),
            gettext("If it goes on, tell whoever runs bu-vett when it happened. The log holds the rest."),
        ),
    }[status]
    context = {"title": title, "text": text, "advice": advice, "status": status}
    response = HttpResponse(loader.render_to_string("pages/error.html", context), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
