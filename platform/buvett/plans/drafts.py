"""What the intermunicipal group reads of a draft, as the web's own role. Nobody else's hat opens one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.plans.enums import Reach
from buvett.plans.errors import NoPlan
from buvett.plans.models import Chapter, Measure, Plan
from buvett.plans.numbers import Number, Place, numbers_of
from buvett.plans.regions import own_region


@dataclass(frozen=True, kw_only=True)
class DraftChapter:
    id: UUID
    heading: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DraftMeasure:
    """``number``: as it is published; None without one."""

    id: UUID
    title: str
    text: str
    reach: Reach
    owner: str
    due: date | None
    number: Number | None


@dataclass(frozen=True, kw_only=True)
class DraftSummary:
    id: UUID
    region: str
    region_name: str
    title: str
    changed_by_name: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Draft(DraftSummary):
    """A whole draft; ``revision`` is what a change must name."""

    region_id: UUID
    asks: str
    revision: int
    chapters: tuple[DraftChapter, ...]
    measures: tuple[DraftMeasure, ...]

    def chapter(self, identifier: UUID) -> DraftChapter:
        """Raises NoPlan."""
        return _found(self.chapters, identifier)

    def measure(self, identifier: UUID) -> DraftMeasure:
        """Raises NoPlan."""
        return _found(self.measures, identifier)


Part = TypeVar("Part", DraftChapter, DraftMeasure)


def drafts(hat: Hat | None) -> tuple[DraftSummary, ...]:
    """The plans that are being written in the hat's region, newest change first. Raises NotAllowed, NoPlan."""
    with own_region(hat, Permission.WRITE_PLAN):
        rows = Plan.objects.select_related("region").order_by("-changed_at", "id")
        return tuple(DraftSummary(**_summary(row)) for row in rows)


def draft(hat: Hat | None, plan: UUID) -> Draft:
    """One draft of the hat's region with its parts in order. Raises NotAllowed, NoPlan."""
    with own_region(hat, Permission.WRITE_PLAN):
        row = Plan.objects.select_related("region").filter(pk=plan).first()
        if row is None:
            raise NoPlan("no such plan")
        return read(row)


def read(row: Plan) -> Draft:
    """The draft of a row that is at hand, within the transaction that holds it."""
    measures = list(Measure.objects.filter(plan=row).order_by("position", "id"))
    numbers = numbers_of(_place(part) for part in measures if part.release_id is not None)
    return Draft(
        **_summary(row),
        region_id=row.region_id,
        asks=row.asks,
        revision=row.revision,
        chapters=tuple(
            DraftChapter(id=part.pk, heading=part.heading, text=part.text)
            for part in Chapter.objects.filter(plan=row).order_by("position", "id")
        ),
        measures=tuple(_measure(part, numbers.get(_place(part))) for part in measures),
    )


def _summary(row: Plan) -> dict[str, object]:
    return {
        "id": row.pk,
        "region": row.region.slug,
        "region_name": row.region.name,
        "title": row.title,
        "changed_by_name": row.changed_by_name,
        "changed_at": row.changed_at,
    }


def _place(row: Measure) -> Place:
    return row.release_id, row.table, tuple(row.key)


def _measure(row: Measure, number: Number | None) -> DraftMeasure:
    return DraftMeasure(
        id=row.pk,
        title=row.title,
        text=row.text,
        reach=Reach(row.reach),
        owner=row.owner,
        due=row.due,
        number=number,
    )


def _found(parts: tuple[Part, ...], identifier: UUID) -> Part:
    for part in parts:
        if part.id == identifier:
            return part
    raise NoPlan("no such part of the plan")
