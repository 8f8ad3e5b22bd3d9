"""Work of the owner on regions: who belongs to one, what is agreed in it, who leaves."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.db import transaction

from anonymisation import Programme
from anonymisation.errors import AnonymisationError
from buvett.agreements import actions, queries
from buvett.agreements.errors import AgreementRefused
from buvett.agreements.models import Agreement, AgreementMember, Region, RegionMember
from buvett.console.requests import Answer, Request, WorkRefused
from tenants.isolation.models import Municipality


def region(request: Request) -> Answer:
    """A region with these municipalities, from a day; those that are in it stay as they are. All of it or nothing."""
    slug, name = str(request.options["slug"]), str(request.options["name"]).strip()
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", slug):
        raise WorkRefused("a region's short name has a–z, 0–9 and hyphens, at most 40, and begins with a letter")
    if not name or len(name) > Region._meta.get_field("name").max_length:
        raise WorkRefused("a region has a name, not too long")
    since = date.fromisoformat(request.options["since"])
    members = _municipalities(request.options["municipalities"])
    with transaction.atomic():
        lines = [] if Region.objects.filter(slug=slug).exists() else [f"region {slug}"]
        made = actions.make_region(slug=slug, name=name)
        if made.name != name:
            raise WorkRefused(f"the region {slug} is called {made.name}")
        within = set(RegionMember.objects.filter(region=made, valid_to=None).values_list("municipality_id", flat=True))
        for member in members:
            if member.pk not in within:
                actions.join_region(made, member, since=since)
                lines.append(f"{member.code} {member.name} is in {slug} from {since}")
    return {"lines": lines}


def agreement(request: Request) -> Answer:
    """An agreement on one version of a programme, signed by these municipalities or by all of the region's.

    A programme that is agreed on already gets more members, and the last day that is asked for.
    """
    found = _region(request)
    since, until = _day(request, "since"), _day(request, "until")
    assert since is not None  # noqa: S101 - the parser asks for it
    text = _text(request.content)
    programme = _programme(text)
    members = _signers(found, request.options["municipalities"], on=since)
    foreign = [member.code for member in members if member.code not in programme.contributors]
    if foreign:
        raise WorkRefused(f"the programme's contributors do not include {', '.join(foreign)}")
    with transaction.atomic():
        _check_only_version(found, programme, on=since)
        lines = []
        try:
            made = actions.make_agreement(
                found, programme=programme.id, text=text, sha256=programme.sha256, since=since, until=until
            )
            actions.check_dates(made.valid_from, until)
        except AgreementRefused as refusal:
            raise WorkRefused(str(refusal)) from None
        if until is not None and made.valid_to != until:
            made.valid_to = until
            made.save(update_fields=["valid_to"])
            lines.append(f"{programme.id} in {found.slug} has its last day on {until}")
        signed = set(AgreementMember.objects.filter(agreement=made).values_list("municipality_id", flat=True))
        for member in members:
            if member.pk not in signed:
                actions.sign(made, member, since=since)
                lines.append(f"{member.code} {member.name} has signed {programme.id}")
    return {"lines": lines}


def leave(request: Request) -> Answer:
    """A municipality leaves a region and every agreement in it; releases no longer wait for it after the last day."""
    found = _region(request)
    (member,) = _municipalities([request.options["municipality"]])
    last = _day(request, "last_day")
    assert last is not None  # noqa: S101 - the parser asks for it
    with transaction.atomic():
        within = RegionMember.objects.filter(region=found, municipality=member, valid_to=None)
        signed = AgreementMember.objects.filter(agreement__region=found, municipality=member, valid_to=None)
        if not within.exists():
            raise WorkRefused(f"{member.code} is not in the region {found.slug}, or its last day is set")
        for row in (*within, *signed):
            if last < row.valid_from:
                raise WorkRefused("the last day is before the first")
        within.update(valid_to=last)
        signed.update(valid_to=last)
    return {"lines": [f"{member.code} {member.name} is in {found.slug} until {last}"]}


def _region(request: Request) -> Region:
    slug = str(request.options["region"])
    found = Region.objects.filter(slug=slug).first()
    if found is None:
        raise WorkRefused(f"there is no region {slug}; make it with buvett region")
    return found


def _municipalities(codes: Sequence[str]) -> tuple[Municipality, ...]:
    live = {row.code: row for row in Municipality.objects.filter(code__in=codes, valid_to=None)}
    for code in codes:
        if code not in live:
            raise WorkRefused(f"no municipality has the number {code}; make it with buvett municipality")
    return tuple(live[code] for code in dict.fromkeys(codes))


def _signers(region: Region, codes: Sequence[str], *, on: date) -> tuple[Municipality, ...]:
    """Those with these numbers, or all; each belongs to the region from the agreement's first day."""
    within = queries.region_members(region.pk, on=on)
    if not codes:
        if not within:
            raise WorkRefused(f"no municipality is in {region.slug} on {on}")
        return within
    wanted = _municipalities(codes)
    for one in wanted:
        if one not in within:
            raise WorkRefused(f"{one.code} is not in {region.slug} on {on}")
    return wanted


def _check_only_version(region: Region, programme: Programme, *, on: date) -> None:
    """One version of a programme at a time: of two, nobody could say which numbers are meant."""
    others = Agreement.objects.filter(region=region, programme=programme.id).exclude(programme_sha256=programme.sha256)
    if queries.live(others, on=max(on, datetime.now(UTC).date())).exists():
        raise WorkRefused(
            f"another version of {programme.id} is in force in {region.slug}: give that file with --until first"
        )


def _day(request: Request, name: str) -> date | None:
    told = request.options.get(name)
    return date.fromisoformat(told) if told else None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise WorkRefused("the programme is not UTF-8") from None


def _programme(text: str) -> Programme:
    try:
        return Programme.parse(text)
    except AnonymisationError as error:
        raise WorkRefused(f"the programme is not one: {error}") from None


WORKS = {"region": region, "agreement": agreement, "leave": leave}
