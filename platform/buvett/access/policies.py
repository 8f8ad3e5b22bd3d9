"""What a hat allows: pairs of *check* (raises) and *can* (asks). Deny when in doubt."""

from datetime import date
from uuid import UUID

from buvett.access.enums import Permission
from buvett.access.errors import DeclarationNeeded, NoBasis, NotAllowed, NotHere
from buvett.access.memberships import Hat
from tenants.isolation.enums import Purpose
from tenants.legal import declarations, heimel

# Rights that are about one municipality's own people or figures: they need a hat in that municipality.
OWN_HOUSE = frozenset(
    {
        Permission.SEE_CASES,
        Permission.CHANGE_CASES,
        Permission.LIFT_MARKS,
        Permission.IMPORT_REGISTER,
        Permission.GRANT_CASES,
        Permission.PREPARE_CONTRIBUTION,
        Permission.SEE_OWN_COUNTS,
        Permission.APPROVE_CONTRIBUTION,
        Permission.ANSWER_PLAN,
        Permission.MANAGE_MEMBERS,
        Permission.RESET_SIGN_IN,
        Permission.READ_LOG,
        Permission.SEE_PAPERS,
        Permission.KEEP_PAPERS,
    }
)


def can(hat: Hat | None, permission: Permission) -> bool:
    """Whether the hat gives the right anywhere."""
    if hat is None or permission not in hat.permissions:
        return False
    return hat.is_local or permission not in OWN_HOUSE


def check_can(hat: Hat | None, permission: Permission) -> None:
    """Raise NotAllowed when it does not."""
    if not can(hat, permission):
        raise NotAllowed(f"the role that is on does not give the right to {permission}")


def can_in(hat: Hat | None, permission: Permission, *, municipality: UUID) -> bool:
    """Whether the hat gives the right in that municipality."""
    return hat is not None and hat.municipality == municipality and can(hat, permission)


def check_can_in(hat: Hat | None, permission: Permission, *, code: str) -> Hat:
    """The hat that gives the right in the municipality with that number.

    Raises NotHere for another municipality (before anything else), then NotAllowed.
    """
    if hat is None or not code or hat.code != code:
        raise NotHere("no such municipality for the role that is on")
    check_can(hat, permission)
    return hat


def can_work(hat: Hat, *, purpose: Purpose, on: date) -> bool:
    """Whether a declaration and a legal basis for the purpose are live. Inside the municipality's scope."""
    return declarations.has_valid(hat.user, on=on) and heimel.is_live(purpose, on=on)


def check_can_work(hat: Hat, *, purpose: Purpose, on: date) -> None:
    """Raise DeclarationNeeded, then NoBasis. Inside the municipality's scope."""
    if not declarations.has_valid(hat.user, on=on):
        raise DeclarationNeeded("the teieplikterklæring must be signed first")
    if not heimel.is_live(purpose, on=on):
        raise NoBasis(f"no live legal basis for {purpose} on {on}")


def check_can_work_with_cases(hat: Hat, *, on: date) -> None:
    """Raise DeclarationNeeded, then NoBasis for SAK. Inside the municipality's scope."""
    check_can_work(hat, purpose=Purpose.SAK, on=on)
