"""From a pattern that is safe to one that stays safe against whoever knows the rule: clause (iii) of *Safe*.

Units (mostly: tables) that pass as they are stay. The others keep their totals over contributors where they can,
and get their other cells back in halves, as long as each small quantity has proven witnesses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from anonymisation.suppression.aware import Aware, Book
from anonymisation.suppression.greedy import Greedy, costs, tie
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.system import Bools, Ints


class Rule:
    """Makes the fast pattern of `greedy` rule-aware."""

    def __init__(self, greedy: Greedy) -> None:
        self.greedy = greedy
        self.system = greedy.system
        self.books: dict[tuple[object, ...], Book] = {}
        self.failed: tuple[int, int] | None = None
        self.cost = costs(self.system)

    def holds(self, pattern: Pattern, where: Bools) -> bool:
        """Tell whether clause (iii) is proven for the components that touch the unknowns in `where` (n,)."""
        greedy = self.greedy
        aware = Aware(pattern, greedy.smallness, greedy.moves, greedy.solver, self.books)
        for component in aware.components():
            if not (where & (pattern.component == component)).any():
                continue
            found = aware.cover(component, first=self.failed)
            if found is not None:
                self.failed = (self.system.attackers.index(found.attacker), found.quantity)
                return False
        return True

    def order(self, quantities: Sequence[int]) -> list[int]:
        """Return quantities dearest first, ties by the key."""
        return sorted(quantities, key=lambda q: (-self.cost[q], tie(self.system, q, self.greedy.key)))

    def run(self) -> Pattern | None:
        """Return a rule-aware pattern, or None where none was proven.

        First with the margins that tables share as they are, then with them hidden, except for those over everyone.
        """
        full = self.greedy.pattern
        sums = set(self.system.sums)
        shared = {q for _, _, q in self.system.links if full.shown[q] and not self.greedy.told[q]}
        for hidden in (set[int](), shared - sums, shared):
            found = self._run(full.hiding(*hidden)) if hidden or full is self.greedy.pattern else None
            if found is not None:
                return found
        return None

    def empty(self) -> Pattern | None:
        """Return the pattern that hides everything, if that holds: then every count may be any number."""
        pattern = Pattern(self.system, self.greedy.told)
        return pattern if self.holds(pattern, np.ones(len(self.system.truth), bool)) else None

    def _run(self, full: Pattern) -> Pattern | None:
        shown = np.flatnonzero(full.shown)
        tops = set(self.system.sums) | {q for _, _, q in self.system.links} | set(np.flatnonzero(self.greedy.told))
        top = full.hiding(*(int(q) for q in shown if q not in tops))
        done = top
        units = self._units(top)
        for unit in np.unique(units):
            where = units == unit
            if unit >= 0:
                inside = [int(q) for q in shown if self._touches(int(q), where)]
                after = self._component(full, top, where, inside)
                if after is None:
                    return None
                shows = done.shown.copy()
                shows[inside] = after.shown[inside]
                done = Pattern(self.system, shows)
        # What is wholly fixed by what is shown now can be shown too: it tells nothing new.
        return done.showing(*(int(q) for q in shown if not self._free(done, int(q))))

    def _units(self, pattern: Pattern) -> Ints:
        """Return for each unknown the number of its unit: components that no quantity spans, -1 if it is fixed."""
        free = pattern.component >= 0
        graph = sparse.vstack([pattern.binding, self.system.lists, self.system.matrix], format="csr").astype(bool)
        graph = graph.multiply(free[None, :]).tocsr()
        graph.eliminate_zeros()
        both = sparse.bmat([[None, graph.T], [graph, None]], format="csr")
        _, labels = connected_components(both, directed=False)
        return np.where(free, labels[: len(free)], -1)

    def _touches(self, quantity: int, where: Bools) -> bool:
        return any(where[self._places(row)].any() for row in self.system.row_of[quantity].values())

    def _places(self, row: int) -> Ints:
        rows = self.system.rows
        places: Ints = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
        return places

    def _free(self, pattern: Pattern, quantity: int) -> bool:
        return any((pattern.component[self._places(row)] >= 0).any() for row in self.system.row_of[quantity].values())

    def _component(self, full: Pattern, top: Pattern, where: Bools, inside: list[int]) -> Pattern | None:
        """Return a pattern that holds in one component; what it shows elsewhere does not matter."""
        here = top.showing(*inside)
        if self.holds(here, where):
            return here
        totals = self.order([q for q in inside if top.shown[q] and not self.greedy.told[q]])
        pattern = top
        while not self.holds(pattern, where):
            if not totals:
                return None
            choices = [pattern.hiding(q) for q in reversed(totals)]
            good = next((at for at, choice in enumerate(choices) if self.holds(choice, where)), 0)
            gone = totals[len(totals) - 1 - good]
            totals.remove(gone)
            pattern = pattern.hiding(gone)
        rest = self.order([q for q in inside if not top.shown[q]])
        return self._extend(pattern, rest, where, known_bad=False)

    def _extend(self, pattern: Pattern, items: list[int], where: Bools, *, known_bad: bool) -> Pattern:
        """Return the pattern that shows as many of `items` as holds, found by halving."""
        if not items:
            return pattern
        if not known_bad:
            trial = pattern.showing(*items)
            if self.holds(trial, where):
                return trial
        if len(items) == 1:
            return pattern
        half = len(items) // 2
        after = self._extend(pattern, items[:half], where, known_bad=False)
        return self._extend(after, items[half:], where, known_bad=False)
