"""AccountsError
├── SignInRefused      the name, the password or the person is not let in (never told which)
├── CodeRefused        the code or key of the second factor is not right, or was used before
├── TooManyTries       too many failures: wait
├── DemoRefused        one-click sign-in where it is not allowed
├── InvitationRefused  the link never was, was used, or has run out (never told which)
└── LastFactor         the only second factor cannot be taken away
"""

from datetime import timedelta


class AccountsError(Exception):
    """Root of what accounts refuse."""


class SignInRefused(AccountsError):
    """E-mail and password do not let anyone in here."""


class CodeRefused(AccountsError):
    """The second factor does not fit."""


class TooManyTries(AccountsError):
    """Too many failed tries from this name or address. ``after``: when one may try again."""

    def __init__(self, message: str, *, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class DemoRefused(AccountsError):
    """The one-click sign-in is for demo persons in a demo only."""


class InvitationRefused(AccountsError):
    """No invitation can be used with this link."""


class LastFactor(AccountsError):
    """Whoever signs in has a second factor, always."""
