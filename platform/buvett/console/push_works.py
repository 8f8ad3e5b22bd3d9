"""Work of the push, by hand: open a period, contribute, lock and publish."""

import sys
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from buvett.agreements.models import Agreement
from buvett.agreements.queries import live_members
from buvett.console.requests import Answer, Request, WorkRefused
from buvett.releases import runs
from buvett.releases.contribute import contribute as hand_in
from buvett.releases.errors import AlreadyContributed, PeriodUsed, Waits, WrongState
from buvett.releases.lock import lock
from buvett.releases.models import Run
from buvett.releases.publish import publish as carry_out
from buvett.releases.states import State
from buvett.releases.withdraw import withdraw as take_back
from tenants.isolation.models import Municipality

OPEN_FOR = timedelta(days=14)


def open_period(request: Request) -> Answer:
    """Open the agreement's period where it is not (as the publisher)."""
    today = datetime.now(ZoneInfo("Europe/Oslo")).date()
    try:
        runs.open_run(
            _agreement(request).pk,
            by=str(request.options.get("by", "command line")).replace(" ", "-"),
            cut_off=timezone.now() + OPEN_FOR,
            counted_on=today,
        )
    except PeriodUsed:
        return {"opened": False}
    return {"opened": True}


def contribute(request: Request) -> Answer:
    """Contribute for one municipality or all members (as the contributor)."""
    run = _run(request)
    wanted = request.options.get("municipality")
    members = live_members(run.agreement, on=timezone.localdate())
    towns = [town for town in members if wanted in (None, town.code)]
    if not towns:
        raise WorkRefused(f"no member of the agreement has the number {wanted}")
    lines = []
    for position, town in enumerate(towns, start=1):
        print(f"{position}/{len(towns)} {town.name}", file=sys.stderr, flush=True)
        lines.append(f"{town.code} {town.name}: {_one(run, town)}")
    return {"lines": lines}


def publish(request: Request) -> Answer:
    """Lock and publish (as the publisher); the answer says who is waited for, or what became of it."""
    run = _run(request)
    try:
        print("locking", file=sys.stderr, flush=True)
        lock(run.pk)
        print("protecting, attacking, publishing", file=sys.stderr, flush=True)
        state = carry_out(run.pk)
    except Waits as waits:
        return {"published": False, "line": f"waiting: {waits}"}
    except WrongState as refusal:
        raise WorkRefused(str(refusal)) from None
    if state is State.PUBLISHED:
        return {"published": True, "line": f"published {run.agreement.programme} {run.period}"}
    return {"published": False, "line": "refused: the release would be too detailed"}


def withdraw(request: Request) -> Answer:
    """Withdraw the newest published release (as the publisher)."""
    found = (
        Run.objects.select_related("agreement")
        .filter(agreement__region__slug=request.options["region"], state=State.PUBLISHED.value)
        .order_by("-opened_at")
        .first()
    )
    if found is None:
        raise WorkRefused("no release of that region is published")
    reason = str(request.options["reason"]).strip()
    if not reason:
        raise WorkRefused("a release is withdrawn with a reason")
    code = request.options.get("municipality")
    member = None
    if code is not None:
        member = Municipality.objects.filter(code=code, valid_to=None).first()
        if member is None:
            raise WorkRefused(f"no municipality has the number {code}")
    try:
        take_back(found.pk, member.pk if member else None, reason=reason, by="command-line")
    except WrongState as refusal:
        raise WorkRefused(str(refusal)) from None
    return {"line": f"withdrawn {found.agreement.programme} {found.period}"}


def _one(run: Run, town: Municipality) -> str:
    try:
        hand_in(run.pk, town.pk, by="contributor")
    except AlreadyContributed:
        return "has contributed already; there is one contribution a period"
    except Waits as waits:
        return f"waits: {waits}"
    except WrongState as refusal:
        return str(refusal)
    return "contributed"


def _agreement(request: Request) -> Agreement:
    found = Agreement.objects.filter(region__slug=request.options["region"]).order_by("-valid_from").first()
    if found is None:
        raise WorkRefused("no region of that name has an agreement")
    return found


def _run(request: Request) -> Run:
    found: Any = (
        Run.objects.select_related("agreement").filter(agreement=_agreement(request)).order_by("-opened_at").first()
    )
    if found is None:
        raise WorkRefused("no period is open: contribute first")
    run: Run = found
    return run


WORKS = {"open": open_period, "contribute": contribute, "publish": publish, "withdraw": withdraw}
