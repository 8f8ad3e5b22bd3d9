"""LegalError
└── NoHeimel           no live legal basis for the purpose on that day
"""


class LegalError(Exception):
    """Root of what the law room refuses."""


class NoHeimel(LegalError):
    """No live legal basis for the purpose."""
