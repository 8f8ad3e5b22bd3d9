"""LegalError
├── NoHeimel           no live legal basis for the purpose on that day
└── NoDeclaration      no valid teieplikterklæring of that person in that municipality
"""


class LegalError(Exception):
    """Root of what the law room refuses."""


class NoHeimel(LegalError):
    """No live legal basis for the purpose."""


class NoDeclaration(LegalError):
    """No valid teieplikterklæring."""
