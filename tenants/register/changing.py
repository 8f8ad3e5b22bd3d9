"""Cases changed by hand, one at a time: registered, corrected, moved to another state. All inside a scope.

Whoever changes a case says which revision they read. Someone else's later one is never overwritten unseen.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.changes import How, Origin
from tenants.register.errors import AlreadyRegistered, ChangedMeanwhile, NotInThisState
from tenants.register.models import Case, Person
from tenants.register.states import Verb, allows, is_changeable, moved, states_of
from tenants.register.writing import CaseFacts, Known, Revised, create, opened, revise

UNIQUE = "23505"


def register(facts: CaseFacts, *, on: date) -> UUID:
    """Register one person; gives the case. Raises AlreadyRegistered, TooMuchText."""
    try:
        with transaction.atomic(using=current_scope().role.value):
            (case,) = create([facts], origin=Origin(how=How.REGISTERED), on=on)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") != UNIQUE:
            raise
        # Without the cause: it may quote the index.
        raise AlreadyRegistered("the identity number is in the register already") from None
    record_change(Action.CASE_CREATED, details={"case": str(case)})
    return case


def correct(case: UUID, change: Callable[[CaseFacts], CaseFacts], *, revision: int, why: str = "", on: date) -> int:
    """Put ``change`` of the facts in their place; gives the new revision, or the same when nothing differs.

    Raises ChangedMeanwhile when ``revision`` is not the newest, NotInThisState for a closed or blocked case,
    AlreadyRegistered when the identity number is another person's, TooMuchText.
    """
    known, before = _locked(case, revision=revision)
    if not is_changeable(states_of(before.assessment)):
        raise NotInThisState("the case is closed or blocked")
    return _write(Revised(known, before, change(before)), Origin(how=How.CORRECTED, why=why), on=on)


def move(case: UUID, verb: Verb, *, revision: int, why: str, on: date) -> int:
    """Make a move of the table of states; gives the new revision. Raises ChangedMeanwhile, NotInThisState."""
    known, before = _locked(case, revision=revision)
    if not allows(states_of(before.assessment), verb):
        raise NotInThisState(f"the state of the case does not allow: {verb}")
    after = CaseFacts(identity=before.identity, assessment=moved(before.assessment, verb, on=on), notes=before.notes)
    return _write(Revised(known, before, after), Origin(how=verb, why=why), on=on)


def _locked(case: UUID, *, revision: int) -> tuple[Known, CaseFacts]:
    municipality = current_scope().municipality
    row = Case.objects.select_for_update().get(municipality_id=municipality, id=case)
    if row.revision != revision:
        raise ChangedMeanwhile(f"the case has revision {row.revision}, not {revision}")
    person = Person.objects.get(municipality_id=municipality, id=row.person_id)
    ((known, before),) = opened([Known(person, row)], action=Action.CASE_CHANGED)
    return known, before


def _write(revised: Revised, origin: Origin, *, on: date) -> int:
    case = revised.known.case
    try:
        with transaction.atomic(using=current_scope().role.value):
            written = revise([revised], origin=origin, on=on)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") != UNIQUE:
            raise
        raise AlreadyRegistered("the identity number is in the register already") from None
    if not written:
        return case.revision
    record_change(
        Action.CASE_CHANGED,
        details={
            "case": str(case.id),
            "revision": case.revision + 1,
            "how": origin.how.value,
            "compartments": [compartment.label for compartment in revised.differing],
        },
    )
    return case.revision + 1
