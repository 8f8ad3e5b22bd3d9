"""Signing in is told in the log: who came in and by which factor, which tries failed, when a name was shut.

The data protection officer reads it. What was typed is never in it: no password, no code, no name of somebody who has
no account. No log, no access: a sign-in that cannot be told ends at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from buvett.access.account_log import as_if_told, told
from buvett.accounts import actions, throttle
from buvett.accounts.errors import CodeRefused, SignInRefused
from buvett.accounts.models import User
from buvett.accounts.sessions import BY_CLICK
from tenants.audit.enums import Action

AT_SIGN_IN = "sign-in"
"""Who tries, before anybody knows who it is."""


def sign_in(request: HttpRequest, *, email: str, password: str, onward: str) -> HttpResponse:
    """The first step, e-mail and password; a failure is told. Raises SignInRefused or TooManyTries."""
    person = User.objects.filter(email=email.strip().lower()).first()
    with failures_told(person, name=email, what="password"):
        return actions.sign_in(request, email=email, password=password, onward=onward)


def give_second_factor(
    request: HttpRequest, *, code: str = "", credential: dict[str, Any] | None = None
) -> HttpResponse:
    """The second step; success and failure are told. Raises SignInRefused, CodeRefused or TooManyTries."""
    user = actions.waiting_for_code(request)
    if user is None:
        raise SignInRefused("nobody owes a second factor in this session")
    with failures_told(user, name=actions.code_name(user), what="code"):
        answer, used = actions.give_second_factor(request, code=code, credential=credential)
    tell_signed_in(request, user, by=used)
    return answer


def sign_in_by_click(request: HttpRequest, *, user: UUID) -> None:
    """A demo person's one click, told. Raises DemoRefused."""
    person = actions.sign_in_by_click(request, user=user)
    tell_signed_in(request, person, by=BY_CLICK)


def check_password(request: HttpRequest, user: User, password: str) -> None:
    """Ask the signed-in person's password once more; a failure is told. Raises SignInRefused or TooManyTries."""
    with failures_told(user, name=user.email, what="password"):
        actions.check_password(request, user, password)


def tell_signed_in(request: HttpRequest, user: User, *, by: str) -> None:
    """Tell that the person's session has begun, and by which factor; if it cannot be told, the session ends."""
    action = Action.RECOVERY_CODE_USED if by == "recovery_codes" else Action.SIGNED_IN
    try:
        with told(action, about=user, by=user.pk, details={"factor": by}):
            pass
    except Exception:
        actions.sign_out(request)
        raise


@contextmanager
def failures_told(person: User | None, *, name: str, what: str) -> Iterator[None]:
    """Tell it when the try inside is refused, and when the name is shut by it. ``what``: password or code.

    Tries at a name that is shut already are told no more: whoever goes on trying cannot fill the log.
    """
    try:
        yield
    except (SignInRefused, CodeRefused):
        happened = [Action.SIGN_IN_FAILED]
        if throttle.is_shut(name=name, now=timezone.now()):
            happened.append(Action.SIGN_IN_SHUT)
        for action in happened:
            if person is None:
                as_if_told(action, by=AT_SIGN_IN)
                continue
            with told(action, about=person, by=AT_SIGN_IN, details={"what": what}):
                pass
        raise
