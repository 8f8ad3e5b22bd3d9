from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from buvett.accounts import second_factor, sessions
from buvett.accounts.models import User


class SecondFactorMiddleware:
    """Nobody is signed in without a second factor, whatever the view.

    ``request.setting_up`` is the person who gave a password but has no second factor yet: for the pages that set one
    up, and for no other. Whoever has one and did not give it is nobody at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.setting_up = None  # type: ignore[attr-defined]
        user = request.user
        if isinstance(user, User) and not sessions.is_proved(request.session, user):
            if not second_factor.has_any(user):
                request.setting_up = user  # type: ignore[attr-defined]
            request.user = AnonymousUser()
        return self.get_response(request)
