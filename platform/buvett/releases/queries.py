"""What pages and API read: published and withdrawn releases, and who is awaited. Frozen values, reader role only.

The reader has no right on contributions, results or planned work, so nothing here could show a draft or a true count.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils import timezone

from buvett.agreements.enums import Missing
from buvett.agreements.queries import missing_of_members
from buvett.releases.errors import NoRelease, NoSuchRun
from buvett.releases.lock import TOLD
from buvett.releases.models import Delivery, Release, Run
from buvett.releases.runs import members_of, run_of
from buvett.releases.states import State
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One published cell. Hidden: ``value`` is None and ``why`` is ``protected`` or ``waiting``."""

    key: tuple[str, ...]
    value: int | None
    status: str
    why: str | None


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A list of codes with its total and its levels (level → group code → leaf codes), as the programme has it."""

    name: str
    total: str
    codes: tuple[str, ...]
    levels: dict[str, dict[str, tuple[str, ...]]]
    multi: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """One published table; its cells are in the order of the programme."""

    id: str
    dimensions: tuple[Dimension, ...]
    levels: dict[str, tuple[str, ...]]  # dimension → what is published of it: "code", named levels, "total"
    sensitive: bool
    threshold: int
    cells: tuple[Cell, ...]

    @cached_property
    def _by_key(self) -> dict[tuple[str, ...], Cell]:
        return {cell.key: cell for cell in self.cells}

    def cell(self, *key: str) -> Cell:
        """The cell with these codes, in the order of ``dimensions``. Raises KeyError."""
        return self._by_key[key]

    def codes(self, dimension: str) -> tuple[str, ...]:
        """The published codes of one dimension, in order."""
        at = [d.name for d in self.dimensions].index(dimension)
        return tuple(dict.fromkeys(cell.key[at] for cell in self.cells))


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """Why a release was withdrawn, or is about to be: who asked for it, when."""

    reason: str
    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReleaseSummary:
    """One release in a list."""

    id: UUID
    run: UUID
    region: str  # slug
    region_name: str
    programme: str
    period: str
    revision: int
    state: str  # published | withdrawn
    counted_on: date
    published_at: datetime
    sha256: str
    policy: dict[str, Any]
    contributors: tuple[str, ...]  # municipality codes that are in it
    waiting: tuple[str, ...]  # codes of the programme that had not delivered at the lock
    withdrawal: Withdrawn | None

    @property
    def is_withdrawn(self) -> bool:
        return self.state == Release.State.WITHDRAWN


@dataclass(frozen=True, kw_only=True)
class ReleaseDetail(ReleaseSummary):
    """One release with everything in it. ``body`` is what was signed (Ed25519, ``signature`` by ``public_key``)."""

    tables: tuple[Table, ...]
    body: bytes
    signature: bytes
    public_key: bytes

    def table(self, identifier: str) -> Table:
        """The table with that id. Raises NoRelease."""
        for table in self.tables:
            if table.id == identifier:
                return table
        raise NoRelease("the release has no such table")


@dataclass(frozen=True, kw_only=True)
class MemberStatus:
    """Where one municipality stands in a run. ``missing`` says what it lacks today; no number is known here."""

    code: str
    name: str
    delivered_at: datetime | None
    missing: tuple[Missing, ...]

    @property
    def has_delivered(self) -> bool:
        return self.delivered_at is not None


@dataclass(frozen=True, kw_only=True)
class RunStatus:
    """A run and who is awaited: public facts of the region."""

    id: UUID
    region: str
    programme: str
    period: str
    state: State
    opened_at: datetime
    cut_off: datetime
    counted_on: date
    members: tuple[MemberStatus, ...]

    @property
    def contributed(self) -> tuple[str, ...]:
        return tuple(member.code for member in self.members if member.has_delivered)

    @property
    def awaited(self) -> tuple[str, ...]:
        return tuple(member.code for member in self.members if not member.has_delivered)


def releases(region: str | None = None) -> tuple[ReleaseSummary, ...]:
    """Published and withdrawn releases, newest first; of one region (its slug) or of all."""
    with connected_as(Role.READER):
        rows = Release.objects.select_related("run__agreement__region", "run__withdrawal").order_by(
            "-published_at", "id"
        )
        if region is not None:
            rows = rows.filter(run__agreement__region__slug=region)
        found = list(rows.defer("body", "signature", "public_key"))
        _read_heads(row for row in found if row.sha256 not in _heads)
        return tuple(ReleaseSummary(**_summary(row, _heads[row.sha256])) for row in found)


def release(identifier: UUID) -> ReleaseDetail:
    """One release with its tables. Raises NoRelease."""
    with connected_as(Role.READER):
        row = Release.objects.select_related("run__agreement__region", "run__withdrawal").filter(pk=identifier).first()
    if row is None:
        raise NoRelease("there is no such release")
    body = json.loads(bytes(row.body))
    dimensions = {name: _dimension(name, told) for name, told in body["dimensions"].items()}
    return ReleaseDetail(
        **_summary(row, _head(body)),
        tables=tuple(_table(told, dimensions) for told in body["tables"]),
        body=bytes(row.body),
        signature=bytes(row.signature),
        public_key=bytes(row.public_key),
    )


def newest(region: str) -> UUID | None:
    """The id of the newest published release of a region (its slug); None when there is none."""
    with connected_as(Role.READER):
        published = Release.objects.filter(run__agreement__region__slug=region, state=Release.State.PUBLISHED)
        return published.order_by("-published_at", "id").values_list("id", flat=True).first()


def latest(region: str) -> ReleaseDetail | None:
    """The newest published release of a region (its slug); None when there is none. Withdrawn ones do not count."""
    found = newest(region)
    return release(found) if found else None


def runs(region: str | None = None) -> tuple[RunStatus, ...]:
    """Runs, newest first; of one region (its slug) or of all."""
    with connected_as(Role.READER):
        rows = Run.objects.select_related("agreement__region").order_by("-opened_at", "id")
        if region is not None:
            rows = rows.filter(agreement__region__slug=region)
        return tuple(_status(row) for row in rows)


def newest_run(region: str) -> RunStatus | None:
    """The run of a region (its slug) that was opened last; None when there is none."""
    with connected_as(Role.READER):
        rows = Run.objects.select_related("agreement__region").filter(agreement__region__slug=region)
        row = rows.order_by("-opened_at", "id").first()
        return _status(row) if row else None


def run_status(identifier: UUID) -> RunStatus:
    """One run and who is awaited. Raises NoSuchRun."""
    with connected_as(Role.READER):
        return _status(run_of(identifier))


_heads: dict[str, dict[str, Any]] = {}
"""What each body says of itself, by its hash: the body never changes, and a list of a hundred reads none twice."""


def _read_heads(rows: Iterable[Release]) -> None:
    wanted = [row.pk for row in rows]
    if wanted:
        for sha256, body in Release.objects.filter(pk__in=wanted).values_list("sha256", "body"):
            _heads[sha256] = _head(json.loads(bytes(body)))


def _head(body: dict[str, Any]) -> dict[str, Any]:
    contributors = tuple(body["contributors"])
    everyone = body["dimensions"][body["contributor"]]["codes"]
    return {
        "programme": body["programme"],
        "period": body["period"],
        "policy": body["policy"],
        "contributors": contributors,
        "waiting": tuple(code for code in everyone if code not in contributors),
    }


def _summary(row: Release, head: dict[str, Any]) -> dict[str, Any]:
    region = row.run.agreement.region
    asked = getattr(row.run, "withdrawal", None)
    return {
        **head,
        "policy": dict(head["policy"]),
        "id": row.pk,
        "run": row.run_id,
        "region": region.slug,
        "region_name": region.name,
        "revision": row.revision,
        "state": row.state,
        "counted_on": row.run.counted_on,
        "published_at": row.published_at,
        "sha256": row.sha256,
        "withdrawal": Withdrawn(reason=asked.reason, name=asked.asked_by_name, at=asked.asked_at) if asked else None,
    }


def _dimension(name: str, told: dict[str, Any]) -> Dimension:
    levels = {
        level: {group: tuple(leaves) for group, leaves in groups.items()}
        for level, groups in told.get("levels", {}).items()
    }
    return Dimension(
        name=name, total=told["total"], codes=tuple(told["codes"]), levels=levels, multi=told.get("multi", False)
    )


def _table(told: dict[str, Any], dimensions: dict[str, Dimension]) -> Table:
    return Table(
        id=told["id"],
        dimensions=tuple(dimensions[name] for name in told["dimensions"]),
        levels={name: tuple(levels) for name, levels in told["levels"].items()},
        sensitive=told["sensitive"],
        threshold=told["threshold"],
        cells=tuple(
            Cell(key=tuple(cell["key"]), value=cell["value"], status=cell["status"], why=cell.get("why"))
            for cell in told["cells"]
        ),
    )


def _status(run: Run) -> RunStatus:
    today = timezone.localdate()
    told = {row.municipality_id: row for row in Delivery.objects.filter(run=run)}
    everyone = members_of(run, on=today)
    lacking = missing_of_members(run.agreement, [member.pk for member in everyone], on=today)
    members = []
    for member in everyone:
        row = told.get(member.pk)
        lacks = lacking[member.pk]
        if row is not None and row.delivered_at is None:
            lacks += tuple(what for what in TOLD if what in row.waiting_for.split())
        elif row is not None and row.approved_once:
            lacks = tuple(what for what in lacks if what is not Missing.APPROVAL)
        members.append(
            MemberStatus(
                code=member.code,
                name=member.name,
                delivered_at=row.delivered_at if row else None,
                missing=lacks,
            )
        )
    return RunStatus(
        id=run.pk,
        region=run.agreement.region.slug,
        programme=run.agreement.programme,
        period=run.period,
        state=State(run.state),
        opened_at=run.opened_at,
        cut_off=run.cut_off,
        counted_on=run.counted_on,
        members=tuple(members),
    )


__all__ = [
    "Cell",
    "Dimension",
    "MemberStatus",
    "NoRelease",
    "NoSuchRun",
    "ReleaseDetail",
    "ReleaseSummary",
    "RunStatus",
    "Table",
    "Withdrawn",
    "latest",
    "newest",
    "newest_run",
    "release",
    "releases",
    "run_status",
    "runs",
]


def last_delivery(municipality: UUID) -> datetime | None:
    """When the municipality last handed in numbers for any run; a public fact."""
    with connected_as(Role.READER):
        found = Delivery.objects.filter(municipality=municipality, delivered_at__isnull=False)
        return found.order_by("-delivered_at").values_list("delivered_at", flat=True).first()
