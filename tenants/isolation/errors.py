"""IsolationError
├── NoScope            rows were asked for outside a scope
├── ScopeRefused       a scope that may not be entered (nested in another, or in a running transaction)
├── NoContextKey       this process does not serve that municipality
└── UnsafeRole         the database role could go round row security
"""


class IsolationError(Exception):
    """Root of what isolation refuses."""


class NoScope(IsolationError):
    """Rows of a municipality were asked for outside a scope."""


class ScopeRefused(IsolationError):
    """The scope may not be entered here."""


class NoContextKey(IsolationError):
    """This process holds no key for that municipality and role."""


class UnsafeRole(IsolationError):
    """The database role has a right that would let it go round row security."""
