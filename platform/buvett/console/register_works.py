"""Work on one municipality's register, as one person: import and counts."""

import sys
import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from buvett.access.enums import Permission
from buvett.access.errors import DeclarationNeeded, NoBasis
from buvett.access.memberships import Hat
from buvett.access.registering import hat_with, import_register
from buvett.access.roles import Role
from buvett.accounts.models import User
from buvett.accounts.policies import can_sign_in
from buvett.console.requests import Answer, Request, WorkRefused
from buvett.demo import data
from buvett.releases.own_counts import own_counts
from tenants.isolation.models import Municipality
from tenants.register.importing import RefusedFile, read_mapping


def bring(request: Request) -> Answer:
    """Import a file; the answer is the report."""
    municipality, user, hat, today = _who(request, Permission.IMPORT_REGISTER, Role.CASE_WORKER)
    counted_on = request.options.get("counted_on")
    try:
        mapping = read_mapping(request.options.get("mapping") or "")
        imported = import_register(
            request.content,
            hat=hat,
            municipality=municipality,
            by=user,
            today=today,
            counted_on=date.fromisoformat(counted_on) if counted_on else today,
            synthetic_mode=settings.SYNTHETIC,
            mapping=mapping,
            dry_run=bool(request.options.get("dry_run")),
            progress=_Bar(),
        )
    except RefusedFile as refusal:
        raise WorkRefused(refusal.sentence) from None
    except DeclarationNeeded:
        raise WorkRefused("the teieplikterklæring is missing or has run out: sign it first") from None
    except NoBasis:
        raise WorkRefused("the municipality has no live legal basis for keeping cases") from None
    return {"refused": imported.refused, "report": imported.report}


def bring_all(request: Request) -> Answer:
    """Import several files, one after the other; a file that is refused does not stop the others."""
    imported, refused, start = 0, [], 0
    for told in request.options["files"]:
        content = request.content[start : start + told["size"]]
        start += told["size"]
        print(told["name"], file=sys.stderr, flush=True)
        answer = bring(Request(options={"municipality": told["municipality"]}, content=content))
        imported += answer["report"]["imported"]
        if answer["refused"]:
            refused.append(f"{told['name']} was refused: {answer['report']['message']}")
    return {"imported": imported, "refused": refused}


def counts(request: Request) -> Answer:
    """The municipality's own true counts."""
    municipality, _, hat, today = _who(request, Permission.SEE_OWN_COUNTS, Role.LOCAL_LEADER)
    counted_on = request.options.get("counted_on")
    try:
        found = own_counts(
            hat,
            code=municipality.code,
            on=today,
            counted_on=date.fromisoformat(counted_on) if counted_on else None,
        )
    except DeclarationNeeded:
        raise WorkRefused("the teieplikterklæring is missing or has run out: sign it first") from None
    except NoBasis:
        raise WorkRefused("the municipality has no live legal basis for an overview") from None
    return found.as_json()


def _who(request: Request, permission: Permission, demo_role: Role) -> tuple[Municipality, User, Hat, date]:
    """The municipality, the person, the hat that gives the right, and today in Norway."""
    today = datetime.now(ZoneInfo("Europe/Oslo")).date()
    code = str(request.options["municipality"])
    municipality = Municipality.objects.filter(code=code, valid_to=None).first()
    if municipality is None:
        raise WorkRefused(f"no municipality has the number {code}")
    email = request.options.get("user")
    if email is None:
        if not settings.SYNTHETIC:
            raise WorkRefused("--as is needed: who does this?")
        email = data.person(demo_role, code).email
    user = User.objects.filter(email=str(email).lower()).first()
    hat = hat_with(user, permission, municipality=municipality, on=today) if user and can_sign_in(user) else None
    if user is None or hat is None:
        raise WorkRefused("that person has no live role in this municipality that may do this")
    return municipality, user, hat, today


class _Bar:
    """Progress on standard error: a moving line on a terminal, a line a stage elsewhere."""

    def __init__(self) -> None:
        self._stage = ""
        self._shown = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        ended = done >= total
        if sys.stderr.isatty():
            if ended or now - self._shown > 0.1:
                width = 30 * done // max(total, 1)
                bar = "#" * width + "-" * (30 - width)
                print(f"\r{stage:8} [{bar}] {done}/{total} ", end="\n" if ended else "", file=sys.stderr, flush=True)
                self._shown = now
        elif ended or stage != self._stage:
            print(f"{stage} {done}/{total}", file=sys.stderr, flush=True)
        self._stage = stage


WORKS = {"import": bring, "registers": bring_all, "counts": counts}
