"""Which column of a file may be which, where its heading is not known: a guess for a person to confirm.

A guess rests on the heading (spelt nearly like a known one, or holding one) and, where a field's values cannot be
mistaken for another's, on them. It is left out where two columns fit about as well: no guess costs a choice, a wrong
one costs a register. Whether an address is protected is never guessed from values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher

from tenants.register.codelists import Column, Kind, code_list
from tenants.register.importing.cells import as_date, as_text
from tenants.register.importing.folding import fold_header
from tenants.register.importing.labels import labels_of
from tenants.register.importing.table import Cell

_NEARLY = 0.8  # of the letters, as difflib counts
_HOLDS = 0.85
_SHORTEST_HELD = 5
_FITS = 0.6  # of the values
_APART = 0.15
_NUMBER = re.compile(r"[0-9]{9,11}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def suggest(
    headings: Mapping[int, str], values: Mapping[int, Sequence[Cell]], fields: Collection[Column]
) -> dict[int, str]:
    """Return index of a column to the canonical name of the field that it may be.

    headings: of the columns that nobody knows yet; values: some cells below each; fields: those still without a column.
    Work: headings × fields × their aliases.
    """
    scores: dict[tuple[int, str], float] = {}
    for one in fields:
        aliases = [fold_header(alias) for alias in (one.name, *one.aliases)]
        fits = _fits(one)
        for index, heading in headings.items():
            score = _score(one, _likeness(fold_header(heading), aliases), _share(values.get(index, ()), fits))
            if score:
                scores[index, one.name] = score
    return _apart(scores)


def _apart(scores: Mapping[tuple[int, str], float]) -> dict[int, str]:
    """Return the best pairs, each column and field once; a field whose two best columns are about equal has none."""
    found: dict[int, str] = {}
    spent: set[str] = set()
    for (index, name), score in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])):
        if index in found or name in spent:
            continue
        spent.add(name)
        rivals = [s for (i, n), s in scores.items() if n == name and i != index and i not in found]
        if not rivals or score - max(rivals) >= _APART:
            found[index] = name
    return found


def _score(one: Column, likeness: float, share: float | None) -> float:
    """Return 0 for no; 1 for values that fit under a heading that says nothing, and above it for one that says so."""
    if share is not None and share < _FITS:
        return 0.0
    if likeness >= _NEARLY:
        return 1 + likeness
    return 1.0 if share is not None and one.kind in _TOLD_BY_VALUES else 0.0


def _likeness(heading: str, aliases: Sequence[str]) -> float:
    """Return how like a known name the heading is, 0 to 1; blanks and signs do not count."""
    if not heading:
        return 0.0
    best = 0.0
    for alias in aliases:
        shorter, longer = sorted((heading, alias), key=len)
        if len(shorter) >= _SHORTEST_HELD and shorter in longer:
            best = max(best, _HOLDS)
        matcher = SequenceMatcher(None, heading, alias)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            best = max(best, matcher.ratio())
    return best


def _share(values: Sequence[Cell], fits: Callable[[Cell], bool] | None) -> float | None:
    """Return the share of the values that fit, or None where there are none or any text would do."""
    used = [value for value in values if as_text(value)]
    if not used or fits is None:
        return None
    return sum(fits(value) for value in used) / len(used)


_TOLD_BY_VALUES = frozenset({Kind.IDENTITY_NUMBER, Kind.BIRTH_YEAR, Kind.DATE, Kind.CODE, Kind.CODES})


def _fits(one: Column) -> Callable[[Cell], bool] | None:
    if one.kind is Kind.IDENTITY_NUMBER:
        return lambda cell: bool(_NUMBER.fullmatch(re.sub(r"[\s.-]|\.0$", "", as_text(cell))))
    if one.kind is Kind.BIRTH_YEAR:
        return lambda cell: bool(_YEAR.fullmatch(as_text(cell)))
    if one.kind is Kind.DATE:
        return lambda cell: not as_text(cell).isdigit() and as_date(cell, epoch_1904=False) is not None
    if one.list_id is None:
        return None
    labels = labels_of(code_list(one.list_id), {})
    if one.kind is Kind.CODES:
        return lambda cell: labels.split(as_text(cell))[1]
    # A digit alone is a code of the support levels, but a number of children as well.
    return lambda cell: labels.find(as_text(cell)) is not None and not as_text(cell).isdigit()
