"""Changing cases by hand: registered, corrected, moved to another state, drafted. As a person with a hat and a grant.

Each of these runs inside ``case_room`` entered with the right that it names, on the case that it changes.
"""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from buvett.access import grants
from buvett.access.enums import Permission
from buvett.access.errors import NotAllowed
from buvett.access.grants import cases_granted
from buvett.access.memberships import Hat
from buvett.access.policies import can, check_can
from buvett.accounts.models import User
from tenants.register import changing, looking_up
from tenants.register.states import BY_VERB, State, Verb, Who, allows
from tenants.register.writing import CaseFacts

NEEDED = {Who.CASE_WORKER: Permission.CHANGE_CASES, Who.LEADER: Permission.LIFT_MARKS}


class WhyNot(StrEnum):
    """Why a move cannot be made now."""

    ROLE = "role"
    STATE = "state"


def register(user: User, hat: Hat, facts: CaseFacts, *, on: date) -> UUID:
    """Register one person; whoever does it has the case. Raises AlreadyRegistered, TooMuchText."""
    check_can(hat, Permission.CHANGE_CASES)
    case = changing.register(facts, on=on)
    grants.give_new([case], to=user, by=user)
    return case


def alike(user: User, facts: CaseFacts, *, now: datetime) -> tuple[UUID | None, ...]:
    """People of the own municipality who may be the same: by identity number, else by name and year of birth.

    Opens nothing; the question is in the log before it is answered. A case that the person has not been given is None:
    that someone is registered must be told, or they are registered twice, but not which case is theirs.
    Raises TooManyLookUps.
    """
    number = facts.identity.get("identity_number")
    found: set[UUID] = set()
    if number and (case := looking_up.by_number(number, now=now)):
        found = {case}
    if not found:
        found = set(looking_up.by_name(facts.identity, facts.assessment.get("birth_year"), now=now))
    mine = set(cases_granted(user).filter(pk__in=found).values_list("pk", flat=True))
    return (*sorted(mine), *([None] if found - mine else []))


def correct(
    hat: Hat, case: UUID, change: Callable[[CaseFacts], CaseFacts], *, revision: int, why: str, on: date
) -> int:
    """Correct facts; gives the new revision. Raises as ``tenants.register.changing.correct``."""
    check_can(hat, Permission.CHANGE_CASES)
    return changing.correct(case, change, revision=revision, why=why, on=on)


def why_not(hat: Hat | None, states: frozenset[State], verb: Verb) -> WhyNot | None:
    """Why the hat cannot make the move in these states; None when it can."""
    if not allows(states, verb):
        return WhyNot.STATE
    return None if can(hat, NEEDED[BY_VERB[verb].who]) else WhyNot.ROLE


def move(hat: Hat, case: UUID, verb: Verb, *, revision: int, why: str, on: date) -> int:
    """Make a move of the table of states. Raises NotAllowed, and as ``tenants.register.changing.move``."""
    if not can(hat, NEEDED[BY_VERB[verb].who]):
        raise NotAllowed(f"the role that is on does not give the right to {verb} a case")
    return changing.move(case, verb, revision=revision, why=why, on=on)
