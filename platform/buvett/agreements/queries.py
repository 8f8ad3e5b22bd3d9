"""Who belongs to what on a day, and what is missing before a municipality's numbers may leave its house.

Everything here is a public fact of the region, readable by every role; nothing touches a register.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from buvett.agreements.enums import Missing
from buvett.agreements.models import Agreement, AgreementMember, Document, RegionMember, StandingApproval
from tenants.isolation.models import Municipality

Row = TypeVar("Row", bound=Model)
PAPERS = {
    Document.Kind.PROCESSOR_AGREEMENT: Missing.PROCESSOR_AGREEMENT,
    Document.Kind.DPIA: Missing.DPIA,
}


def live(rows: QuerySet[Row], *, on: date) -> QuerySet[Row]:
    """The rows whose dates hold that day; ``valid_to`` is the last day."""
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)


def region_members(region: UUID, *, on: date) -> tuple[Municipality, ...]:
    """Municipalities of the region that day, by code."""
    rows = live(RegionMember.objects.filter(region=region), on=on)
    return tuple(Municipality.objects.filter(id__in=rows.values("municipality")).order_by("code"))


def live_members(agreement: Agreement, *, on: date) -> tuple[Municipality, ...]:
    """Municipalities in the agreement and in its region that day, by code. Nobody while the agreement is not live."""
    if agreement.valid_from > on or (agreement.valid_to is not None and agreement.valid_to < on):
        return ()
    in_region = live(RegionMember.objects.filter(region=agreement.region_id), on=on).values("municipality")
    members = live(AgreementMember.objects.filter(agreement=agreement.pk, municipality__in=in_region), on=on)
    return tuple(Municipality.objects.filter(id__in=members.values("municipality")).order_by("code"))


def members_of_each(agreements: Iterable[UUID], *, on: date) -> Mapping[UUID, frozenset[UUID]]:
    """Who is in each agreement that day, as ``live_members`` says it of one; one query however many there are."""
    in_region = live(
        RegionMember.objects.filter(region=OuterRef("agreement__region"), municipality=OuterRef("municipality")), on=on
    )
    wanted = live(Agreement.objects.filter(pk__in=list(agreements)), on=on)
    rows = live(AgreementMember.objects.filter(Exists(in_region), agreement__in=wanted), on=on)
    found: dict[UUID, set[UUID]] = {}
    for agreement, municipality in rows.values_list("agreement_id", "municipality_id"):
        found.setdefault(agreement, set()).add(municipality)
    return {agreement: frozenset(members) for agreement, members in found.items()}


def approval(
    agreement: Agreement, municipality: UUID, *, on: date, prepared_by: str | None = None
) -> StandingApproval | None:
    """The newest live standing approval; never by whoever prepares the numbers (``prepared_by``: a user's id)."""
    for row in _approvals(agreement, on=on).filter(municipality=municipality).order_by("-approved_on", "id"):
        if row.approved_by_name.strip() and str(row.approved_by_id) != prepared_by:
            return row
    return None


def _approvals(agreement: Agreement, *, on: date) -> QuerySet[StandingApproval]:
    rows = StandingApproval.objects.filter(agreement=agreement.pk, approved_on__lte=on, expires_on__gte=on)
    return rows.filter(Q(revoked_on=None) | Q(revoked_on__gt=on))


def missing(
    agreement: Agreement, municipality: UUID, *, on: date, prepared_by: str | None = None
) -> tuple[Missing, ...]:
    """What this municipality lacks in this agreement that day, in the order of ``Missing``; empty: its numbers may go.

    The legal basis is not looked at here: it is the municipality's own, seen within its scope only.
    """
    found = []
    if municipality not in {member.pk for member in live_members(agreement, on=on)}:
        found.append(Missing.MEMBERSHIP)
    papers = Document.objects.filter(agreement=agreement.pk, municipality=municipality)
    kinds = set(live(papers, on=on).values_list("kind", flat=True))
    found += [what for kind, what in PAPERS.items() if kind.value not in kinds]
    if approval(agreement, municipality, on=on, prepared_by=prepared_by) is None:
        found.append(Missing.APPROVAL)
    return tuple(found)


def missing_of_members(
    agreement: Agreement, municipalities: Sequence[UUID], *, on: date
) -> Mapping[UUID, tuple[Missing, ...]]:
    """What each of them lacks that day, as ``missing`` says it of one; three queries however many they are."""
    members = {member.pk for member in live_members(agreement, on=on)}
    kinds: dict[UUID, set[str]] = {one: set() for one in municipalities}
    papers = live(Document.objects.filter(agreement=agreement.pk, municipality__in=municipalities), on=on)
    for one, kind in papers.values_list("municipality_id", "kind"):
        kinds[one].add(kind)
    approvals = _approvals(agreement, on=on).filter(municipality__in=municipalities)
    approved = {one for one, name in approvals.values_list("municipality_id", "approved_by_name") if name.strip()}
    return {
        one: (
            *(() if one in members else (Missing.MEMBERSHIP,)),
            *(what for kind, what in PAPERS.items() if kind.value not in kinds[one]),
            *(() if one in approved else (Missing.APPROVAL,)),
        )
        for one in municipalities
    }


def papers_of(municipality: UUID) -> tuple[tuple[Agreement, tuple[Document, ...], tuple[StandingApproval, ...]], ...]:
    """The agreements that a municipality has signed, with its papers and approvals in each, the newest first."""
    signed = AgreementMember.objects.filter(municipality=municipality).select_related("agreement__region")
    documents = list(Document.objects.filter(municipality=municipality).order_by("kind", "-valid_from"))
    approvals = list(StandingApproval.objects.filter(municipality=municipality).order_by("-approved_on"))
    return tuple(
        (
            member.agreement,
            tuple(row for row in documents if row.agreement_id == member.agreement_id),
            tuple(row for row in approvals if row.agreement_id == member.agreement_id),
        )
        for member in signed.order_by("-agreement__valid_from", "id")
    )
