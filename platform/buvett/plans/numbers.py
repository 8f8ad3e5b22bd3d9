"""Released numbers that a measure rests on: looked up as the reader, so a hidden one has no number to give."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from buvett.plans.errors import NoNumber
from buvett.releases import queries
from buvett.releases.errors import NoRelease


@dataclass(frozen=True, kw_only=True)
class Number:
    """One cell of one release. Hidden: ``value`` is None and ``why`` says why, as the release does."""

    release: UUID
    table: str
    key: tuple[str, ...]
    value: int | None
    why: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "release": str(self.release),
            "table": self.table,
            "key": list(self.key),
            "value": self.value,
            "why": self.why,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Number":
        return cls(
            release=UUID(told["release"]),
            table=told["table"],
            key=tuple(told["key"]),
            value=told["value"],
            why=told["why"],
        )


Place = tuple[UUID, str, tuple[str, ...]]
"""Release, table, codes."""


def number_of(release: UUID, table: str, key: tuple[str, ...]) -> Number:
    """The released cell with these codes. Raises NoNumber for anything that is not published."""
    return numbers_of([(release, table, key)])[release, table, key]


def numbers_of(places: Iterable[Place]) -> dict[Place, Number]:
    """The released cells at these places; each release is read once. Raises NoNumber as ``number_of``."""
    wanted = tuple(places)
    found = {}
    try:
        releases = {release: queries.release(release) for release in {place[0] for place in wanted}}
        for release, table, key in wanted:
            cell = releases[release].table(table).cell(*key)
            found[release, table, key] = Number(
                release=release, table=table, key=cell.key, value=cell.value, why=cell.why
            )
    except (NoRelease, KeyError):
        raise NoNumber("no such published number") from None
    return found
