"""RegisterError
├── ImportSuperseded     the import is not there any more: applied, thrown away or replaced by the person's next one
├── ImportChanged        what an import would do is not what was shown: someone changed the register meanwhile
├── CannotUndo           the import was counted, or is not an applied one
├── ChangedMeanwhile     someone else has changed the case since it was read
├── NotInThisState       the case's state does not allow the change
├── AlreadyRegistered    the identity number is in the municipality's register already
├── TooMuchText          the facts do not fit their envelope
└── TooManyLookUps       the person has looked up too many people lately
"""


class RegisterError(Exception):
    """Root of what the register refuses."""


class ImportSuperseded(RegisterError):
    """The import is not there any more; nothing was changed."""


class ImportChanged(RegisterError):
    """The register has changed since the import was shown; nothing was changed."""


class CannotUndo(RegisterError):
    """The import cannot be undone."""


class ChangedMeanwhile(RegisterError):
    """Someone else has changed the case since it was read; nothing was changed."""


class NotInThisState(RegisterError):
    """The case's state does not allow the change."""


class AlreadyRegistered(RegisterError):
    """The identity number is in the municipality's register already."""


class TooMuchText(RegisterError):
    """The facts do not fit their envelope."""


class TooManyLookUps(RegisterError):
    """The person has looked up too many people lately."""
