"""What is published: a frozen value that can be read alone for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from anonymisation.errors import ProgrammeError, ReleaseError
from anonymisation.programme import Method, Programme, Table
from anonymisation.reading import LARGEST_COUNT, canonical, file_bytes, is_whole, json_object, unknown_keys

FORMAT = "anonymise/release/1"
KEYS = {
    "format", "programme", "period", "population", "policy", "programme_sha256", "dimensions", "contributor",
    "contributors", "revision", "tables",
}  # fmt: skip
OPTIONAL = {"empty", "stated"}


class Why(StrEnum):
    """Why a cell is hidden, as told to everyone: no more, since more would narrow what an attacker can work out."""

    PROTECTED = "protected"
    WAITING = "waiting"


@dataclass(frozen=True)
class Cell:
    """A published cell: `value` is None where it is hidden, and `why` is None where it is shown."""

    key: tuple[str, ...]
    value: int | None
    why: Why | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the cell as the release writes it."""
        if self.why is None:
            return {"key": list(self.key), "value": self.value, "status": "shown"}
        return {"key": list(self.key), "value": None, "status": "hidden", "why": str(self.why)}


@dataclass(frozen=True)
class Release:
    """A protected publication of one programme.

    `cells[table id]` are the published cells in the order of `Table.published`; `contributors` those that delivered;
    `stated` is what a perturbing method tells everyone (a largest deviation, a budget), empty for suppression.
    """

    programme: Programme
    contributors: tuple[str, ...]
    cells: Mapping[str, tuple[Cell, ...]]
    revision: int = 0
    empty: bool = False
    stated: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | str) -> Release:
        """Read a file; raise `ReleaseError` with one line per problem."""
        path = Path(path)
        return cls.parse(file_bytes(path, error=ReleaseError), source=path.name)

    @classmethod
    def parse(cls, text: str | bytes, *, source: str = "release") -> Release:
        """Read the text of a release; raise `ReleaseError` with one line per problem."""
        return _parse(json_object(text, source=source, error=ReleaseError), source)

    def __iter__(self) -> Iterator[tuple[Table, Cell]]:
        """Give each published cell with its table."""
        for table in self.programme.tables:
            for cell in self.cells[table.id]:
                yield table, cell

    @cached_property
    def values(self) -> Mapping[tuple[str, tuple[str, ...]], int]:
        """The shown values by table id and key."""
        return {(table.id, cell.key): cell.value for table, cell in self if cell.value is not None}

    def to_json(self) -> dict[str, Any]:
        """Return the release as plain values for JSON."""
        whole = self.programme.to_json()
        tables = []
        for table, told in zip(self.programme.tables, whole["tables"], strict=True):
            tables.append(told | {"cells": [cell.to_json() for cell in self.cells[table.id]]})
        value: dict[str, Any] = {
            "format": FORMAT,
            "programme": self.programme.id,
            "period": self.programme.period,
            "population": self.programme.population,
            "policy": whole["policy"],
            "programme_sha256": self.programme.sha256,
            "dimensions": whole["dimensions"],
            "contributor": self.programme.contributor,
            "contributors": list(self.contributors),
            "revision": self.revision,
            "tables": tables,
        }
        if self.empty:
            value["empty"] = True
        if self.stated:
            value["stated"] = dict(self.stated)
        return value

    def to_bytes(self) -> bytes:
        """Return the release as canonical JSON: the bytes that are written, hashed and signed."""
        return canonical(self.to_json())


def _parse(value: dict[str, Any], source: str) -> Release:
    problems = [f"{source}: unknown key {key!r}" for key in unknown_keys(value, KEYS | OPTIONAL)]
    problems += [f"{source}: {key} is missing" for key in sorted(KEYS - set(value))]
    if value.get("format") != FORMAT:
        problems.append(f"{source}: format must be {FORMAT}")
    tables = value.get("tables")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(f"{source}: tables must be a list of tables")
    if problems:
        raise ReleaseError(problems)
    programme = _programme(value, source)
    if value["programme_sha256"] != programme.sha256:
        problems.append(f"{source}: programme_sha256 does not fit the programme that is repeated")
    if not is_whole(value["revision"]) or value["revision"] < 0:
        problems.append(f"{source}: revision must be a whole number of at least 0")
    who = value["contributors"]
    known = programme.contributors
    if not isinstance(who, list) or [code for code in known if code in who] != who:
        problems.append(f"{source}: contributors must be codes of the contributors, in their order")
        who = []
    if not isinstance(value.get("empty", False), bool) or not isinstance(value.get("stated", {}), dict):
        problems.append(f"{source}: empty or stated is of the wrong kind")
    cells = {}
    for table, given in zip(programme.tables, value["tables"], strict=True):
        cells[table.id] = _cells(programme, table, given.get("cells"), f"{source}: table {table.id}", problems)
    if problems:
        raise ReleaseError(problems)
    return Release(programme, tuple(who), cells, value["revision"], value.get("empty", False), value.get("stated", {}))


def _programme(value: dict[str, Any], source: str) -> Programme:
    """Read the programme that the release repeats."""
    head = {"id": value["programme"], "period": value["period"], "population": value["population"]}
    if value["contributor"] is not None:
        head["contributor"] = value["contributor"]
    tables = [{key: item for key, item in table.items() if key != "cells"} for table in value["tables"]]
    told = {"programme": head, "policy": value["policy"], "dimensions": value["dimensions"], "tables": tables}
    try:
        return Programme.from_json(told, source=source)
    except ProgrammeError as problem:
        raise ReleaseError(problem.problems) from None


def _cells(programme: Programme, table: Table, given: object, where: str, problems: list[str]) -> tuple[Cell, ...]:
    """Return a table's cells in their one order; each problem is added to `problems`."""
    found: dict[tuple[str, ...], Cell] = {}
    for number, item in enumerate(given if isinstance(given, list) else (), 1):
        here = f"{where}: row {number}"
        cell = _cell(item, negative=programme.policy.method is Method.DP)
        if cell is None:
            problems.append(f"{here}: not a cell that is shown with a whole number or hidden with a reason")
        elif cell.key in found:
            problems.append(f"{here}: the cell has been given before")
        else:
            found[cell.key] = cell
    published = table.published(programme)
    if set(found) != set(published):
        problems.append(f"{where}: needs exactly the cells that the programme publishes")
        return ()
    return tuple(found[key] for key in published)


def _cell(item: object, *, negative: bool) -> Cell | None:
    if not isinstance(item, dict) or not isinstance(item.get("key"), list):
        return None
    if not all(isinstance(code, str) for code in item["key"]):
        return None
    key, value = tuple(item["key"]), item.get("value")
    if item.get("status") == "shown" and set(item) == {"key", "value", "status"} and isinstance(value, int):
        if isinstance(value, bool):
            return None
        least = -LARGEST_COUNT if negative else 0
        return Cell(key, value) if least <= value <= LARGEST_COUNT else None
    if item.get("status") == "hidden" and set(item) == {"key", "value", "status", "why"} and value is None:
        return Cell(key, None, Why(item["why"])) if item["why"] in [str(why) for why in Why] else None
    return None
