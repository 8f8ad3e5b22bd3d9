"""What a value looks like without saying what it is: enough to know a column by, too little to know a person by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from tenants.register.importing.cells import as_date, as_text
from tenants.register.importing.table import Cell, is_blank

_DECIMAL = re.compile(r"[+-]?[0-9]+[.,][0-9]+")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[ \u00a0.-](?=[0-9])")
_MOST_WORDS = 3


class ShapeKind(Enum):
    """The kinds of shape."""

    DIGITS = "digits"
    DATE = "date"
    NUMBER = "number"
    WORDS = "words"
    LONG_TEXT = "long_text"


@dataclass(frozen=True)
class Shape:
    """A kind, and how many digits or words (0 where that is not told)."""

    kind: ShapeKind
    size: int = 0


def shape_of(cell: Cell) -> Shape | None:
    """Return the shape of a cell, or None for a blank one.

    >>> shape_of("178655 28469")
    Shape(kind=<ShapeKind.DIGITS: 'digits'>, size=11)
    """
    text = as_text(cell)
    if is_blank(cell) or not text:
        return None
    joined = _BETWEEN_DIGITS.sub("", text)
    if not text.isdigit() and as_date(cell, epoch_1904=False):
        return Shape(ShapeKind.DATE)
    if _DECIMAL.fullmatch(text):
        return Shape(ShapeKind.NUMBER)
    if joined.isdigit():
        return Shape(ShapeKind.DIGITS, len(joined))
    words = len(text.split())
    return Shape(ShapeKind.WORDS, words) if words <= _MOST_WORDS else Shape(ShapeKind.LONG_TEXT)
