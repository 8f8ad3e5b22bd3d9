"""From counts to a differentially private release and its private report."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from anonymisation import cells as numbered
from anonymisation.cells import Cells
from anonymisation.counts import Counts
from anonymisation.fitting import kinds, search
from anonymisation.fitting.search import Aim, Bools
from anonymisation.history import read
from anonymisation.options import privacy
from anonymisation.privacy.ledger import Event, check_affordable
from anonymisation.privacy.noise import discrete_laplace, standard_deviation
from anonymisation.programme import Dimension
from anonymisation.release import Release

FORMAT = "anonymise/private-report/1"


def privatise(counts: Counts, *, history: Sequence[Release]) -> tuple[Release, dict[str, Any]]:
    """Return a differentially private release and its private report.

    Raises `NoSafeRelease` where the budget does not suffice, `HistoryError` where an earlier release's cost is not
    known, `MissingExtra` where OpenDP is not installed.
    """
    begun = time.monotonic()
    options = privacy(counts.programme.policy)
    before = read(counts.programme, history)
    check_affordable(options.epsilon, options.budget, history)
    cells = numbered.of(counts)
    told_apart = kinds.build(cells)
    finest = measured(cells)
    sensitivity = int(finest[told_apart.cells(told_apart.cheapest(-finest.astype(np.int64)))].sum())
    truth = cells.sums(counts.tables)
    noisy = np.zeros_like(truth)
    noisy[finest], scale = discrete_laplace(truth[finest], sensitivity=sensitivity, epsilon=options.epsilon)
    nowhere = np.zeros(len(truth), dtype=bool)
    aim = Aim(noisy, fixed=nowhere, closed=nowhere, base=1, near=search.LARGEST_ERROR, counted=finest)
    # From here on nothing looks at the truth.
    seed = hashlib.sha256(noisy.tobytes()).digest()
    values = search.fit(told_apart, aim, seed, work=counts.programme.policy.work_limit)
    event = Event(options.epsilon, scale, sensitivity)
    stated = {
        "epsilon": options.epsilon,
        "event": event.to_json(),
        "standard_deviation": round(standard_deviation(scale), 3),
    }
    off = np.abs(values - truth)
    return cells.release(values, stated, revision=before.revision), {
        "format": FORMAT,
        "cells": int(sum((cells.places[t.id] >= 0).sum() for t in counts.programme.tables)),
        "small": int(((truth > 0) & (truth < counts.programme.policy.threshold)).sum()),
        "hidden": 0,
        "largest_deviation": int(off.max(initial=0)),
        "mean_deviation": round(float(off[truth > 0].mean()), 4) if (truth > 0).any() else 0.0,
        "empty": False,
        "seconds": round(time.monotonic() - begun, 3),
    }


def measured(cells: Cells) -> Bools:
    """Return (c,) which cells get noise: those of the finest published levels, of which all others are sums."""
    found = np.zeros(len(cells.people), dtype=bool)
    for table in cells.programme.tables:
        finest = []
        for name, levels in zip(table.dimensions, table.levels, strict=True):
            dimension = cells.programme.dimension(name)
            finest.append([c for level in _finest(dimension, levels) for c in dimension.at_level(level)])
        wanted = set(product(*finest))
        for key, at in zip(table.published(cells.programme), cells.places[table.id], strict=True):
            found[at] |= at >= 0 and key in wanted
    return found


def _finest(dimension: Dimension, levels: Sequence[str]) -> list[str]:
    """Return the published levels that no finer published level adds up to; of a multi list, all."""
    if dimension.multi:
        return list(levels)
    groups = {level: [set(dimension.members[c]) for c in dimension.at_level(level)] for level in levels}
    return [
        level
        for at, level in enumerate(levels)
        if not any(
            all(any(part <= whole for whole in groups[level]) for part in groups[finer]) for finer in levels[:at]
        )
    ]
