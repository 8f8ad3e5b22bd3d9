"""The columns of an imported register and the rows that are none, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache

from tenants.register.codelists.loader import Answer, read_data


class Kind(Enum):
    """How the cells of a column are read."""

    TEXT = "text"
    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"
    BIRTH_YEAR = "birth_year"
    COUNT = "count"
    CODE = "code"
    CODES = "codes"
    AREA = "area"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its canonical (nynorsk) name, how it is read, and the envelope and fact that it fills.

    ``required``: no row without it. ``must_exist``: a cell may be empty, but the file must have the column.
    """

    name: str
    kind: Kind
    compartment: str
    fact: str
    list_id: str | None
    required: bool
    must_exist: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RowWords:
    """First cells of total rows, and texts that stand for a missing answer or for none, as written (not yet folded)."""

    total_rows: tuple[str, ...]
    zero: tuple[str, ...]
    answers: tuple[tuple[str, Answer], ...]


@cache
def columns() -> tuple[Column, ...]:
    """Return all columns in canonical order."""
    return tuple(
        Column(
            name=raw["name"],
            kind=Kind(raw["kind"]),
            compartment=raw["compartment"],
            fact=raw["fact"],
            list_id=raw.get("list_id"),
            required=raw.get("required", False),
            must_exist=raw.get("must_exist", False),
            aliases=tuple(raw["aliases"]),
        )
        for raw in read_data("columns", None)["columns"]
    )


@cache
def row_words() -> RowWords:
    """Return the words that mark total rows and missing answers."""
    raw = read_data("rows", None)
    return RowWords(
        total_rows=tuple(raw["total_rows"]),
        zero=tuple(raw["zero"]),
        answers=tuple((text, state) for state in Answer for text in raw[state.value]),
    )
