"""What chief executives answer and what is remarked on a sent version: added, with name and moment, never changed.

An answer is the municipality's: it is written in its scope and the region's, and told in its log. A comment by someone
without a municipality is the region's, and told in the log of each that belongs to it.
"""

from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import check_can
from buvett.plans.enums import Verdict
from buvett.plans.errors import Fault, NotToAnswer, NotWritten
from buvett.plans.models import Answer, Comment
from buvett.plans.queries import VersionDetail, version
from buvett.plans.regions import told_to_region
from buvett.plans.states import State, check_may_move
from buvett.plans.writing import name_of
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.regions import region_scope
from tenants.isolation.scopes import scope

LONGEST = 4000


def answer(hat: Hat | None, identifier: UUID, *, verdict: str, remark: str) -> None:
    """Answer for the municipality of the hat, once. Raises NotAllowed, NoPlan, NotWritten, NotToAnswer."""
    check_can(hat, Permission.ANSWER_PLAN)
    assert hat is not None  # noqa: S101 - no hat, no right
    found = version(hat, identifier)
    check_may_answer(found, hat)
    remark = remark.strip()
    faults = {}
    if verdict not in set(Verdict):
        faults["verdict"] = Fault.NO_CHOICE
    if verdict == Verdict.SENDS_BACK and not remark:
        faults["remark"] = Fault.EMPTY
    if len(remark) > LONGEST:
        faults["remark"] = Fault.TOO_LONG
    if faults:
        raise NotWritten(faults)
    with (
        scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL),
        region_scope(found.region_id, by=hat.user),
    ):
        given = Answer(
            version_id=identifier,
            municipality_id=hat.house,
            verdict=verdict,
            remark=remark,
            answered_by_id=hat.user,
            answered_by_name=name_of(hat),
            answered_at=timezone.now(),
        )
        try:
            given.save(force_insert=True)
        except IntegrityError:  # a colleague answered, or a newer version was sent, at this very moment
            raise NotToAnswer("this municipality has answered, or there is a newer version") from None
        record_change(
            Action.PLAN_ANSWERED,
            details={"version": str(identifier), "sha256": found.sha256, "verdict": verdict},
        )


def comment(hat: Hat | None, identifier: UUID, *, text: str) -> None:
    """Remark on a version, for everyone who may read it. Raises NotAllowed, NoPlan, NotWritten."""
    check_can(hat, Permission.COMMENT_PLAN)
    assert hat is not None  # noqa: S101 - no hat, no right
    found = version(hat, identifier)
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise NotWritten({"text": Fault.TOO_LONG if text else Fault.EMPTY})
    remark = Comment(
        version_id=identifier,
        municipality_id=hat.municipality,
        text=text,
        written_by_id=hat.user,
        written_by_name=name_of(hat),
        written_at=timezone.now(),
    )
    details = {"version": str(identifier), "comment": str(remark.pk)}
    if hat.municipality is None:
        with told_to_region(hat, Action.PLAN_COMMENTED, region=found.region_id, details=details):
            remark.save(force_insert=True)
        return
    with (
        scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL),
        region_scope(found.region_id, by=hat.user),
    ):
        remark.save(force_insert=True)
        record_change(Action.PLAN_COMMENTED, details=details)


def can_answer(found: VersionDetail, hat: Hat | None) -> bool:
    """Whether the hat's municipality may answer this version now."""
    try:
        check_may_answer(found, hat)
    except NotToAnswer:
        return False
    return True


def check_may_answer(found: VersionDetail, hat: Hat | None) -> None:
    """Raise NotToAnswer when not."""
    code = hat.code if hat else ""
    check_may_move(found.state, State.ANSWERED, verb="answer")
    if code not in {asked.code for asked in found.asked} or code in {given.code for given in found.answers}:
        raise NotToAnswer("this municipality is not asked, or has answered")
