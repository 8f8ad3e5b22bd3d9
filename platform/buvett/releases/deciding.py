"""Preparing and deciding as a person: a case worker lets numbers lie ready, another approves or returns them.

Each function checks the hat, then the municipality's declaration and legal basis, then the state; the database checks
again who prepared (releases/migrations/0004). Raises NotHere, NotAllowed, DeclarationNeeded or NoBasis from access.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID, uuid4

from django.utils import timezone

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import check_can_in, check_can_work
from buvett.accounts.models import User
from buvett.releases import counting, preparing
from buvett.releases.errors import NoSuchRun, NotCountable, NotToDecide, Obstacle
from buvett.releases.models import Decision, Delivery, Run
from buvett.releases.preparing import Prepared, Verdict
from buvett.releases.runs import members_of, run_of
from buvett.releases.states import State
from tenants.audit.entries import record_change, record_intent
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

DECISION_TABLE = "releases_decision"
LONGEST_REMARK = 2000
TOLD = {
    Verdict.APPROVED: Action.CONTRIBUTION_APPROVED,
    Verdict.RETURNED: Action.CONTRIBUTION_RETURNED,
    Verdict.RECOUNT: Action.CONTRIBUTION_RETURNED,
}


@contextmanager
def house(hat: Hat | None, permission: Permission, *, code: str, on: date) -> Iterator[Hat]:
    """The scope of the municipality ``code`` for work on what it contributes."""
    hat = check_can_in(hat, permission, code=code)
    with scope(hat.house, by=hat.user, purpose=Purpose.REGIONAL):
        check_can_work(hat, purpose=Purpose.REGIONAL, on=on)
        yield hat


def prepare(hat: Hat | None, run: UUID, *, code: str, on: date) -> Prepared:
    """Count the register as it is now and let the numbers lie ready for the leader. Raises NotToDecide."""
    with house(hat, Permission.PREPARE_CONTRIBUTION, code=code, on=on) as worn:
        found = check_open(run, worn.house, on=on)
        if found.attempt:
            raise NotToDecide(Obstacle.FIXED)
        preparing.hold(found, worn.house)
        before = preparing.newest(run)
        if before is not None and before.verdict in (None, Verdict.APPROVED) and _is_current(before, found, code):
            raise NotToDecide(Obstacle.OLDER)
        try:
            padded = counting.now(found, code=code)
        except NotCountable:
            raise NotToDecide(Obstacle.FACTS) from None
        return preparing.keep(found, padded, by=str(worn.user), name=_name(worn))


def approve(hat: Hat | None, preparation: UUID, *, run: UUID, code: str, on: date) -> None:
    """Approve exactly these prepared numbers for this run; the contributor seals them, and nothing else.

    Raises NotToDecide for whoever prepared them, for numbers that are not the newest, and when the register has
    changed since they were prepared.
    """
    _decide(hat, preparation, Verdict.APPROVED, run=run, code=code, on=on)


def give_back(hat: Hat | None, preparation: UUID, *, remark: str, run: UUID, code: str, on: date) -> None:
    """Return prepared numbers with a remark, for whoever prepares to read. Raises NotToDecide."""
    remark = remark.strip()[:LONGEST_REMARK]
    if not remark:
        raise NotToDecide(Obstacle.NO_REMARK)
    _decide(hat, preparation, Verdict.RETURNED, run=run, code=code, on=on, remark=remark)


def ask_for_recount(hat: Hat | None, preparation: UUID, *, run: UUID, code: str, on: date) -> None:
    """Ask the contributor to count again, because the register has changed. Raises NotToDecide."""
    _decide(hat, preparation, Verdict.RECOUNT, run=run, code=code, on=on)


def remark_of(preparation: UUID) -> str:
    """The remark that the newest return came with. Inside the municipality's scope; the look is in the log first."""
    row = Decision.objects.filter(preparation=preparation, verdict=Verdict.RETURNED).first()
    if row is None or row.remark is None:
        return ""
    receipt = record_intent(Action.OWN_COUNTS_SEEN, compartments=[Compartment.NOTES], records=[row.pk])
    opened = Opener(keyring(), receipt).open(
        Compartment.NOTES, DECISION_TABLE, row.pk, salts.of(row.pk), bytes(row.remark)
    )
    return str(opened["remark"])


def check_open(run: UUID, municipality: UUID, *, on: date) -> Run:
    """The run, if this member may still contribute to it. Raises NotToDecide."""
    try:
        found = run_of(run)
    except NoSuchRun:
        raise NotToDecide(Obstacle.NOT_OPEN) from None
    if found.state != State.OPEN or municipality not in {member.pk for member in members_of(found, on=on)}:
        raise NotToDecide(Obstacle.NOT_OPEN)
    if Delivery.objects.filter(run=found, municipality=municipality, delivered_at__isnull=False).exists():
        raise NotToDecide(Obstacle.NOT_OPEN)
    return found


def _is_current(prepared: Prepared, run: Run, code: str) -> bool:
    """Whether the register still gives these numbers; those of a fixed count do not change with it."""
    if run.attempt:
        return True
    try:
        return preparing.numbers(prepared.id) == counting.now(run, code=code)
    except NotCountable:
        return False


def _decide(
    hat: Hat | None, preparation: UUID, verdict: Verdict, *, run: UUID, code: str, on: date, remark: str = ""
) -> None:
    with house(hat, Permission.APPROVE_CONTRIBUTION, code=code, on=on) as worn:
        found = check_open(run, worn.house, on=on)
        preparing.hold(found, worn.house)
        newest = preparing.newest(run)
        if newest is None or newest.id != preparation or newest.verdict is not None:
            raise NotToDecide(Obstacle.OLDER)
        if newest.prepared_by == str(worn.user):
            raise NotToDecide(Obstacle.OWN)
        if verdict is Verdict.APPROVED and not _is_current(newest, found, code):
            raise NotToDecide(Obstacle.CHANGED)
        identifier = uuid4()
        Decision.objects.create(
            id=identifier,
            municipality_id=worn.house,
            preparation_id=preparation,
            verdict=verdict,
            decided_by_id=worn.user,
            decided_by_name=_name(worn),
            decided_at=timezone.now(),
            remark=_sealed(worn.house, identifier, remark) if remark else None,
        )
        record_change(
            TOLD[verdict],
            details={"run": str(run), "preparation": str(preparation), "verdict": verdict.value},
        )


def _sealed(municipality: UUID, decision: UUID, remark: str) -> bytes:
    salt = salts.create(decision)
    return Sealer(keyring(), municipality).seal(Compartment.NOTES, DECISION_TABLE, decision, salt, {"remark": remark})


def _name(hat: Hat) -> str:
    name = User.objects.values_list("name", flat=True).get(pk=hat.user).strip()
    return str(name)
