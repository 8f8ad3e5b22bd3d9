"""Making regions, agreements and the papers that they rest on.

Regions and agreements are set up by the owner (command line, demo). A municipality's own papers and approvals are
written within its scope: the database refuses them elsewhere.
"""

from datetime import date

from buvett.access.enums import Permission
from buvett.access.memberships import hats_of
from buvett.access.policies import can_in
from buvett.accounts.models import User
from buvett.agreements.errors import AgreementRefused, ApprovalRefused
from buvett.agreements.models import (
    Agreement,
    AgreementMember,
    Document,
    Region,
    RegionMember,
    StandingApproval,
)
from tenants.isolation.models import Municipality


def make_region(*, slug: str, name: str) -> Region:
    """The region of that slug, made if it is not there."""
    region, _ = Region.objects.get_or_create(slug=slug, defaults={"name": name})
    return region


def join_region(region: Region, municipality: Municipality, *, since: date, until: date | None = None) -> RegionMember:
    """A dated membership; the same call again changes nothing."""
    check_dates(since, until)
    member, _ = RegionMember.objects.get_or_create(
        region=region, municipality=municipality, valid_from=since, defaults={"valid_to": until}
    )
    return member


def make_agreement(
    region: Region, *, programme: str, text: str, sha256: str, since: date, until: date | None = None
) -> Agreement:
    """An agreement on one version of a programme. Raises AgreementRefused when that version has other text."""
    check_dates(since, until)
    agreement, _ = Agreement.objects.get_or_create(
        region=region,
        programme=programme,
        programme_sha256=sha256,
        defaults={"programme_text": text, "valid_from": since, "valid_to": until},
    )
    return agreement


def sign(
    agreement: Agreement, municipality: Municipality, *, since: date, until: date | None = None
) -> AgreementMember:
    """The municipality's signature; once per agreement."""
    check_dates(since, until)
    member, _ = AgreementMember.objects.get_or_create(
        agreement=agreement, municipality=municipality, defaults={"valid_from": since, "valid_to": until}
    )
    return member


def leave(agreement: Agreement, municipality: Municipality, *, last_day: date) -> None:
    """End the municipality's membership: releases no longer wait for it."""
    member = AgreementMember.objects.get(agreement=agreement, municipality=municipality)
    check_dates(member.valid_from, last_day)
    member.valid_to = last_day
    member.save(update_fields=["valid_to"])


def file_document(
    agreement: Agreement, municipality: Municipality, *, kind: Document.Kind, reference: str, since: date, until: date
) -> Document:
    """A paper that the agreement rests on (processor agreement, DPIA), with its last day."""
    check_dates(since, until)
    document, _ = Document.objects.get_or_create(
        agreement=agreement,
        municipality=municipality,
        kind=kind,
        valid_from=since,
        defaults={"reference": reference, "valid_to": until},
    )
    return document


def approve(agreement: Agreement, municipality: Municipality, *, by: User, on: date, until: date) -> StandingApproval:
    """A standing approval by a named leader of that municipality, until a day.

    Raises ApprovalRefused when ``by`` has no name, or no live role there that may approve.
    """
    if until < on:
        raise ApprovalRefused("a standing approval ends after it begins")
    if not by.name.strip():
        raise ApprovalRefused("a standing approval names a person")
    hats = hats_of(by.pk, on=on)
    if not any(can_in(hat, Permission.APPROVE_CONTRIBUTION, municipality=municipality.pk) for hat in hats):
        raise ApprovalRefused("only a leader of that municipality approves what it contributes")
    approval, _ = StandingApproval.objects.get_or_create(
        agreement=agreement,
        municipality=municipality,
        approved_on=on,
        revoked_on=None,
        defaults={"approved_by": by, "approved_by_name": by.name, "expires_on": until},
    )
    return approval


def revoke(approval: StandingApproval, *, on: date) -> None:
    """Take a standing approval back from that day; releases wait until there is another."""
    if approval.revoked_on is None:
        approval.revoked_on = on
        approval.save(update_fields=["revoked_on"])


def check_dates(since: date, until: date | None) -> None:
    """Raise AgreementRefused when the last day is before the first."""
    if until is not None and until < since:
        raise AgreementRefused("the last day is before the first")
