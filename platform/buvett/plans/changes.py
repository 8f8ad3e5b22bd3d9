"""What changed from one sent version to the next. Pure: two bodies in, a list of changes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FIELDS = {
    "chapters": ("heading", "text"),
    "measures": ("title", "text", "reach", "owner", "due", "number"),
}
NAMES = {"chapters": "heading", "measures": "title"}


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Part(StrEnum):
    PLAN = "plan"
    CHAPTER = "chapters"
    MEASURE = "measures"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. ``name``: the part's heading or title now (when removed: as it was); ``fields``: what of it."""

    kind: Kind
    part: Part
    name: str
    fields: tuple[str, ...] = ()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """The plan's own fields first, then chapters and measures, each in the order of the newer version."""
    own = tuple(field for field in ("title", "asks") if before[field] != after[field])
    found = [Change(kind=Kind.CHANGED, part=Part.PLAN, name=after["title"], fields=own)] if own else []
    for part in (Part.CHAPTER, Part.MEASURE):
        found += _of_parts(part, before[part.value], after[part.value])
    return tuple(found)


def _of_parts(part: Part, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Change]:
    earlier = {one["id"]: one for one in before}
    now = {one["id"] for one in after}
    name = NAMES[part.value]
    stayed = [one["id"] for one in before if one["id"] in now]
    moved = _moved(stayed, [one["id"] for one in after if one["id"] in earlier])
    found = []
    for one in after:
        was = earlier.get(one["id"])
        if was is None:
            found.append(Change(kind=Kind.ADDED, part=part, name=one[name]))
            continue
        fields = tuple(field for field in FIELDS[part.value] if was[field] != one[field])
        if fields:
            found.append(Change(kind=Kind.CHANGED, part=part, name=one[name], fields=fields))
        elif one["id"] in moved:
            found.append(Change(kind=Kind.MOVED, part=part, name=one[name]))
    found += [Change(kind=Kind.REMOVED, part=part, name=one[name]) for one in before if one["id"] not in now]
    return found


def _moved(before: list[str], after: list[str]) -> frozenset[str]:
    """The parts that do not lie in a longest common order: as few as explain the new one."""
    longest: list[list[str]] = []
    place = {one: at for at, one in enumerate(before)}
    for one in after:
        ends = [run for run in longest if place[run[-1]] < place[one]]
        longest.append([*max(ends, key=len, default=[]), one])
    kept = max(longest, key=len, default=[])
    return frozenset(after) - frozenset(kept)
