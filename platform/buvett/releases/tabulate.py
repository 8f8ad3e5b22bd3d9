"""One municipality's facts → leaf counts in exactly the agreed tables (T.json). Pure: no database, no keys, no log."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from typing import Any

import numpy as np

from anonymisation.counts import Counts, shape_of
from anonymisation.programme import Programme
from anonymisation.reading import LARGEST_COUNT, canonical
from buvett.releases.dimensions import MUNICIPALITY, READERS, Answer
from buvett.releases.errors import NotCountable
from tenants.register.counting import is_countable

LENGTH = 4  # bytes before the text that say how long it is
STEP = 1024


def check_agreed(programme: Programme) -> None:
    """Raise NotCountable unless every dimension of the programme can be counted here."""
    unknown = sorted({d.name for d in programme.dimensions} - set(READERS) - {MUNICIPALITY})
    if unknown or programme.contributor != MUNICIPALITY:
        raise NotCountable(f"the programme counts by what no register holds: {', '.join(unknown) or 'no contributor'}")


def tabulate(
    assessments: Iterable[Mapping[str, Any]], programme: Programme, *, municipality: str, counted_on: date
) -> bytes:
    """T.json, canonical: counts of the countable cases of ``municipality`` (its code) in the programme's tables.

    Cases that may not be counted are left out (tenants.register.counting). Raises NotCountable for a fact that a list
    of the programme has no code for; the message names the list, never the fact. Work: cases × tables.
    """
    check_agreed(programme)
    if municipality not in programme.contributors:
        raise NotCountable("the municipality is not in the programme")
    arrays = {table.id: np.zeros(shape_of(programme, table), dtype=np.int64) for table in programme.tables}
    for assessment in assessments:
        if not is_countable(assessment, counted_on=counted_on):
            continue
        places = _places(assessment, programme, municipality=municipality, counted_on=counted_on)
        for table in programme.tables:
            for at in product(*(places[name] for name in table.axes(programme))):
                arrays[table.id][at] += 1
    return Counts.from_tables(programme, arrays, contributors=[municipality]).to_bytes()


def _places(
    assessment: Mapping[str, Any], programme: Programme, *, municipality: str, counted_on: date
) -> dict[str, tuple[int, ...]]:
    """Where the case counts along each dimension's axis: one place, or for a multi list its codes and the total."""
    found = {}
    for dimension in programme.dimensions:
        answer: Answer = municipality
        if dimension.name != MUNICIPALITY:
            answer = READERS[dimension.name](assessment, counted_on)
        codes = answer if dimension.multi else (answer,)
        try:
            at = tuple(dimension.codes.index(code) for code in codes)
        except ValueError:
            # Without the cause: its text holds the fact.
            raise NotCountable(f"a fact has no code in the programme's list {dimension.name}") from None
        found[dimension.name] = (*at, len(dimension.codes)) if dimension.multi else at
    return found


def padded_length(programme: Programme) -> int:
    """Bytes of a padded contribution: room for every leaf cell of any one contributor with the largest count.

    Depends on the programme alone, so the length of what is sealed tells nothing.
    """
    widest = max(programme.contributors, key=lambda code: (len(canonical(code)), code))
    tables = []
    for table in programme.tables:
        axes = [programme.dimension(name) for name in table.axes(programme)]
        codes = [
            (widest,) if axis.name == programme.contributor else (*axis.codes, axis.total)[: axis.size] for axis in axes
        ]
        cells = [{"key": list(key), "n": LARGEST_COUNT} for key in product(*codes)]
        tables.append({"id": table.id, "dimensions": [axis.name for axis in axes], "cells": cells})
    whole = {"format": "anonymise/counts/1", "programme_sha256": programme.sha256, "tables": tables}
    return -(-(LENGTH + len(canonical(whole))) // STEP) * STEP


def pad(text: bytes, *, length: int) -> bytes:
    """The text after its length, filled with zero bytes to ``length``."""
    if LENGTH + len(text) > length:
        raise NotCountable("the counts do not fit the programme's fixed length")
    return (len(text).to_bytes(LENGTH, "big") + text).ljust(length, b"\0")


def unpad(padded: bytes) -> bytes:
    """The text. Raises ValueError where ``pad`` did not make this."""
    end = LENGTH + int.from_bytes(padded[:LENGTH], "big")
    if len(padded) < LENGTH or end > len(padded) or padded.count(0, end) != len(padded) - end:
        raise ValueError("not padded by us")
    return padded[LENGTH:end]
