from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from buvett.accounts.errors import TooManyTries
from buvett.pages.errors import too_many_requests

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)


class LanguageMiddleware:
    """Nynorsk, unless the person has chosen another language. What the browser prefers is not asked: the seven
    municipalities have decided on nynorsk."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        return response


class WholePageMiddleware:
    """A swap by HTMX takes what it asked for and nothing else. A redirect (the session is over) or an error is loaded
    as a page of its own, so that nobody finds a sign-in or an apology in the middle of another page. Only GETs swap."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.htmx or response.status_code == HTTPStatus.OK:  # type: ignore[attr-defined]
            return response
        whole = HttpResponse(status=HTTPStatus.NO_CONTENT)
        whole.headers["HX-Redirect"] = response.headers.get("Location") or request.get_full_path()
        whole.cookies = response.cookies
        return whole


class ThrottleMiddleware:
    """Too many failed tries, in whatever view: the page that says when one may try again, and what else to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only for TooManyTries; everything else goes on as it was."""
        return too_many_requests(after=exception.after) if isinstance(exception, TooManyTries) else None
