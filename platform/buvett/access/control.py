"""What the data protection officer sees: who looked at what and when, and never what it was.

Names of colleagues, references of cases, times; no fact about a person who is registered, no name of one. Opening the
sealed part of the log is itself told in it first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.models import Membership
from buvett.access.policies import check_can_in
from buvett.accounts.models import User
from tenants.audit import reading
from tenants.audit.enums import Action
from tenants.audit.reading import Line, Sought
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import declarations, heimel
from tenants.legal.models import Declaration, Heimel
from tenants.register.models import Case

PER_PAGE = 50
MOST_SEARCHED = 3000  # entries that one search opens: more takes a shorter period
LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)  # beyond them lies no entry, and at last no moment
LOCAL = ZoneInfo("Europe/Oslo")

# Looks that rest on a grant, a count that rests on the agreement, and reading this log. Anything else, an action that
# is not known here included, is shown first: nobody was assigned it.
ORDINARY = frozenset(
    {
        Action.CASE_OPENED,
        Action.CASE_CHANGED,
        Action.CASES_LISTED,
        Action.DRAFT_OPENED,
        Action.IMPORT_OPENED,
        Action.COLUMN_NAMES_READ,
        Action.CASES_COUNTED,
        Action.OWN_COUNTS_SEEN,
        Action.CONTRIBUTION_SEALED,
        Action.LOG_READ,
    }
)


SIGN_INS = frozenset(
    {
        Action.SIGNED_IN,
        Action.RECOVERY_CODE_USED,
        Action.SIGN_IN_FAILED,
        Action.SIGN_IN_SHUT,
        Action.SIGNED_OUT_EVERYWHERE,
    }
)


class Kind(StrEnum):
    """Which entries are shown."""

    LOOKS = "looks"
    SIGN_INS = "sign_ins"
    ALL = "all"


class PeriodTooLong(ValueError):
    """A search would open too many entries: choose a shorter period."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the officer asks for. ``case``: the beginning of a case's reference; ``until`` is the last day."""

    since: date
    until: date
    person: UUID | None = None
    case: str = ""
    kind: Kind = Kind.LOOKS

    @property
    def searches(self) -> bool:
        return self.person is not None or bool(self.case)


@dataclass(frozen=True, kw_only=True)
class Look:
    """One entry as the officer reads it. ``others``: records beyond those named, by number."""

    at: datetime
    action: str
    purpose: str
    unassigned: bool
    who: str
    cases: tuple[str, ...]
    others: int
    about: tuple[str, ...]  # names of colleagues that it is about, whoever did it left out
    how: str  # of a sign-in: by which factor, or what was wrong


@dataclass(frozen=True, kw_only=True)
class Looks:
    """One page of the log. ``total``: entries in all that were asked for."""

    lines: tuple[Look, ...]
    total: int
    people: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, kw_only=True)
class Papers:
    """Declarations of everyone who has worked here, and the legal bases."""

    declarations: tuple[tuple[str, Declaration], ...]
    bases: tuple[Heimel, ...]


def looks(hat: Hat | None, *, code: str, wanted: Filter, page: int) -> Looks:
    """One page, the unassigned first, then the newest. The number of queries does not depend on the entries'.

    Raises NotHere, NotAllowed, PeriodTooLong, AuditUnavailable.
    """
    hat = check_can_in(hat, Permission.READ_LOG, code=code)
    sought = Sought(
        since=_midnight(wanted.since),
        until=_midnight(wanted.until + timedelta(days=1)),
        looks_only=wanted.kind is Kind.LOOKS,
        only=SIGN_INS if wanted.kind is Kind.SIGN_INS else (),
        last=ORDINARY | SIGN_INS if wanted.kind is Kind.SIGN_INS else ORDINARY,
    )
    total = reading.count(hat.house, by=hat.user, sought=sought)
    start = (max(page, 1) - 1) * PER_PAGE
    if wanted.searches and total > MOST_SEARCHED:
        raise PeriodTooLong(f"{total} entries are too many to search at once")
    at, most = (0, MOST_SEARCHED) if wanted.searches else (start, PER_PAGE)
    sealed = reading.lines(hat.house, by=hat.user, sought=sought, at=at, most=most)
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        lines: Sequence[Line] = reading.opened(sealed, details=_asked(wanted))
        case_of = _cases(lines)
    if wanted.searches:
        found = [line for line in lines if _fits(line, wanted, case_of)]
        total, lines = len(found), found[start : start + PER_PAGE]
    names = _names(hat.house, lines)
    return Looks(
        lines=tuple(_look(line, case_of, names) for line in lines),
        total=total,
        people=tuple(sorted(_colleagues(hat.house), key=lambda person: person[1])),
    )


def papers(hat: Hat | None, *, code: str) -> Papers:
    """Declarations, newest first for each person, and legal bases by purpose. Raises NotHere or NotAllowed."""
    hat = check_can_in(hat, Permission.SEE_PAPERS, code=code)
    with scope(hat.house, by=hat.user, purpose=Purpose.KONTROLL):
        signed, bases = declarations.all_of_house(), heimel.all_of_house()
    names = dict(User.objects.filter(pk__in={row.user for row in signed}).values_list("pk", "name"))
    rows = [(names.get(row.user, str(row.user)), row) for row in signed]
    return Papers(declarations=tuple(sorted(rows, key=lambda pair: pair[0])), bases=bases)


def reference(case: UUID | str) -> str:
    """How a case is named to people: the first eight digits of its identifier."""
    return str(case)[:8]


def check_filter(wanted: Filter) -> None:
    """Raise ValueError where the days cannot be."""
    if not (EARLIEST <= wanted.since <= wanted.until <= LATEST and wanted.until - wanted.since <= LONGEST):
        raise ValueError("the last day must be the first or later, and at most a year after it")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LOCAL).astimezone(UTC)


def _asked(wanted: Filter) -> dict[str, Any]:
    return {
        "from": str(wanted.since),
        "to": str(wanted.until),
        "asked_person": str(wanted.person or ""),
        "asked_case": wanted.case,
    }


def _records(line: Line) -> list[str]:
    """Identifiers that the entry names: of a look, or of the one case that a change is about."""
    if line.action == Action.LOG_READ:  # it names entries, not cases
        return []
    records = line.about.get("records")
    named = list(records.get("ids", [])) if isinstance(records, Mapping) else []
    return [name for name in (*named, line.about.get("case")) if _is_uuid(name)]


def _cases(lines: Sequence[Line]) -> dict[str, str]:
    """Identifier of a case or of its person → the case's own, for what the lines name. One query; no fact is read."""
    named = {record for line in lines for record in _records(line)}
    rows = Case.objects.filter(Q(pk__in=named) | Q(person_id__in=named)).values_list("pk", "person_id")
    found = {}
    for case, person in rows:
        found[str(case)] = found[str(person)] = str(case)
    return found


def _fits(line: Line, wanted: Filter, case_of: Mapping[str, str]) -> bool:
    whose = {line.by, str(line.about.get("account"))} if line.action in SIGN_INS else {line.by}
    if wanted.person is not None and str(wanted.person) not in whose:
        return False
    return not wanted.case or any(case.startswith(wanted.case) for case in _cases_of(line, case_of))


def _cases_of(line: Line, case_of: Mapping[str, str]) -> set[str]:
    """The cases that the entry names; those that are gone are named by what is left of them."""
    return {case_of.get(record, record) for record in _records(line)}


def _names(house: UUID, lines: Sequence[Line]) -> dict[str, str]:
    """Identifier → name of the colleagues in the lines. One query."""
    named = {value for line in lines for value in (line.by, *_people_in(line)) if _is_uuid(value)}
    return {str(pk): name for pk, name in User.objects.filter(pk__in=named).values_list("pk", "name")}


def _people_in(line: Line) -> list[str]:
    return [str(line.about[key]) for key in ("account", "to") if _is_uuid(line.about.get(key))]


def _colleagues(house: UUID) -> Collection[tuple[UUID, str]]:
    """Everyone who has or had a role in the house."""
    rows = Membership.objects.filter(municipality=house).values_list("user", "user__name")
    return set(rows)


def _look(line: Line, case_of: Mapping[str, str], names: Mapping[str, str]) -> Look:
    records = line.about.get("records")
    others = int(records.get("count", 0)) if isinstance(records, Mapping) and line.action != Action.LOG_READ else 0
    return Look(
        at=line.at,
        action=line.action,
        purpose=line.purpose,
        unassigned=line.first and (line.intent or line.action == Action.ACCESS_REFUSED),
        who=names.get(line.by, line.by),
        cases=tuple(sorted(reference(case) for case in _cases_of(line, case_of))),
        others=others,
        about=tuple(names.get(person, person) for person in _people_in(line) if _is_told(person, line)),
        how=str(line.about.get("factor") or line.about.get("what") or "") if line.action in SIGN_INS else "",
    )


def _is_told(person: str, line: Line) -> bool:
    """Whoever does something to themself is named once; but for access, which a leader may give themself."""
    return person != line.by or line.action == Action.GRANT_GIVEN


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
