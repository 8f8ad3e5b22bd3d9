"""From a pattern that is safe to one that stays safe against whoever knows the rule: clause (iii) of *Safe*.

What is in the way of proven witnesses is hidden, as little as can be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from anonymisation.suppression.aware import Cover
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.moves import Small
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.system import Ints
from anonymisation.suppression.unit import Unit, units

MOST_TRIES = 6
"""Quantities of about the same cost that are tried one by one when something must be hidden."""
FEW_WAYS = 4
"""Ways to look for a witness in each such try."""


class Rule:
    """Makes the fast pattern of `greedy` rule-aware.

    Unit by unit: where something small has no two proven witnesses, what is in their way is hidden, cheapest first.
    Hiding takes no cover away, so what is proven stays proven. What turns out not to have helped is shown again.
    """

    def __init__(self, greedy: Greedy) -> None:
        self.greedy = greedy
        self.system = greedy.system
        self.cost = greedy.cost
        self.linking = {q for _, _, q in self.system.links}
        self.covers: list[Cover] = []
        self.idle: list[int] = []

    def run(self) -> Pattern | None:
        """Return a rule-aware pattern, or None where none was proven."""
        pattern, waiting = self.greedy.pattern, units(self.greedy.pattern)
        while waiting:
            columns = waiting.pop()
            cover = self._cover(pattern, columns, self.covers)
            narrow = cover.prove()
            while narrow is not None:
                found = self._hide(pattern, cover, narrow)
                if found is None:
                    return None
                pattern, cover = found
                narrow = cover.prove(narrow)
            self._keep(cover)
            done = cover.unit.columns
            waiting = [columns for columns in waiting if not np.isin(columns, done).any()]
        return self._again(pattern)

    def empty(self) -> Pattern | None:
        """Return the pattern that hides everything, if that holds: then every count may be any number."""
        pattern = Pattern(self.system, self.greedy.told)
        self.covers = [self._cover(pattern, columns, self.covers) for columns in units(pattern)]
        return pattern if all(cover.prove() is None for cover in self.covers) else None

    def witnesses(self) -> Small:
        """Return the moves (k, n) from the truth to worlds that are proven safe."""
        found = [np.zeros((0, len(self.system.truth)), np.int32)]
        for cover in self.covers:
            whole = np.zeros((len(cover.proven), len(self.system.truth)), np.int32)
            whole[:, cover.unit.columns] = cover.witnesses
            found.append(whole)
        return np.concatenate(found)

    def _cover(self, pattern: Pattern, columns: Ints, before: Sequence[Cover], *, safe: bool = True) -> Cover:
        """Begin a unit with the moves found so far; witnesses from `before` hold if less is shown now (`safe`)."""
        unit = Unit(pattern, self.greedy.smallness, columns)
        moves = self.greedy.moves
        cover = Cover(unit, self.greedy.solver, moves.moves[: moves.size, columns])
        for other in before:
            both, here, there = np.intersect1d(columns, other.unit.columns, assume_unique=True, return_indices=True)
            if len(both):
                stock = other.shelf.stock
                for some, proven in ((other.witnesses, safe), (stock.moves[: stock.size], False)):
                    part = np.zeros((len(some), len(columns)), np.int32)
                    part[:, here] = some[:, there]
                    if proven:
                        cover.inherit(other, part)
                    else:
                        cover.shelf.stock.add(part)
        return cover

    def _keep(self, cover: Cover) -> None:
        inside = cover.unit.columns
        self.covers = [other for other in self.covers if not np.isin(other.unit.columns, inside).any()] + [cover]

    def _hide(self, pattern: Pattern, cover: Cover, narrow: tuple[int, int]) -> tuple[Pattern, Cover] | None:
        """Hide something, if possible what lets the narrow pair be settled; None where all is hidden."""
        unit, told = cover.unit, self.greedy.told
        beside = np.flatnonzero(abs(pattern.binding.T) @ (np.diff(pattern.binding[:, unit.columns].indptr) > 0))
        shown = [int(q) for q in np.flatnonzero(pattern.shown & ~told) if self._near(int(q), beside)]
        if not shown:
            return None
        # What takes the tables apart is hidden last; of what costs about the same, first what stood in the way.
        dear = np.floor(np.log10(np.maximum(self.cost, 1))).astype(int)
        dear[list(self.linking)] += 100
        order = sorted(shown, key=lambda q: (dear[q], q not in cover.blame, self.cost[q], self.greedy.tie(q)))
        if self.greedy.solver.work.over:
            # Past the limits nothing is tried: the cheaper half of what is near is hidden, as often as it takes.
            hasty = pattern.hiding(*order[: (len(order) + 1) // 2])
            return hasty, self._around(hasty, cover)
        cheaper: list[int] = []
        for _, same in groupby(order, key=lambda q: dear[q]):
            alike = list(same)
            # If all that costs no more does not help, no one of them does.
            trial = pattern.hiding(*cheaper, *alike)
            whole = self._around(trial, cover)
            cheaper += alike
            if not whole.settle_pair(narrow, ways=FEW_WAYS):
                continue
            for quantity in alike[:MOST_TRIES]:
                single = pattern.hiding(quantity)
                found = self._around(single, cover)
                if found.settle_pair(narrow, ways=FEW_WAYS):
                    return single, found
            break
        # Not one alone: then all of them, of which some will be shown again.
        self.idle += cheaper
        return trial, whole

    def _around(self, pattern: Pattern, cover: Cover) -> Cover:
        """Return the unit that a cover's unit becomes once something is hidden, with all that was proven."""
        label = next(c for c in units(pattern) if np.isin(c, cover.unit.columns).any())
        return self._cover(pattern, label, [*self.covers, cover])

    def _near(self, quantity: int, columns: Ints) -> bool:
        """Tell whether a quantity has a row on the unit, or fixes what would be in it."""
        rows = self.system.rows
        return any(
            np.isin(rows.indices[rows.indptr[row] : rows.indptr[row + 1]], columns).any()
            for row in self.system.row_of[quantity].values()
        )

    def _again(self, pattern: Pattern) -> Pattern:
        """Show again what was hidden in vain, in halves, dearest first, and what is wholly fixed by what is shown."""
        pattern = self._extend(pattern, sorted(self.idle, key=lambda q: (-self.cost[q], self.greedy.tie(q))))
        free = np.flatnonzero(pattern.component >= 0)
        told = np.flatnonzero(self.greedy.pattern.shown & ~pattern.shown)
        return pattern.showing(*(int(q) for q in told if not self._near(int(q), free)))

    def _extend(self, pattern: Pattern, quantities: list[int]) -> Pattern:
        """Return the pattern that shows as many of these as holds, found by halving."""
        if not quantities or self.greedy.solver.work.over:
            return pattern
        trial = pattern.showing(*quantities)
        old = [cover for cover in self.covers if any(self._near(q, cover.unit.columns) for q in quantities)]
        inside = [columns for columns in units(trial) if any(np.isin(columns, c.unit.columns).any() for c in old)]
        covers = [self._cover(trial, columns, old, safe=False) for columns in inside]
        if all(cover.prove() is None for cover in covers):
            self.covers = [cover for cover in self.covers if cover not in old] + covers
            return trial
        if len(quantities) == 1:
            return pattern
        half = len(quantities) // 2
        return self._extend(self._extend(pattern, quantities[:half]), quantities[half:])
