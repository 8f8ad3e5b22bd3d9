"""What chief executives answer and what is remarked on a sent version: added, with name and moment, never changed.

An answer is the municipality's: it is written in its scope and told in its log. Rows are the region's own log of it.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import check_can
from buvett.plans.enums import Verdict
from buvett.plans.errors import Fault, NotToAnswer, NotWritten
from buvett.plans.models import Answer, Comment
from buvett.plans.queries import VersionDetail, version
from buvett.plans.states import State, check_may_move
from buvett.plans.writing import name_of
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.roles import current_role
from tenants.isolation.scopes import scope

LONGEST = 4000


def answer(hat: Hat | None, identifier: UUID, *, verdict: str, remark: str) -> None:
    """Answer for the municipality of the hat, once. Raises NotAllowed, NoPlan, NotWritten, NotToAnswer."""
    check_can(hat, Permission.ANSWER_PLAN)
    assert hat is not None  # noqa: S101 - no hat, no right
    found = version(identifier)
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
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
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
    version(identifier)
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise NotWritten({"text": Fault.TOO_LONG if text else Fault.EMPTY})
    told = {
        "version_id": identifier,
        "text": text,
        "written_by_id": hat.user,
        "written_by_name": name_of(hat),
        "written_at": timezone.now(),
    }
    if hat.municipality is None:
        with transaction.atomic(using=current_role().value):
            Comment.objects.create(**told)
        return
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        Comment.objects.create(municipality_id=hat.house, **told)
        record_change(Action.PLAN_COMMENTED, details={"version": str(identifier)})


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
