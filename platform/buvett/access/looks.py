"""Who has looked at one case, from the log, for whoever has the case. No content; the question is in the log first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from buvett.access.cases import case_room
from buvett.access.colleagues import names_of
from buvett.access.memberships import Hat
from buvett.accounts.models import User
from tenants.audit import reading
from tenants.audit.reading import Sought
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register.models import Case

DAYS = 90
MOST = 3000  # entries that one question opens: about 80 ms


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look: when, by whom, and what they did."""

    at: datetime
    who: str
    action: str


@dataclass(frozen=True, kw_only=True)
class LooksAt:
    """The looks at a case since a moment, newest first; lists that named it among many others are not looks."""

    looks: tuple[Look, ...]
    since: datetime


def looks_at(user: User, hat: Hat | None, *, code: str, case: UUID, on: date, now: datetime) -> LooksAt:
    """The looks of the last 90 days, or of the newest entries when there are very many.

    Raises as ``case_room``, and AuditUnavailable when the question cannot be told.
    """
    with case_room(user, hat, code=code, on=on, case=case) as worn:
        person = Case.objects.values_list("person_id", flat=True).get(municipality_id=worn.house, id=case)
    about = {str(case), str(person)}
    since = now - timedelta(days=DAYS)
    sought = Sought(since=since, until=now, looks_only=True, last=())
    sealed = reading.lines(worn.house, by=worn.user, sought=sought, most=MOST)
    with scope(worn.house, by=worn.user, purpose=Purpose.KONTROLL):
        lines = reading.opened(sealed, details={"asked_case": str(case)})
    found = [line for line in lines if about & set(_ids(line.about.get("records"))) and line.action != "cases_listed"]
    names = names_of({line.by for line in found})
    reached = sealed[-1].line.at if len(sealed) == MOST else since
    return LooksAt(
        looks=tuple(Look(at=line.at, who=names[line.by], action=line.action) for line in found), since=reached
    )


def _ids(records: object) -> list[str]:
    return list(records.get("ids", [])) if isinstance(records, dict) else []
