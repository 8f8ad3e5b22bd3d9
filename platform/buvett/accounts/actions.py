"""Sign in, with a password and then a second factor; sign out, here or everywhere."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from buvett.accounts import second_factor, sessions, throttle
from buvett.accounts.adapters import BACKEND
from buvett.accounts.addresses import address_of
from buvett.accounts.errors import DemoRefused, SignInRefused
from buvett.accounts.models import User
from buvett.accounts.policies import can_sign_in, check_can_sign_in_by_click


def sign_in(request: HttpRequest, *, email: str, password: str, onward: str) -> HttpResponse:
    """Take e-mail and password; leads to the code of the second factor, or to setting one up.

    Raises SignInRefused (never saying why) or TooManyTries, the right password then included.
    """
    with throttle.one_try(name=email, address=address_of(request), now=timezone.now()):
        user = authenticate(request, username=email, password=password)
        if not isinstance(user, User):
            raise SignInRefused("e-mail and password let nobody in")
    # Nothing of an earlier person's session lives on, their hat included.
    request.session.flush()
    answer: HttpResponse = perform_password_login(request, {}, Login(user=user, redirect_url=onward))
    return answer


def waiting_for_code(request: HttpRequest) -> User | None:
    """Who has given a password in this session, within ten minutes, and owes the second factor."""
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    user = stage.login.user if stage else None
    return user if isinstance(user, User) and can_sign_in(user) else None


def give_second_factor(
    request: HttpRequest, *, code: str = "", credential: dict[str, Any] | None = None
) -> tuple[HttpResponse, str]:
    """Take a code, or a key's answer, from whoever owes it: (the way on, which factor it was).

    Raises SignInRefused when nobody does, CodeRefused, or TooManyTries.
    """
    user = waiting_for_code(request)
    if user is None:
        raise SignInRefused("nobody owes a second factor in this session")
    used = check_second_factor(request, user, code=code, credential=credential)
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    sessions.prove(request.session, user, by=used)
    return stage.exit(), used


def code_name(user: User) -> str:
    """What a person's failed codes are counted under."""
    return f"code:{user.pk}"


def check_second_factor(
    request: HttpRequest, user: User, *, code: str = "", credential: dict[str, Any] | None = None
) -> str:
    """Take one of the person's factors; which it was. Failures are counted. Raises CodeRefused or TooManyTries."""
    with throttle.one_try(name=code_name(user), address=address_of(request), now=timezone.now()):
        return second_factor.use_key(user, credential) if credential else second_factor.use_code(user, code)


def check_new_app(request: HttpRequest, user: User, *, secret: str, code: str) -> int:
    """The step of the code that a new app shows. Failures are counted. Raises CodeRefused or TooManyTries."""
    with throttle.one_try(name=code_name(user), address=address_of(request), now=timezone.now(), clears=False):
        return second_factor.check_new_secret(secret, code)


def check_password(request: HttpRequest, user: User, password: str) -> None:
    """Ask the signed-in person's password once more. Failures are counted. Raises SignInRefused or TooManyTries."""
    with throttle.one_try(name=user.email, address=address_of(request), now=timezone.now()):
        if not user.check_password(password):
            raise SignInRefused("not the password")


def start_setting_up(request: HttpRequest, user: User) -> None:
    """A session of someone who has just set a password and has no second factor yet."""
    request.session.flush()
    login(request, user, backend=BACKEND)


def sign_in_by_click(request: HttpRequest, *, user: UUID) -> User:
    """Start a demo person's session. Raises DemoRefused anywhere but in a demo, and for anyone else."""
    person = User.objects.filter(pk=user, demo=True).first()
    if person is None:
        raise DemoRefused("no such demo person")
    check_can_sign_in_by_click(person)
    request.session.flush()
    login(request, person, backend=BACKEND)
    sessions.prove(request.session, person, by=sessions.BY_CLICK)
    return person


def keep_session(request: HttpRequest, user: User) -> None:
    """Let this session outlive the change of password that ends the others."""
    update_session_auth_hash(request, user)


def sign_out(request: HttpRequest) -> None:
    """End the session; its row is gone from the database."""
    logout(request)


def end_all_sessions(user: User) -> None:
    """Sign the person out everywhere, at once."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
