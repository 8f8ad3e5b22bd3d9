"""The private report: why each cell is hidden, and two possible worlds for it. Never published."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from anonymisation.release import Release, Why
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.system import PUBLIC, System

FORMAT = "anonymise/private-report/1"


def private_report(
    greedy: Greedy, release: Release, witnesses: sparse.csr_matrix, *, seconds: float, bound: int
) -> dict[str, Any]:
    """Return the report.

    `witnesses` (k, n) are moves from the truth to worlds that are witnesses by all clauses that the policy asks for;
    `bound` is a proven lower bound on the cost of any safe pattern.
    """
    system, proof = greedy.system, greedy.proof
    worlds = _Worlds(system, witnesses)
    hidden = [
        (number, at, cell)
        for number, table in enumerate(system.programme.tables)
        for at, cell in enumerate(release.cells[table.id])
        if cell.why is Why.PROTECTED
    ]
    quantity_of = {place: q for q, cells in enumerate(system.published) for place in cells}
    cost = int(sum(greedy.cost[q] for q in {quantity_of[number, at] for number, at, _ in hidden}))
    wide = (proof.high - proof.low)[proof.needs]
    public = proof.needs[list(proof.attackers).index(PUBLIC)]
    few = set(greedy.smallness.few(system.truth).tolist())
    lines = []
    for number, at, cell in hidden:
        quantity = quantity_of[number, at]
        table = system.programme.tables[number]
        lines.append(
            {
                "table": table.id,
                "key": list(cell.key),
                "why": "contributors" if quantity in few else _why(greedy, quantity, bool(public[quantity])),
                "worlds": worlds.about(quantity),
            }
        )
    small = {quantity_of[place] for place in quantity_of if public[quantity_of[place]]}
    return {
        "format": FORMAT,
        "cells": sum(len(cells) for cells in release.cells.values()),
        "small": sum(len(system.published[q]) for q in small),
        "hidden": len(hidden),
        "cost": cost,
        "bound": min(bound, cost),
        "gap": 0.0 if cost == 0 else round(1 - min(bound, cost) / cost, 6),
        "empty": release.empty,
        "attackers": len(system.attackers),
        "narrowest": int(wide.min()) if wide.size else None,
        "seconds": round(seconds, 3),
        "why": lines,
    }


def _why(greedy: Greedy, quantity: int, small: bool) -> str:
    """Name the first rule that asks for this cell to be hidden, if it is not few contributors."""
    system = greedy.system
    if small:
        return "small"
    groups = np.flatnonzero(system.margin_of >= 0)
    if greedy.proof.needs[:, quantity].any():
        return "insider"
    value, effect = system.value, system.margin_of
    complement = [g for g in groups if value[effect[g]] - value[g] == value[quantity]]
    if any(greedy.proof.needs[:, g].any() and _is_cell(system, int(g), quantity) for g in complement):
        return "group"
    return "neighbour"


def _is_cell(system: System, group: int, quantity: int) -> bool:
    """Tell whether a group quantity is its margin less this quantity."""
    both = system.matrix[group] + system.matrix[quantity] - system.matrix[system.margin_of[group]]
    return not both.data.any()


class _Worlds:
    """Finds, by moves (k, n) from the truth, the two worlds in which a quantity differs most; truth may be one."""

    def __init__(self, system: System, witnesses: sparse.csr_matrix) -> None:
        self.system = system
        self.witnesses = witnesses
        self.effects = (system.matrix @ witnesses.T).tocsr()
        self.values = system.value

    def about(self, quantity: int) -> list[dict[str, Any]]:
        """Return the worlds, each as the quantity's value there and the leaf counts that differ from the truth."""
        inside = slice(self.effects.indptr[quantity], self.effects.indptr[quantity + 1])
        places, effect = self.effects.indices[inside], self.effects.data[inside]
        low = effect.argmin() if effect.size and effect.min() < 0 else None
        high = effect.argmax() if effect.size and effect.max() > 0 else None
        ends = [(0, None) if at is None else (int(effect[at]), int(places[at])) for at in (low, high)]
        return [self._world(int(self.values[quantity]) + change, place) for change, place in ends]

    def _world(self, value: int, place: int | None) -> dict[str, Any]:
        changed = []
        if place is not None:
            inside = slice(self.witnesses.indptr[place], self.witnesses.indptr[place + 1])
            move = dict(zip(self.witnesses.indices[inside].tolist(), self.witnesses.data[inside].tolist(), strict=True))
            changed = [self.system.name(u) | {"n": int(self.system.truth[u]) + move[u]} for u in sorted(move)]
        return {"n": value, "changed": changed}
