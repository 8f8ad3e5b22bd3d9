"""What a municipality's own people see of a run: the own numbers, where they stand, and nothing of anyone else's."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from anonymisation.programme import Programme
from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.memberships import Hat
from buvett.agreements.enums import Missing
from buvett.agreements.models import StandingApproval
from buvett.agreements.queries import approval, missing
from buvett.releases import counting, preparing
from buvett.releases.deciding import house, remark_of
from buvett.releases.errors import NoSuchRun, NotCountable
from buvett.releases.lock import TOLD
from buvett.releases.models import Delivery, Run
from buvett.releases.own_tables import OwnTable, own_tables
from buvett.releases.preparing import Prepared, Verdict
from buvett.releases.runs import programme_of, run_of
from buvett.releases.states import State
from buvett.releases.tabulate import unpad


@dataclass(frozen=True, kw_only=True)
class OwnRun:
    """Where the own municipality stands in one run. Public facts: no number, and nothing of the others."""

    id: UUID
    agreement: UUID
    region_name: str
    programme: str
    period: str
    state: State
    opened_at: datetime
    cut_off: datetime
    counted_on: date
    delivered_at: datetime | None
    missing: tuple[Missing, ...]

    @property
    def takes_numbers(self) -> bool:
        return self.state is State.OPEN and self.delivered_at is None


@dataclass(frozen=True, kw_only=True)
class OwnDelivery:
    """A leader's whole view of one run. ``tables`` are of ``prepared``, or of the register when nothing is prepared."""

    run: OwnRun
    policy: dict[str, Any]
    tables: tuple[OwnTable, ...]
    prepared: Prepared | None
    history: tuple[Prepared, ...]
    remark: str
    changed: bool  # the register gives other numbers now
    countable: bool  # false: the register holds facts that the programme has no code for
    is_own: bool  # the person at the page has prepared them
    standing: StandingApproval | None

    @property
    def to_decide(self) -> bool:
        """Whether there are numbers to approve or return."""
        return self.run.takes_numbers and self.prepared is not None and self.prepared.verdict is None

    @property
    def stale(self) -> bool:
        """Whether an approval no longer holds because the register changed after it."""
        return self.changed and self.prepared is not None and self.prepared.verdict is Verdict.APPROVED

    @property
    def small(self) -> int:
        return sum(table.small for table in self.tables)


@dataclass(frozen=True, kw_only=True)
class OwnPreparations:
    """A case worker's view of one run: what was prepared and what came back. No number."""

    run: OwnRun
    history: tuple[Prepared, ...]
    remark: str

    @property
    def may_prepare(self) -> bool:
        return self.run.takes_numbers


def own_runs(municipality: UUID) -> tuple[OwnRun, ...]:
    """The runs that the municipality is in, newest first, as the web's role. Public facts, without what is missing.

    Two queries however many there are.
    """
    rows = Run.objects.select_related("agreement__region").order_by("-opened_at", "id")
    own = [row for row in rows.filter(agreement__members__municipality=municipality) if row.left_out_id != municipality]
    told = {row.run_id: row for row in Delivery.objects.filter(municipality=municipality, run__in=own)}
    return tuple(_own_run(row, told.get(row.pk), lacks=()) for row in own)


def see_delivery(hat: Hat | None, run: UUID, *, code: str, on: date) -> OwnDelivery:
    """The own true counts in the agreed tables and what may become of them; told in the log before they are opened.

    Raises NotHere (no such run for this municipality, too), NotAllowed, DeclarationNeeded or NoBasis.
    """
    with house(hat, Permission.SEE_OWN_COUNTS, code=code, on=on) as worn:
        found, own = _found(run, worn.house, on=on)
        programme = programme_of(found.agreement)
        told = preparing.history(run)
        prepared = told[0] if told else None
        ready = preparing.numbers(prepared.id) if prepared else None
        now, countable = ready, True
        if prepared is None or (own.takes_numbers and not found.attempt):
            now, countable = _now(found, code=code)
        shown = ready or now
        return OwnDelivery(
            run=own,
            policy=programme.policy.to_json(),
            tables=_tables(shown, programme, code=code),
            prepared=prepared,
            history=told,
            remark=_last_remark(told),
            changed=prepared is not None and now != ready,
            countable=countable,
            is_own=prepared is not None and prepared.prepared_by == str(worn.user),
            standing=approval(found.agreement, worn.house, on=on),
        )


def see_preparations(hat: Hat | None, run: UUID, *, code: str, on: date) -> OwnPreparations:
    """What was prepared and returned, without a number, for whoever prepares. Raises as ``see_delivery``."""
    with house(hat, Permission.PREPARE_CONTRIBUTION, code=code, on=on) as worn:
        _, own = _found(run, worn.house, on=on)
        told = preparing.history(run)
        return OwnPreparations(run=own, history=told, remark=_last_remark(told))


def _found(run: UUID, municipality: UUID, *, on: date) -> tuple[Run, OwnRun]:
    try:
        found = run_of(run)
    except NoSuchRun:
        raise NotHere("no such run") from None
    is_member = found.agreement.members.filter(municipality=municipality).exists()
    if not is_member or found.left_out_id == municipality:
        raise NotHere("no such run for this municipality")
    told = Delivery.objects.filter(run=found, municipality=municipality).first()
    lacks: tuple[Missing, ...] = ()
    if found.state == State.OPEN and (told is None or told.delivered_at is None):
        lacks = missing(found.agreement, municipality, on=on)
        if told is not None:
            lacks += tuple(what for what in TOLD if what in told.waiting_for.split())
    return found, _own_run(found, told, lacks=lacks)


def _own_run(run: Run, told: Delivery | None, *, lacks: tuple[Missing, ...]) -> OwnRun:
    return OwnRun(
        id=run.pk,
        agreement=run.agreement_id,
        region_name=run.agreement.region.name,
        programme=run.agreement.programme,
        period=run.period,
        state=State(run.state),
        opened_at=run.opened_at,
        cut_off=run.cut_off,
        counted_on=run.counted_on,
        delivered_at=told.delivered_at if told else None,
        missing=lacks,
    )


def _now(run: Run, *, code: str) -> tuple[bytes | None, bool]:
    try:
        return counting.now(run, code=code), True
    except NotCountable:
        return None, False


def _tables(padded: bytes | None, programme: Programme, *, code: str) -> tuple[OwnTable, ...]:
    return own_tables(unpad(padded), programme, municipality=code) if padded is not None else ()


def _last_remark(told: tuple[Prepared, ...]) -> str:
    returned = next((one for one in told if one.verdict is Verdict.RETURNED), None)
    return remark_of(returned.id) if returned is not None else ""
