"""From counts with record keys to a perturbed release and its private report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from anonymisation import cells as numbered
from anonymisation.cellkey.ptable import maximum_entropy
from anonymisation.counts import Counts
from anonymisation.errors import CountsError, HistoryError
from anonymisation.history import read, told
from anonymisation.options import CellKey, cell_key
from anonymisation.programme import Method
from anonymisation.release import Release

FORMAT = "anonymise/private-report/1"


def perturb_counts(counts: Counts, *, history: Sequence[Release]) -> tuple[Release, dict[str, Any]]:
    """Return a perturbed release and its private report.

    Raises `CountsError` where the counts hold no record keys: from tables alone nobody can tell whether two cells, or
    two periods, hold the same people, and new noise for the same people would be averaged away. Raises `HistoryError`
    where an earlier release of the same people was made with another secret.
    """
    begun = time.monotonic()
    programme, keys = counts.programme, counts.keys
    if keys is None:
        raise CountsError(
            "counts: method cellkey needs record keys, and tables alone have none: give a CSV of persons with a"
            " column person and a key file, or a T.json made from one by `anonymise counts --key-file`"
        )
    options = cell_key(programme.policy)
    before = read(programme, history)
    cells = numbered.of(counts)
    truth = cells.sums(counts.tables)
    key = cells.sums({name: array.view(np.int64) for name, array in keys.items()}).view(np.uint64)
    table = maximum_entropy(options.deviation, options.variance, options.smallest)
    values = table.perturb(truth, key)
    for release in before.same:
        policy = release.programme.policy
        if policy.method is not Method.CELLKEY or cell_key(policy) != options:
            continue
        shown = told(release, counts.contributors, "history")
        if any(shown.get(who, value) != value for who, value in zip(cells.people, values.tolist(), strict=True)):
            raise HistoryError(f"history ({release.programme.id}): was made with another secret, or of other people")
    off = np.abs(values - truth)
    return cells.release(values, stated(options), revision=before.revision), {
        "format": FORMAT,
        "cells": int(sum((cells.places[t.id] >= 0).sum() for t in programme.tables)),
        "small": int(((truth > 0) & (truth < programme.policy.threshold)).sum()),
        "hidden": 0,
        "largest_deviation": int(off.max(initial=0)),
        "mean_deviation": round(float(off[truth > 0].mean()), 4) if (truth > 0).any() else 0.0,
        "empty": False,
        "seconds": round(time.monotonic() - begun, 3),
    }


def stated(options: CellKey) -> dict[str, Any]:
    """Return what the release tells everyone: nothing in it depends on the counts."""
    return {
        "max_deviation": options.deviation,
        "variance": options.variance,
        "smallest": options.smallest,
        "zeros": "kept",
    }
