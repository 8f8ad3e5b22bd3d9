"""Sign in and out."""

from uuid import UUID

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest
from django.utils import timezone

from buvett.accounts import throttle
from buvett.accounts.errors import DemoRefused, SignInRefused
from buvett.accounts.models import User
from buvett.accounts.policies import check_can_sign_in_by_click

_BACKEND = "buvett.accounts.backends.PasswordBackend"


def sign_in(request: HttpRequest, *, email: str, password: str) -> User:
    """Start a session. Raises SignInRefused (never saying why) or TooManyTries, the right password then included."""
    now = timezone.now()
    address = request.META.get("REMOTE_ADDR", "")
    throttle.check_may_try(email=email, address=address, now=now)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        throttle.count_failure(email=email, address=address, now=now)
        raise SignInRefused("e-mail and password let nobody in")
    throttle.forget(email=email)
    _start(request, user)
    return user


def sign_in_by_click(request: HttpRequest, *, user: UUID) -> User:
    """Start a demo person's session. Raises DemoRefused anywhere but in a demo, and for anyone else."""
    person = User.objects.filter(pk=user, demo=True).first()
    if person is None:
        raise DemoRefused("no such demo person")
    check_can_sign_in_by_click(person)
    _start(request, person)
    return person


def sign_out(request: HttpRequest) -> None:
    """End the session; its row is gone from the database."""
    logout(request)


def _start(request: HttpRequest, user: User) -> None:
    # Nothing of an earlier person's session lives on, their hat included.
    request.session.flush()
    login(request, user, backend=_BACKEND)
