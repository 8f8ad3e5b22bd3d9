"""RegisterError
└── ImportSuperseded     another import of the same municipality began before this one was applied
"""


class RegisterError(Exception):
    """Root of what the register refuses."""


class ImportSuperseded(RegisterError):
    """Another import of the same municipality began; this one changed nothing."""
