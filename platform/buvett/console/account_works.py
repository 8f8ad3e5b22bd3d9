"""Accounts at the console (as the web process): the first leader of a municipality, and the second hand of a reset."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from buvett.access import founding, resets
from buvett.access.errors import MembershipRefused, NotHere
from buvett.access.members import Wanted
from buvett.access.roles import Role
from buvett.accounts.invitations import Link
from buvett.accounts.models import User
from buvett.agreements.models import Region
from buvett.console.requests import Answer, Request, WorkRefused
from tenants.isolation.models import Municipality

YEAR = timedelta(days=365)
WHY = {
    "role": "the role is one of local_leader (with a municipality), project_leader (of a region) and operations",
    "region": "a project_leader works in a region, the other roles are given without --region",
    "dates": "the last day is between today and two years from now",
    "has_leader": "the municipality has a leader who signs in: the leader invites others",
    "already": "that person has the role already",
    "demo": "that person is invented and signs in with one click",
    "signs_in": "that person has a password already: the role was not given",
    "twice": "the console has taken part in that reset already",
}


def create(request: Request) -> Answer:
    """Invite a municipality's first leader, or someone with a role of the region."""
    today = _today()
    email, name = str(request.options["email"]).strip().lower(), str(request.options["name"]).strip()
    try:
        validate_email(email)
    except ValidationError:
        raise WorkRefused("--email is no e-mail address") from None
    if not name or len(name) > 120:
        raise WorkRefused("--name is 1 to 120 characters")
    try:
        role = Role(str(request.options["role"]))
    except ValueError:
        raise WorkRefused(WHY["role"]) from None
    code = request.options.get("municipality")
    municipality = Municipality.objects.filter(code=str(code), valid_to=None).first() if code else None
    if code and municipality is None:
        raise WorkRefused(f"no municipality has the number {code}")
    until = request.options.get("until")
    region = _region(request.options.get("region"), role)
    wanted = Wanted(
        role=role,
        since=today,
        until=date.fromisoformat(until) if until else today + YEAR,
        region=region.pk if region else None,
    )
    try:
        link = founding.found(email=email, name=name, municipality=municipality, wanted=wanted, on=today)
    except MembershipRefused as refusal:
        raise WorkRefused(WHY[refusal.why]) from None
    place = municipality or region
    return _answer(link, f"{name} is invited as {role.value}" + (f" of {place.name}" if place else ""))


def reset(request: Request) -> Answer:
    """Take part in a reset that someone with the right has asked for."""
    person = User.objects.filter(email=str(request.options["email"]).strip().lower()).first()
    if person is None:
        raise WorkRefused("nobody has that e-mail address")
    try:
        outcome = resets.confirm_at_console(person, on=_today())
    except NotHere:
        raise WorkRefused("nobody with the right has asked to let that person in anew") from None
    except MembershipRefused as refusal:
        raise WorkRefused(WHY[refusal.why]) from None
    if outcome.link is None:
        return {"path": "", "line": "noted; someone in each other municipality of that person has to confirm too"}
    return _answer(outcome.link, "that person is shut out until the link is used")


def _answer(link: Link, line: str) -> Answer:
    expires = link.expires_at.astimezone(ZoneInfo("Europe/Oslo"))
    return {"path": f"/invitation/{link.token}/", "expires": f"{expires:%Y-%m-%d %H:%M}", "line": line}


def _region(slug: object, role: Role) -> Region | None:
    """The region that is named; for a role of the region the only one there is. Raises WorkRefused."""
    regions = {region.slug: region for region in Region.objects.order_by("slug")}
    if slug:
        if str(slug) not in regions:
            raise WorkRefused(f"no region is named so; there are: {', '.join(regions) or 'none'}")
        return regions[str(slug)]
    if role not in founding.OF_REGION:
        return None
    if len(regions) != 1:
        raise WorkRefused(f"say of which region with --region; there are: {', '.join(regions) or 'none'}")
    return next(iter(regions.values()))


def _today() -> date:
    return datetime.now(ZoneInfo("Europe/Oslo")).date()


WORKS = {"admin_create": create, "admin_reset": reset}
