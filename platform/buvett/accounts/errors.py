"""AccountsError
├── SignInRefused      the name, the password or the person is not let in (never told which)
├── TooManyTries       too many failures: wait
└── DemoRefused        one-click sign-in where it is not allowed
"""


class AccountsError(Exception):
    """Root of what accounts refuse."""


class SignInRefused(AccountsError):
    """E-mail and password do not let anyone in here."""


class TooManyTries(AccountsError):
    """Too many failed tries from this name or address."""


class DemoRefused(AccountsError):
    """The one-click sign-in is for demo persons in a demo only."""
