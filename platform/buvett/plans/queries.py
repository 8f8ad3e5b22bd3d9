"""Sent versions, their answers and comments, of the hat's regions: as the reader, which has no right on a draft."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from buvett.access.memberships import Hat
from buvett.access.regions import regions_of
from buvett.plans.changes import Change, changes
from buvett.plans.enums import Reach, Verdict
from buvett.plans.errors import NoPlan
from buvett.plans.models import Answer, Comment, Version
from buvett.plans.numbers import Number
from buvett.plans.states import State, state_of
from buvett.releases.models import Release
from tenants.isolation.enums import Role
from tenants.isolation.regions import region_scope
from tenants.isolation.roles import connected_as


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A municipality that a version asks."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    code: str
    municipality: str
    verdict: Verdict
    remark: str
    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class GivenComment:
    """``municipality`` is empty for the intermunicipal group."""

    municipality: str
    text: str
    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SentChapter:
    heading: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SentMeasure:
    title: str
    text: str
    reach: Reach
    owner: str
    due: date | None
    number: Number | None


@dataclass(frozen=True, kw_only=True)
class RestsOn:
    """A release that the version rests on; ``withdrawn`` is what it is today."""

    id: UUID
    sha256: str
    programme: str
    period: str
    counted_on: date
    published_at: datetime
    contributors: tuple[str, ...]
    waiting: tuple[str, ...]
    withdrawn: bool


@dataclass(frozen=True, kw_only=True)
class VersionSummary:
    """One sent version in a list."""

    id: UUID
    plan: UUID
    region: str
    region_name: str
    number: int
    title: str
    state: State
    sha256: str
    sent_by_name: str
    sent_at: datetime
    asked: tuple[Asked, ...]
    answers: tuple[GivenAnswer, ...]

    @property
    def awaited(self) -> tuple[Asked, ...]:
        given = {answer.code for answer in self.answers}
        return tuple(asked for asked in self.asked if asked.code not in given)

    @property
    def supports(self) -> int:
        return sum(answer.verdict is Verdict.SUPPORTS for answer in self.answers)


@dataclass(frozen=True, kw_only=True)
class VersionDetail(VersionSummary):
    """A sent version, whole. ``changes``: since the version before; ``earlier``: those before, newest first."""

    region_id: UUID
    asks: str
    chapters: tuple[SentChapter, ...]
    measures: tuple[SentMeasure, ...]
    releases: tuple[RestsOn, ...]
    comments: tuple[GivenComment, ...]
    changes: tuple[Change, ...]
    earlier: tuple[VersionSummary, ...]
    newest: UUID

    @property
    def is_newest(self) -> bool:
        return self.newest == self.id

    @property
    def withdrawn(self) -> tuple[RestsOn, ...]:
        return tuple(release for release in self.releases if release.withdrawn)


def sent(hat: Hat | None) -> tuple[VersionSummary, ...]:
    """All sent versions of the regions that the hat belongs to, newest first. Three queries a region."""
    found: list[VersionSummary] = []
    for region in _regions(hat):
        with _reading(hat, region):
            found += _summaries(list(Version.objects.select_related("region").all()))
    return tuple(sorted(found, key=lambda one: (one.sent_at, one.number), reverse=True))


def newest(hat: Hat | None) -> tuple[VersionSummary, ...]:
    """The newest version of each plan, newest first."""
    found: dict[UUID, VersionSummary] = {}
    for version in sent(hat):
        found.setdefault(version.plan, version)
    return tuple(found.values())


def version(hat: Hat | None, identifier: UUID) -> VersionDetail:
    """One sent version with everything in it. Raises NoPlan, also for one of a region that is not the hat's."""
    for region in _regions(hat):
        with _reading(hat, region):
            row = Version.objects.filter(pk=identifier).first()
            if row is not None:
                return _detail(row)
    raise NoPlan("no such version")


def _regions(hat: Hat | None) -> tuple[UUID, ...]:
    with connected_as(Role.READER):
        return regions_of(hat, on=timezone.localdate())


@contextmanager
def _reading(hat: Hat | None, region: UUID) -> Iterator[None]:
    """As the reader, in the region's scope, which is signed for the hat's person."""
    assert hat is not None  # noqa: S101 - no hat, no region
    with connected_as(Role.READER), region_scope(region, by=hat.user):
        yield


def _detail(row: Version) -> VersionDetail:
    rows = list(Version.objects.select_related("region").filter(plan=row.plan_id).order_by("-number"))
    summaries = {summary.id: summary for summary in _summaries(rows)}
    comments = Comment.objects.select_related("municipality").filter(version=row)
    told = tuple(
        GivenComment(
            municipality=one.municipality.name if one.municipality else "",
            text=one.text,
            name=one.written_by_name,
            at=one.written_at,
        )
        for one in comments.order_by("written_at", "id")
    )
    body = json.loads(row.body)
    withdrawn = set(
        Release.objects.filter(
            pk__in=[release["id"] for release in body["releases"]], state=Release.State.WITHDRAWN
        ).values_list("pk", flat=True)
    )
    own = summaries[row.pk]
    before = next((json.loads(one.body) for one in rows if one.number == row.number - 1), None)
    return VersionDetail(
        **{name: getattr(own, name) for name in VersionSummary.__dataclass_fields__},
        region_id=row.region_id,
        asks=body["asks"],
        chapters=tuple(SentChapter(heading=one["heading"], text=one["text"]) for one in body["chapters"]),
        measures=tuple(_measure(one) for one in body["measures"]),
        releases=tuple(_release(one, withdrawn) for one in body["releases"]),
        comments=told,
        changes=changes(before, body) if before else (),
        earlier=tuple(summaries[one.pk] for one in rows if one.number < row.number),
        newest=rows[0].pk,
    )


def _summaries(rows: list[Version]) -> tuple[VersionSummary, ...]:
    given: dict[UUID, list[GivenAnswer]] = {}
    answers = Answer.objects.select_related("municipality").filter(version__in=[row.pk for row in rows])
    for one in answers.order_by("answered_at", "id"):
        given.setdefault(one.version_id, []).append(
            GivenAnswer(
                code=one.municipality.code,
                municipality=one.municipality.name,
                verdict=Verdict(one.verdict),
                remark=one.remark,
                name=one.answered_by_name,
                at=one.answered_at,
            )
        )
    last: dict[UUID, int] = {}
    for row in rows:
        last[row.plan_id] = max(row.number, last.get(row.plan_id, 0))
    return tuple(_summary(row, tuple(given.get(row.pk, ())), is_newest=row.number == last[row.plan_id]) for row in rows)


def _summary(row: Version, answers: tuple[GivenAnswer, ...], *, is_newest: bool) -> VersionSummary:
    body = json.loads(row.body)
    asked = tuple(Asked(code=one["code"], name=one["name"]) for one in body["asked"])
    return VersionSummary(
        id=row.pk,
        plan=row.plan_id,
        region=row.region.slug,
        region_name=row.region.name,
        number=row.number,
        title=body["title"],
        state=state_of(
            asked=frozenset(one.code for one in asked),
            answered=frozenset(one.code for one in answers),
            is_newest=is_newest,
        ),
        sha256=row.sha256,
        sent_by_name=row.sent_by_name,
        sent_at=row.sent_at,
        asked=asked,
        answers=answers,
    )


def _measure(told: Mapping[str, Any]) -> SentMeasure:
    return SentMeasure(
        title=told["title"],
        text=told["text"],
        reach=Reach(told["reach"]),
        owner=told["owner"],
        due=date.fromisoformat(told["due"]) if told["due"] else None,
        number=Number.from_json(told["number"]) if told["number"] else None,
    )


def _release(told: Mapping[str, Any], withdrawn: set[UUID]) -> RestsOn:
    return RestsOn(
        id=UUID(told["id"]),
        sha256=told["sha256"],
        programme=told["programme"],
        period=told["period"],
        counted_on=date.fromisoformat(told["counted_on"]),
        published_at=datetime.fromisoformat(told["published_at"]),
        contributors=tuple(told["contributors"]),
        waiting=tuple(told["waiting"]),
        withdrawn=UUID(told["id"]) in withdrawn,
    )
