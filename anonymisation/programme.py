"""Which tables are published, over which dimensions, under which policy: frozen values.

>>> programme = Programme.parse(EXAMPLE)
>>> [table.id for table in programme.tables], programme.policy.width
(['situation'], 5)
>>> programme.tables[0].published(programme)[:3]
(('A', 'INNE'), ('A', 'UTE'), ('A', 'ALL'))
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from anonymisation.reading import canonical

EXAMPLE = """
[programme]
id = "example"
period = "2026"
population = "example"
contributor = "place"
[policy]
threshold = 5
[dimensions.place]
total = "REGION"
codes = ["A", "B", "C"]
[dimensions.situation]
total = "ALL"
codes = ["INNE", "UTE"]
[[tables]]
id = "situation"
dimensions = ["place", "situation"]
"""


class Method(StrEnum):
    """How a programme is protected."""

    SUPPRESS = "suppress"
    ROUND = "round"
    CELLKEY = "cellkey"
    DP = "dp"


class Zeros(StrEnum):
    """Whether 0 is small."""

    PUBLISH = "publish"
    HIDE = "hide"


@dataclass(frozen=True)
class Policy:
    """What is small, how wide a range must stay, and who attacks (FORMATS.md, *Safe*).

    `options` holds what a method other than suppression asks for, from `[policy.<method>]`, sorted by name.
    """

    threshold: int
    width: int
    method: Method = Method.SUPPRESS
    zeros: Zeros = Zeros.PUBLISH
    insiders: bool = True
    rule_aware: bool = False
    min_contributors: int = 1
    time_limit: float = 60
    work_limit: int = 0
    options: tuple[tuple[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the policy as the release repeats it, defaults filled in."""
        value: dict[str, Any] = {
            "method": str(self.method),
            "threshold": self.threshold,
            "zeros": str(self.zeros),
            "width": self.width,
            "insiders": self.insiders,
            "rule_aware": self.rule_aware,
            "min_contributors": self.min_contributors,
            "time_limit": self.time_limit,
            "work_limit": self.work_limit,
        }
        if self.options:
            value[str(self.method)] = dict(self.options)
        return value


@dataclass(frozen=True)
class Level:
    """A named level between leaves and total: group code and the leaves in it."""

    name: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Dimension:
    """A list of codes with its total, and levels between them, finest first."""

    name: str
    total: str
    codes: tuple[str, ...]
    levels: tuple[Level, ...] = ()
    multi: bool = False
    complete: bool = False

    @cached_property
    def members(self) -> Mapping[str, tuple[int, ...]]:
        """Indices of the leaves under each code; for `multi` the total has an index of its own, the last."""
        found: dict[str, tuple[int, ...]] = {code: (at,) for at, code in enumerate(self.codes)}
        for level in self.levels:
            for code, leaves in level.groups:
                found[code] = tuple(self.codes.index(leaf) for leaf in leaves)
        found[self.total] = (len(self.codes),) if self.multi else tuple(range(len(self.codes)))
        return found

    @property
    def size(self) -> int:
        """Length of this dimension's axis: leaves, and one more for the people total of a `multi` list."""
        return len(self.codes) + self.multi

    @property
    def level_names(self) -> tuple[str, ...]:
        """All levels, finest first: code, the named ones, total."""
        return ("code", *(level.name for level in self.levels), "total")

    def at_level(self, name: str) -> tuple[str, ...]:
        """Return the codes of one level."""
        if name == "code":
            return self.codes
        if name == "total":
            return (self.total,)
        return next(tuple(code for code, _ in level.groups) for level in self.levels if level.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return the dimension as programme and release write it."""
        value: dict[str, Any] = {"total": self.total, "codes": list(self.codes)}
        if self.levels:
            value["levels"] = {
                level.name: {code: list(leaves) for code, leaves in level.groups} for level in self.levels
            }
        if self.multi:
            value |= {"multi": True, "complete": self.complete}
        return value


@dataclass(frozen=True)
class Table:
    """A cross of dimensions; `levels` says, dimension by dimension, what of it is published."""

    id: str
    dimensions: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    threshold: int
    width: int
    zeros: Zeros
    sensitive: bool = False

    def axes(self, programme: Programme) -> tuple[str, ...]:
        """Return the names of the axes of this table's counts: its dimensions, the contributor's last if absent."""
        name = programme.contributor
        return self.dimensions if name is None or name in self.dimensions else (*self.dimensions, name)

    def published(self, programme: Programme) -> tuple[tuple[str, ...], ...]:
        """Return the keys of the published cells, in their one order."""
        return tuple(
            product(
                *(
                    tuple(code for level in levels for code in programme.dimension(name).at_level(level))
                    for name, levels in zip(self.dimensions, self.levels, strict=True)
                )
            )
        )

    def to_json(self) -> dict[str, Any]:
        """Return the table as the release repeats it, defaults filled in."""
        return {
            "id": self.id,
            "dimensions": list(self.dimensions),
            "levels": {name: list(levels) for name, levels in zip(self.dimensions, self.levels, strict=True)},
            "sensitive": self.sensitive,
            "threshold": self.threshold,
            "width": self.width,
            "zeros": str(self.zeros),
        }


@dataclass(frozen=True)
class Programme:
    """Everything that is agreed before anyone counts."""

    id: str
    period: str
    population: str
    policy: Policy
    dimensions: tuple[Dimension, ...]
    tables: tuple[Table, ...]
    contributor: str | None = None

    @classmethod
    def load(cls, path: Path | str) -> Programme:
        """Read a TOML file; raise `ProgrammeError` with one line per problem."""
        from anonymisation.programme_parsing import load  # noqa: PLC0415 - the parser builds on these values

        return load(Path(path))

    @classmethod
    def parse(cls, text: str, *, source: str = "programme") -> Programme:
        """Read TOML text; raise `ProgrammeError` with one line per problem, each starting with `source`."""
        from anonymisation.programme_parsing import parse_text  # noqa: PLC0415 - the parser builds on these values

        return parse_text(text, source=source)

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, source: str = "programme") -> Programme:
        """Read the object that `to_json` gives; raise `ProgrammeError` likewise."""
        from anonymisation.programme_parsing import parse_object  # noqa: PLC0415 - the parser builds on these values

        return parse_object(value, source=source)

    def dimension(self, name: str) -> Dimension:
        """Return a dimension by name."""
        return self._by_name[name]

    def table(self, name: str) -> Table:
        """Return a table by its id."""
        return next(table for table in self.tables if table.id == name)

    @cached_property
    def _by_name(self) -> Mapping[str, Dimension]:
        return {dimension.name: dimension for dimension in self.dimensions}

    @property
    def contributors(self) -> tuple[str, ...]:
        """Codes of those who contribute counts, or nothing where nobody does."""
        return () if self.contributor is None else self.dimension(self.contributor).codes

    def cells(self) -> Iterator[tuple[Table, tuple[str, ...]]]:
        """Give each published cell: its table and key."""
        for table in self.tables:
            for key in table.published(self):
                yield table, key

    def to_json(self) -> dict[str, Any]:
        """Return the programme with defaults filled in, as plain values for JSON."""
        head = {"id": self.id, "period": self.period, "population": self.population}
        if self.contributor is not None:
            head["contributor"] = self.contributor
        return {
            "programme": head,
            "policy": self.policy.to_json(),
            "dimensions": {dimension.name: dimension.to_json() for dimension in self.dimensions},
            "tables": [table.to_json() for table in self.tables],
        }

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over the canonical JSON of the programme, defaults filled in: blanks and comments do not count."""
        return hashlib.sha256(canonical(self.to_json())).hexdigest()
