"""Designs: the programme as it is, and coarser ones that show less detail and lose less of it.

>>> from anonymisation.programme import EXAMPLE
>>> longer = EXAMPLE.replace('"C"]', '"C", "D"]')
>>> [design.name for design in designs(Programme.parse(longer))]
['as it is', 'place: neighbours pooled by 2']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from anonymisation.counts import Counts
from anonymisation.programme import Dimension, Method, Policy, Programme

POOL = 2
"""Neighbours that are pooled where no level says which belong together: those beside each other in the list."""
TRIAL_EPSILON = 1.0


@dataclass(frozen=True)
class Design:
    """A programme that could be published instead, with the name that a reader sees."""

    name: str
    programme: Programme

    def counts(self, counts: Counts) -> Counts:
        """Return the counts of this design: the same leaf counts of the tables that are left."""
        names = [table.id for table in self.programme.tables]
        keys = None if counts.keys is None else {name: counts.keys[name] for name in names}
        tables = {name: counts.tables[name] for name in names}
        return Counts.from_tables(self.programme, tables, contributors=counts.contributors, keys=keys)


def designs(programme: Programme) -> tuple[Design, ...]:
    """Return the programme and its coarser designs: categories merged, neighbours pooled, fewer tables."""
    told = programme.to_json()
    found = [Design("as it is", programme)]
    found += [Design(name, Programme.from_json(value)) for name, value in _coarser(programme, told)]
    return tuple(found)


def with_method(programme: Programme, method: Method) -> Programme:
    """Return the programme under another method; with its own options, or the defaults, and epsilon 1 for dp."""
    if programme.policy.method is method:
        return programme
    told = programme.to_json()
    told["policy"].pop(str(programme.policy.method), None)
    told["policy"]["method"] = str(method)
    if method is Method.DP:
        told["policy"]["dp"] = {"epsilon": TRIAL_EPSILON, "budget": TRIAL_EPSILON}
    return Programme.from_json(told)


def options_told(policy: Policy) -> str:
    """Return a method's options in a few words."""
    told = {name: value for name, value in policy.options if name not in {"exact", "budget"}}
    return ", ".join(f"{name} {value:g}" for name, value in sorted(told.items()))


def _coarser(programme: Programme, told: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for dimension in programme.dimensions:
        published = _published(programme, dimension)
        for level in dimension.levels:
            finer = set(dimension.level_names[: dimension.level_names.index(level.name)])
            if finer & published:
                yield f"{dimension.name}: merged to {level.name}", _at_level(told, dimension.name, level.name, finer)
        if dimension.name == programme.contributor and not dimension.levels and "code" in published:
            pooled = _pooled(told, dimension)
            if pooled is not None:
                yield f"{dimension.name}: neighbours pooled by {POOL}", pooled
    by_size = sorted(programme.tables, key=lambda table: (-len(table.published(programme)), table.id))
    for number in sorted({1, len(by_size) // 2} - {0}):
        if number < len(by_size):
            gone = [table.id for table in by_size[:number]]
            name = f"without table {gone[0]}" if number == 1 else f"without the {number} largest tables"
            yield name, _without(told, gone)


def _published(programme: Programme, dimension: Dimension) -> set[str]:
    return {
        level
        for table in programme.tables
        for name, levels in zip(table.dimensions, table.levels, strict=True)
        if name == dimension.name
        for level in levels
    }


def _at_level(told: Mapping[str, Any], dimension: str, level: str, finer: set[str]) -> dict[str, Any]:
    """Publish a dimension from a level upwards; tables that published something finer publish the level."""
    value = deepcopy(dict(told))
    for table in value["tables"]:
        levels = table["levels"].get(dimension)
        if levels and finer & set(levels):
            table["levels"][dimension] = list(dict.fromkeys([level, *(n for n in levels if n not in finer)]))
    return value


def _pooled(told: Mapping[str, Any], dimension: Dimension) -> dict[str, Any] | None:
    """Pool neighbours; the last pool takes whoever would be left alone. None where all would be one pool."""
    codes = list(dimension.codes)
    pools = [codes[at : at + POOL] for at in range(0, len(codes), POOL)]
    if len(pools) > 1 and len(pools[-1]) < POOL:
        pools[-2:] = [pools[-2] + pools[-1]]
    groups = {"+".join(pool): pool for pool in pools}
    if len(pools) < 2:
        return None
    value = deepcopy(dict(told))
    value["dimensions"][dimension.name]["levels"] = {"pooled": groups}
    return _at_level(value, dimension.name, "pooled", {"code"})


def _without(told: Mapping[str, Any], gone: list[str]) -> dict[str, Any]:
    value = deepcopy(dict(told))
    value["tables"] = [table for table in value["tables"] if table["id"] not in gone]
    used = {name for table in value["tables"] for name in table["dimensions"]}
    used.add(value["programme"].get("contributor"))
    value["dimensions"] = {name: item for name, item in value["dimensions"].items() if name in used}
    exact = value["policy"].get("round", {}).get("exact")
    if exact is not None:
        value["policy"]["round"] = value["policy"]["round"] | {"exact": [m for m in exact if used.issuperset(m)]}
    return value
