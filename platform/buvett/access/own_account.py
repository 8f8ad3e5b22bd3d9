"""What a person does with the own account. Each verb is told in the log, in the change's own transaction.

Whoever changes something gives the password once more, but in the session in which it was first set: the person has no
second factor yet then, and nothing but this is open.
"""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from buvett.access.account_log import told
from buvett.access.signing_in import check_password, failures_told, tell_signed_in
from buvett.accounts import actions, invitations, second_factor, sessions
from buvett.accounts.models import User
from tenants.audit.enums import Action


def add_app(request: HttpRequest, user: User, *, secret: str, code: str) -> None:
    """Make an authenticator app the person's second factor, in place of an earlier one.

    Raises CodeRefused or TooManyTries.
    """
    with failures_told(user, name=actions.code_name(user), what="code"):
        step = actions.check_new_app(request, user, secret=secret, code=code)
    with told(Action.SECOND_FACTOR_ADDED, about=user, by=user.pk, details={"kind": "totp"}):
        second_factor.add_totp(user, secret=secret, step=step)
        _first_recovery_codes(user)
    _prove(request, user, by="totp")


def add_key(request: HttpRequest, user: User, *, name: str, credential: dict[str, Any]) -> None:
    """Make a security key one of the person's second factors. Raises CodeRefused."""
    second_factor.check_new_key(credential)
    with told(Action.SECOND_FACTOR_ADDED, about=user, by=user.pk, details={"kind": "webauthn"}):
        second_factor.add_key(user, name=name, credential=credential)
        _first_recovery_codes(user)
    _prove(request, user, by="webauthn")


def remove_factor(request: HttpRequest, user: User, *, factor: int, password: str) -> None:
    """Take one of several factors away. Raises SignInRefused (the password), LastFactor, CodeRefused, TooManyTries."""
    check_password(request, user, password)
    row = second_factor.check_can_remove(user, factor)
    with told(Action.SECOND_FACTOR_REMOVED, about=user, by=user.pk, details={"kind": str(row.type)}):
        second_factor.remove(user, factor)


def renew_recovery_codes(request: HttpRequest, user: User, *, password: str) -> None:
    """New recovery codes in place of all earlier ones. Raises SignInRefused or TooManyTries."""
    check_password(request, user, password)
    with told(Action.RECOVERY_CODES_MADE, about=user, by=user.pk):
        second_factor.make_recovery_codes(user)


def change_password(request: HttpRequest, user: User, *, old: str, new: str) -> None:
    """A new password; every other session ends. Raises SignInRefused or TooManyTries; check its strength before."""
    check_password(request, user, old)
    with told(Action.PASSWORD_SET, about=user, by=user.pk):
        invitations.set_password(user, new)
    actions.keep_session(request, user)


def sign_out_everywhere(request: HttpRequest, user: User) -> None:
    """End every session of the person, this one too."""
    with told(Action.SIGNED_OUT_EVERYWHERE, about=user, by=user.pk):
        actions.end_all_sessions(user)
    actions.sign_out(request)


def accept_invitation(request: HttpRequest, *, token_sha256: str, password: str) -> User:
    """Set the password that the link was for, and begin setting up the second factor.

    Raises InvitationRefused, or ValidationError for a weak password.
    """
    now = timezone.now()
    user = invitations.waiting(token_sha256, now=now).user
    with told(Action.PASSWORD_SET, about=user, by=user.pk, details={"by": "invitation"}):
        user = invitations.use(token_sha256, password=password, now=now)
    actions.start_setting_up(request, user)
    return user


def _first_recovery_codes(user: User) -> None:
    if not second_factor.recovery_codes(user):
        second_factor.make_recovery_codes(user)


def _prove(request: HttpRequest, user: User, *, by: str) -> None:
    """The session counts from now as the person's; for whoever had no second factor, that is the first sign-in."""
    first = not sessions.is_proved(request.session, user)
    sessions.prove(request.session, user, by=by)
    if first:
        tell_signed_in(request, user, by=by)
