"""AccessError
├── NotAllowed           the hat that is on does not give this right (403)
├── NotHere              no such thing for this person: another municipality's, not granted, not existing (404)
├── DeclarationNeeded    the teieplikterklæring must be read and signed first
├── NoBasis              no live legal basis for the purpose: nothing is shown to anyone
├── MembershipRefused    a membership or reset that may not be made so (``why`` names the reason)
├── HandingRefused       access to cases that may not be given, taken or handed on so (``why`` names the reason)
└── RegionUnknown        migrating: roles of the region are there that could mean several regions, or none

Which of them is raised tells nothing about a record: a case that is another's and one that never was look the same.
"""


class AccessError(Exception):
    """Root of what access refuses."""


class NotAllowed(AccessError):
    """The hat that is on does not give this right."""


class NotHere(AccessError):
    """There is no such thing for this person."""


class DeclarationNeeded(AccessError):
    """The teieplikterklæring is missing, run out or of an earlier version."""


class NoBasis(AccessError):
    """No live legal basis (heimel) for the purpose in this municipality."""


class MembershipRefused(AccessError):
    """A membership, invitation or reset that may not be made so. ``why`` is a word that a page explains."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class HandingRefused(AccessError):
    """Access that may not be given, taken or handed on so. ``why`` is a word that a page explains."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class RegionUnknown(AccessError):
    """Nobody can guess which region a role that is there already is for: a person has to say."""
