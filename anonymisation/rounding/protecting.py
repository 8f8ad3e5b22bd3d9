"""From counts to a rounded release and its private report."""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from anonymisation import cells as numbered
from anonymisation.cells import Cells, Ints, People
from anonymisation.counts import Counts
from anonymisation.errors import HistoryError, NoSafeRelease
from anonymisation.fitting import kinds, search
from anonymisation.fitting.search import Aim, Bools
from anonymisation.history import History, read, told
from anonymisation.options import Rounding, rounding
from anonymisation.programme import Method, Programme
from anonymisation.release import Release

FORMAT = "anonymise/private-report/1"


def round_counts(counts: Counts, *, history: Sequence[Release], key: bytes) -> tuple[Release, dict[str, Any]]:
    """Return a rounded release and its private report.

    Cells that an earlier release of the same people shows keep its value; a correction keeps the value of the revision
    before wherever that is still near enough. Raises `NoSafeRelease` where no rounding within the bounds was found.
    """
    begun = time.monotonic()
    programme = counts.programme
    options = rounding(programme.policy)
    before = read(programme, history)
    cells = numbered.of(counts)
    truth = cells.sums(counts.tables)
    aim = _aim(cells, truth, options, before)
    seed = hmac.digest(key, b"anonymise/rounding/1\0" + programme.sha256.encode(), "sha256")
    values = search.fit(kinds.build(cells), aim, seed, work=programme.policy.work_limit)
    off = np.abs(values - truth)
    if not aim.allows(values).all() or off.max(initial=0) > options.max_deviation or _missed(aim, values):
        names = ", ".join(table.id for table in programme.tables)
        raise NoSafeRelease(
            f"no rounding of tables {names} was found within max_deviation {options.max_deviation}"
            " with the exact totals and all earlier values kept"
        )
    return cells.release(values, stated(options), revision=before.revision), {
        "format": FORMAT,
        "cells": int(sum((cells.places[table.id] >= 0).sum() for table in programme.tables)),
        "small": int(((truth > 0) & (truth < options.base)).sum()),
        "hidden": 0,
        "largest_deviation": int(off.max(initial=0)),
        "mean_deviation": round(float(off[truth > 0].mean()), 4) if (truth > 0).any() else 0.0,
        "empty": False,
        "seconds": round(time.monotonic() - begun, 3),
    }


def stated(options: Rounding) -> dict[str, Any]:
    """Return what the release tells everyone: nothing in it depends on the counts."""
    return {
        "base": options.base,
        "max_deviation": options.max_deviation,
        "exact": [list(margin) for margin in options.exact],
        "zeros": "kept",
    }


def exact_cells(programme: Programme, cells: Cells, margins: Sequence[Sequence[str]]) -> Bools:
    """Return (c,) which cells are of a margin that is shown as it is: they narrow exactly its dimensions.

    A margin over a dimension has the cells of all its published levels.
    """
    found = np.zeros(len(cells.people), dtype=bool)
    wanted = {tuple(sorted(margin)) for margin in margins}
    for table in programme.tables:
        totals = [programme.dimension(name).total for name in table.dimensions]
        for codes, at in zip(table.published(programme), cells.places[table.id], strict=True):
            over = (n for n, code, total in zip(table.dimensions, codes, totals, strict=True) if code != total)
            if at >= 0 and tuple(sorted(over)) in wanted:
                found[at] = True
    return found


def _aim(cells: Cells, truth: Ints, options: Rounding, before: History) -> Aim:
    target = truth.copy()
    fixed = exact_cells(cells.programme, cells, options.exact)
    number = {who: at for at, who in enumerate(cells.people)}
    if before.corrected:
        for who, value in told(before.corrected[-1], cells.contributors, "history").items():
            at = number[who]
            if not fixed[at] and abs(value - truth[at]) <= options.max_deviation:
                target[at] = value
    for release in before.same:
        far = _far(release)
        if far is None:
            continue
        for who, value in told(release, cells.contributors, "history").items():
            if who not in number:
                continue
            at = number[who]
            _check_possible(release, who, abs(value - int(truth[at])), far)
            if fixed[at] and target[at] != value:
                raise HistoryError(f"history ({release.programme.id}): shows an exact total as another number")
            target[at], fixed[at] = value, True
    return Aim(target=target, fixed=fixed, closed=truth == 0, base=options.base, near=options.base)


def _far(release: Release) -> int | None:
    """Return how far an earlier release's values may be from the truth; None where they are not to be kept."""
    match release.programme.policy.method:
        case Method.SUPPRESS:
            return 0
        case Method.ROUND:
            return rounding(release.programme.policy).max_deviation
        case _:
            return None


def _check_possible(release: Release, who: People, off: int, far: int) -> None:
    if off > far:
        names = ", ".join(name for name, _ in who) or "everyone"
        raise HistoryError(f"history ({release.programme.id}): a number over {names} that these people cannot have")


def _missed(aim: Aim, values: Ints) -> bool:
    return bool((values != aim.target)[aim.fixed].any())
