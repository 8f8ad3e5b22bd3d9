"""Who has which cases, for the leader who gives them: people, numbers, references. No fact about anyone registered.

A case is *with nobody* when no one who works here today has a grant on it: whoever had it has left, or their role has
run out. Someone whose declaration has run out still has their cases: signing is up to them, and the page says so.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connections
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from buvett.access.control import reference
from buvett.access.enums import Permission
from buvett.access.errors import NotHere
from buvett.access.grants import all_rows, rows_of
from buvett.access.memberships import Hat, seeing_cases, unended
from buvett.access.models import Membership
from buvett.access.policies import check_can_in, check_can_work_with_cases
from buvett.access.roles import Role
from tenants.isolation.enums import Purpose
from tenants.isolation.roles import current_role
from tenants.isolation.scopes import current_scope, scope
from tenants.legal import declarations
from tenants.register.models import Case
from tenants.vault.models import RecordSalt

SHORTEST, LONGEST = 4, 32  # digits of a case reference that is searched for


@dataclass(frozen=True, kw_only=True)
class Holder:
    """One person and their cases. ``alone``: cases that nobody else who works here has.

    ``roles`` is empty for whoever is no longer here; ``declared``: has signed, so can open them today.
    """

    user: UUID
    name: str
    roles: tuple[Role, ...]
    cases: int
    alone: int
    declared: bool
    own: bool

    @property
    def here(self) -> bool:
        return bool(self.roles)


@dataclass(frozen=True, kw_only=True)
class Holders:
    """Everyone who sees cases here, and those who no longer do but had some; ``nobody``: cases without anyone."""

    here: tuple[Holder, ...]
    gone: tuple[Holder, ...]
    nobody: int
    cases: int

    def of(self, user: UUID) -> Holder | None:
        return next((holder for holder in (*self.here, *self.gone) if holder.user == user), None)


@dataclass(frozen=True, kw_only=True)
class HeldCase:
    """A case by its reference and the month of its last change; the names of others who have it, or had it."""

    id: UUID
    changed_month: date
    others: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        return reference(self.id)


@dataclass(frozen=True, kw_only=True)
class HeldCases:
    """All cases of one person, or with nobody: ``ids`` in order, and a fingerprint of which they are."""

    rows: tuple[tuple[UUID, date], ...]

    @property
    def ids(self) -> tuple[UUID, ...]:
        return tuple(case for case, _ in self.rows)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.ids)


@contextmanager
def granting_room(hat: Hat | None, *, code: str, on: date, changing: bool = False) -> Iterator[Hat]:
    """The scope for giving access in the municipality ``code``: the right, a declaration and a legal basis.

    ``changing``: one at a time in a municipality, so that what was looked at is what is changed. Raises NotHere,
    NotAllowed, DeclarationNeeded, NoBasis, in this order.
    """
    hat = check_can_in(hat, Permission.GRANT_CASES, code=code)
    with scope(hat.house, by=hat.user, purpose=Purpose.SAK):
        check_can_work_with_cases(hat, on=on)
        if changing:
            with connections[current_role().value].cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"grants:{hat.house}"])
        yield hat


def holders_of(hat: Hat, *, on: date) -> Holders:
    """Everyone with their numbers, by name. Inside ``granting_room``. As many queries for one as for all."""
    roles: dict[UUID, list[Role]] = {}
    names: dict[UUID, str] = {}
    for row in readers(on=on).select_related("user").order_by("role"):
        roles.setdefault(row.user_id, []).append(Role(row.role))
        names[row.user_id] = row.user.name
    others = all_rows().filter(content_object_id=OuterRef("content_object_id"), user__in=list(roles))
    counted = (
        all_rows()
        .filter(content_object__in=live_cases())
        .annotate(shared=Exists(others.exclude(user=OuterRef("user"))))
        .values("user", "user__name")
        .annotate(cases=Count("id"), alone=Count("id", filter=Q(shared=False)))
    )
    numbers = {row["user"]: (row["cases"], row["alone"]) for row in counted}
    names |= {row["user"]: row["user__name"] for row in counted}
    declared = declarations.valid_until(list(roles), on=on)
    made = [
        Holder(
            user=user,
            name=name,
            roles=tuple(roles.get(user, ())),
            cases=numbers.get(user, (0, 0))[0],
            alone=numbers.get(user, (0, 0))[1],
            declared=user in declared,
            own=user == hat.user,
        )
        for user, name in sorted(names.items(), key=lambda named: (named[1], named[0]))
    ]
    return Holders(
        here=tuple(holder for holder in made if holder.here),
        gone=tuple(holder for holder in made if not holder.here),
        nobody=with_nobody(roles).count(),
        cases=live_cases().count(),
    )


def cases_of(user: UUID | None, *, on: date) -> HeldCases:
    """The person's cases (None: those with nobody), the ones changed last first. Inside ``granting_room``.

    A person who has none and does not work here is not told from one who never was: the page answers NotHere.
    """
    if user is None:
        rows = with_nobody(readers(on=on).values_list("user", flat=True))
    else:
        rows = live_cases().filter(id__in=rows_of(user).values("content_object_id"))
    return HeldCases(rows=tuple(rows.order_by("-changed_month", "id").values_list("id", "changed_month")))


def told(rows: Collection[tuple[UUID, date]], *, of: UUID | None, on: date) -> tuple[HeldCase, ...]:
    """Those cases with the names of others: who else works here and has it; for nobody's, who had it. Two queries."""
    here = set(readers(on=on).values_list("user", flat=True))
    grants = all_rows().filter(content_object_id__in=[case for case, _ in rows]).exclude(user=of)
    names: dict[UUID, list[str]] = {}
    for case, user, name in grants.order_by("user__name").values_list("content_object_id", "user", "user__name"):
        if of is None or user in here:
            names.setdefault(case, []).append(name)
    return tuple(HeldCase(id=case, changed_month=month, others=tuple(names.get(case, ()))) for case, month in rows)


def holding(case: UUID) -> frozenset[UUID]:
    """Everyone with a grant on the case, also those no longer here. Raises NotHere where there is no such case."""
    if not live_cases().filter(id=case).exists():
        raise NotHere("no such case in this municipality")
    return frozenset(all_rows().filter(content_object_id=case).values_list("user", flat=True))


def cases_by_reference(text: str) -> tuple[UUID, ...]:
    """The cases whose identifier begins so (a reference is its first eight characters); at most two. One query."""
    digits = text.strip().lower().replace("-", "")
    if not SHORTEST <= len(digits) <= LONGEST or set(digits) - set("0123456789abcdef"):
        return ()
    first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
    return tuple(live_cases().filter(id__range=(first, last)).order_by("id").values_list("id", flat=True)[:2])


def readers(*, on: date) -> QuerySet[Membership]:
    """Roles that let someone see cases here on that day. Inside the municipality's scope."""
    live = unended(on=on).filter(valid_from__lte=on, user__is_active=True)
    return seeing_cases(live, municipality=current_scope().municipality)


def live_cases() -> QuerySet[Case]:
    """The municipality's cases that have not been shredded (an import that was undone leaves such rows)."""
    salts = RecordSalt.objects.filter(municipality_id=OuterRef("municipality_id"), id=OuterRef("id"))
    return Case.objects.filter(Exists(salts), municipality_id=current_scope().municipality)


def with_nobody(here: Collection[UUID] | QuerySet[Membership, UUID]) -> QuerySet[Case]:
    """The cases that none of those people has."""
    grants = all_rows().filter(content_object_id=OuterRef("id"), user__in=here)
    return live_cases().exclude(Exists(grants))


def fingerprint(cases: Collection[UUID]) -> str:
    """Which cases a list held, in 64 characters; their order does not matter."""
    return hashlib.sha256("\n".join(sorted(map(str, cases))).encode()).hexdigest()


def person_named(user: UUID, *, on: date) -> str:
    """The name of someone who sees cases here, or had some. Raises NotHere for anyone else, who may exist or not."""
    row = readers(on=on).filter(user=user).values_list("user__name", flat=True).first()
    row = row or rows_of(user).values_list("user__name", flat=True).first()
    if row is None:
        raise NotHere("no such person in this municipality")
    return row
