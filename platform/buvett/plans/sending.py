"""The project leader sends the draft as it stands: frozen, numbered, hashed, to the chief executives."""

import hashlib
from typing import Any
from uuid import UUID

import rfc8785
from django.utils import timezone

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.agreements.queries import region_members
from buvett.plans.drafts import Draft, DraftMeasure, read
from buvett.plans.errors import Changed, Fault, NoPlan, NotWritten
from buvett.plans.models import Plan, Version
from buvett.plans.regions import own_region, told_to_region
from buvett.plans.writing import name_of
from buvett.releases import queries
from tenants.audit.enums import Action

FORMAT = "buvett/plan/1"
LONGEST = 300_000
"""Characters of all that a version says: a paper of some hundred pages, made in less than a second."""


def send(hat: Hat | None, plan: UUID, *, revision: int) -> UUID:
    """Freeze the draft that was read (``revision``) as the next version. Returns the version's id.

    Raises NotAllowed, NoPlan, Changed when the draft is newer, NotWritten when it is too long for a paper.
    Whoever belongs to the region that day is asked, and has it in the own log.
    """
    with own_region(hat, Permission.SEND_PLAN) as worn:
        row, text = _ready(plan, revision=revision)
    # What can be refused is refused before any log tells of it; then once more, with the draft held.
    with told_to_region(worn, Action.PLAN_SENT, region=row.region_id, details={"plan": str(plan)}):
        row, text = _ready(plan, revision=revision)
        version = Version.objects.create(
            plan=row,
            region=row.region,
            number=Version.objects.filter(plan=row).count() + 1,
            body=text.decode(),
            sha256=hashlib.sha256(text).hexdigest(),
            sent_by_id=worn.user,
            sent_by_name=name_of(worn),
            sent_at=timezone.now(),  # the database's own clock has the last word
        )
    return version.pk


def _ready(plan: UUID, *, revision: int) -> tuple[Plan, bytes]:
    """The draft, held until the transaction ends, and the bytes of its next version."""
    row = Plan.objects.select_for_update(of=("self",)).select_related("region").filter(pk=plan).first()
    if row is None:
        raise NoPlan("no such plan")
    if row.revision != revision:
        raise Changed("the draft has been changed since it was read")
    text = rfc8785.dumps(frozen(read(row), number=Version.objects.filter(plan=row).count() + 1))
    if len(text) > LONGEST:
        raise NotWritten({"": Fault.TOO_LONG})
    return row, text


def frozen(draft: Draft, *, number: int) -> dict[str, Any]:
    """A version's body: everything that a reader sees, and the releases that it rests on."""
    asked = region_members(draft.region_id, on=timezone.localdate())
    rests_on = dict.fromkeys(measure.number.release for measure in draft.measures if measure.number)
    return {
        "format": FORMAT,
        "plan": str(draft.id),
        "region": draft.region,
        "region_name": draft.region_name,
        "number": number,
        "title": draft.title,
        "asks": draft.asks,
        "asked": [{"code": member.code, "name": member.name} for member in asked],
        "chapters": [
            {"id": str(chapter.id), "heading": chapter.heading, "text": chapter.text} for chapter in draft.chapters
        ],
        "measures": [_measure(measure) for measure in draft.measures],
        "releases": [_release(identifier) for identifier in rests_on],
    }


def _measure(measure: DraftMeasure) -> dict[str, Any]:
    return {
        "id": str(measure.id),
        "title": measure.title,
        "text": measure.text,
        "reach": measure.reach.value,
        "owner": measure.owner,
        "due": measure.due.isoformat() if measure.due else None,
        "number": measure.number.as_json() if measure.number else None,
    }


def _release(identifier: UUID) -> dict[str, Any]:
    release = queries.release(identifier)
    return {
        "id": str(release.id),
        "sha256": release.sha256,
        "programme": release.programme,
        "period": release.period,
        "revision": release.revision,
        "counted_on": release.counted_on.isoformat(),
        "published_at": release.published_at.isoformat(),
        "contributors": list(release.contributors),
        "waiting": list(release.waiting),
    }
