"""Changing a draft: by the intermunicipal group only, one change at a time, none over somebody else's.

Each function takes the ``revision`` that its author has read and raises Changed when the draft is newer, NotWritten
with the faults of each field, NotAllowed from access, NoPlan.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.utils import timezone

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.accounts.models import User
from buvett.agreements.models import Region
from buvett.plans.enums import Reach
from buvett.plans.errors import Changed, Fault, NoPlan, NotWritten
from buvett.plans.models import Chapter, Measure, Plan
from buvett.plans.numbers import number_of
from buvett.plans.regions import own_region

LINE = 160
NAME = 120
TEXT = 20_000
PARTS = 60  # chapters, and as many measures: a paper that is read, made in bounded time


def make_plan(hat: Hat | None, *, region: str, title: str) -> UUID:
    """Begin a plan for the hat's own region (its slug). Returns its id."""
    with own_region(hat, Permission.WRITE_PLAN) as worn:
        found = Region.objects.get(pk=worn.region)
        if found.slug != region:
            raise NoPlan("no such region for the role that is on")
        title = _checked({"title": (title, LINE, True)})["title"]
        row = Plan.objects.create(region=found, title=title, changed_by_name=name_of(worn), changed_at=timezone.now())
        return row.pk


def change_plan(hat: Hat | None, plan: UUID, *, revision: int, title: str, asks: str) -> None:
    """Write title and what is asked for."""
    with _changing(hat, plan, revision=revision) as row:
        told = _checked({"title": (title, LINE, True), "asks": (asks, TEXT, False)})
        row.title, row.asks = told["title"], told["asks"]


def save_chapter(
    hat: Hat | None, plan: UUID, *, revision: int, heading: str, text: str, chapter: UUID | None = None
) -> UUID:
    """Write a chapter; without ``chapter`` a new one, the last. Returns its id."""
    with _changing(hat, plan, revision=revision) as row:
        told = _checked({"heading": (heading, LINE, True), "text": (text, TEXT, False)})
        part = _part(Chapter, row, chapter)
        part.heading, part.text = told["heading"], told["text"]
        part.save()
        return part.pk


def save_measure(
    hat: Hat | None,
    plan: UUID,
    *,
    revision: int,
    title: str,
    text: str,
    reach: str,
    owner: str,
    due: str,
    measure: UUID | None = None,
) -> UUID:
    """Write a measure; without ``measure`` a new one, the last. ``due``: an ISO day, or nothing. Returns its id."""
    with _changing(hat, plan, revision=revision) as row:
        faults: dict[str, Fault] = {}
        told = _checked(
            {"title": (title, LINE, True), "text": (text, TEXT, False), "owner": (owner, NAME, True)}, faults
        )
        if reach not in set(Reach):
            faults["reach"] = Fault.NO_CHOICE
        try:
            day = date.fromisoformat(due.strip()) if due.strip() else None
        except ValueError:
            faults["due"] = Fault.NO_DATE
        if faults:
            raise NotWritten(faults)
        part = _part(Measure, row, measure)
        part.title, part.text, part.owner, part.reach, part.due = told["title"], told["text"], told["owner"], reach, day
        part.save()
        return part.pk


def tie_number(
    hat: Hat | None, plan: UUID, *, revision: int, measure: UUID, release: UUID, table: str, key: tuple[str, ...]
) -> None:
    """Tie a released cell to the measure. Raises NoNumber for what is not published; a hidden cell stays hidden."""
    with _changing(hat, plan, revision=revision) as row:
        number = number_of(release, table, key)
        part = _part(Measure, row, measure)
        part.release_id, part.table, part.key = number.release, number.table, list(number.key)
        part.save()


def untie_number(hat: Hat | None, plan: UUID, *, revision: int, measure: UUID) -> None:
    """Let the measure stand without a number."""
    with _changing(hat, plan, revision=revision) as row:
        part = _part(Measure, row, measure)
        part.release, part.table, part.key = None, "", []
        part.save()


def remove_part(hat: Hat | None, plan: UUID, *, revision: int, part: UUID) -> None:
    """Remove a chapter or a measure from the draft; versions that were sent keep theirs."""
    with _changing(hat, plan, revision=revision) as row:
        _any_part(row, part).delete()


def move_part(hat: Hat | None, plan: UUID, *, revision: int, part: UUID, up: bool) -> None:
    """Move a chapter or a measure one place up or down; at the end nothing happens."""
    with _changing(hat, plan, revision=revision) as row:
        moved = _any_part(row, part)
        parts = list(type(moved).objects.filter(plan=row).order_by("position", "id"))
        at = [one.pk for one in parts].index(moved.pk)
        to = at - 1 if up else at + 1
        if 0 <= to < len(parts):
            parts[at], parts[to] = parts[to], parts[at]
        for position, one in enumerate(parts, start=1):
            if one.position != position:
                one.position = position
                one.save(update_fields=["position"])


def name_of(hat: Hat) -> str:
    """The name of the person whose hat it is."""
    return str(User.objects.values_list("name", flat=True).get(pk=hat.user))


@contextmanager
def _changing(hat: Hat | None, plan: UUID, *, revision: int) -> Iterator[Plan]:
    """Hold the draft, let it be changed, count the change."""
    with own_region(hat, Permission.WRITE_PLAN) as worn:
        row = Plan.objects.select_for_update().filter(pk=plan).first()
        if row is None:
            raise NoPlan("no such plan")
        if row.revision != revision:
            raise Changed("the draft has been changed since it was read")
        yield row
        row.revision += 1
        row.changed_by_name, row.changed_at = name_of(worn), timezone.now()
        row.save()


def _part(model: type[Chapter] | type[Measure], plan: Plan, identifier: UUID | None) -> "Chapter | Measure":
    """The part of the plan, or a new one at its end."""
    if identifier is not None:
        found = model.objects.filter(plan=plan, pk=identifier).first()
        if found is None:
            raise NoPlan("no such part of the plan")
        return found
    there = model.objects.filter(plan=plan)
    if there.count() >= PARTS:
        raise NotWritten({"": Fault.TOO_MANY})
    last = there.order_by("-position").values_list("position", flat=True).first() or 0
    return model(plan=plan, position=last + 1)


def _any_part(plan: Plan, identifier: UUID) -> "Chapter | Measure":
    found = (
        Chapter.objects.filter(plan=plan, pk=identifier).first()
        or Measure.objects.filter(plan=plan, pk=identifier).first()
    )
    if found is None:
        raise NoPlan("no such part of the plan")
    return found


def _checked(fields: dict[str, tuple[str, int, bool]], faults: dict[str, Fault] | None = None) -> dict[str, str]:
    """The texts, trimmed, with one kind of line end. field → (text, longest, needed). Raises NotWritten unless told
    where to put the faults."""
    found: dict[str, Fault] = {} if faults is None else faults
    told = {}
    for field, (text, longest, needed) in fields.items():
        # What no paper can print (control characters) is left out.
        clean = "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or c.isprintable())
        told[field] = clean.strip()
        if needed and not told[field]:
            found[field] = Fault.EMPTY
        elif len(told[field]) > longest:
            found[field] = Fault.TOO_LONG
    if found and faults is None:
        raise NotWritten(found)
    return told
