"""A pattern: which quantities are shown, and what that fixes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from anonymisation.suppression.system import Bools, Ints, System


@dataclass(frozen=True, eq=False)
class Pattern:
    """`shown` (q,): whether the quantity is known to everyone, here or from an earlier release."""

    system: System
    shown: Bools

    def showing(self, *quantities: int) -> Pattern:
        """Return the pattern that shows these as well."""
        shown = self.shown.copy()
        shown[list(quantities)] = True
        return Pattern(self.system, shown)

    def hiding(self, *quantities: int) -> Pattern:
        """Return the pattern that hides these as well."""
        shown = self.shown.copy()
        shown[list(quantities)] = False
        return Pattern(self.system, shown)

    @cached_property
    def sources(self) -> Ints:
        """For each row of `binding`, the shown quantity that it comes from, or -1 for a link."""
        return self._binding[1]

    @cached_property
    def binding(self) -> sparse.csr_matrix:
        """Rows over the unknowns that no move may change."""
        return self._binding[0]

    @property
    def names(self) -> Ints:
        """For each row of `binding` its row in the system, or for a link -1 and less: the same in every pattern."""
        return self._binding[2]

    @cached_property
    def _binding(self) -> tuple[sparse.csr_matrix, Ints, Ints]:
        system = self.system
        rows, sources = [], []
        for q in np.flatnonzero(self.shown):
            for row in system.row_of[q].values():
                rows.append(row)
                sources.append(q)
        # A link whose quantity is shown on both sides says nothing new, and leaving it out takes the tables apart.
        live = [at for at, (_, _, q) in enumerate(system.links) if not self.shown[q]]
        matrix = system.rows[rows]
        if live:
            ones, others, _ = zip(*(system.links[at] for at in live), strict=True)
            matrix = sparse.vstack([matrix, system.rows[list(ones)] - system.rows[list(others)]], format="csr")
        names = np.array(rows + [-1 - at for at in live], dtype=np.int64)
        return matrix.tocsr(), np.array(sources + [-1] * len(live), dtype=np.int64), names

    @cached_property
    def ceilings(self) -> tuple[sparse.csr_matrix, Ints, Ints]:
        """Rows over the unknowns, the most each may come to, and the shown quantity it comes from (-1: none).

        Lists of several codes; and, where attackers know the rule, for each shown sum and contributor: its part may not
        grow so far that it leaves a small rest for the others, which that contributor would then know. (Nor may it
        leave nothing: a published sum from one contributor alone is small, with `min_contributors`. Without that rule
        such worlds are possible witnesses, and leaving them out costs a little and is safe.)
        """
        system = self.system
        matrix, most, sources = (
            system.lists,
            np.zeros(system.lists.shape[0], np.int64),
            np.full(system.lists.shape[0], -1),
        )
        if not system.programme.policy.rule_aware or not system.programme.policy.insiders:
            return matrix, most, sources
        number, value = len(system.sums), system.matrix @ system.truth
        places = [s for s in range(number) if self.shown[system.sums[s]] and value[system.sums[s]] > 0]
        rows = [c * number + s for c in range(len(system.contributors)) for s in places]
        if not rows:
            return matrix, most, sources
        guards = system.parts[rows]
        asked = np.array([system.sums[r % number] for r in rows])
        bound = value[asked] - system.small_to[asked]
        # A contributor whose part leaves less than that already has nobody else in the sum: its part stays below.
        bound = np.where(guards @ system.truth <= bound, bound, value[asked])
        kept = np.flatnonzero(np.diff(guards.indptr) > 0)
        return (
            sparse.vstack([matrix, guards[kept]], format="csr"),
            np.concatenate([most, bound[kept]]),
            np.concatenate([sources, asked[kept]]),
        )

    @cached_property
    def fixed_by(self) -> Ints:
        """For each unknown, a shown quantity that fixes it (a shown zero above it, or itself), -1 if none does."""
        system = self.system
        fixed = np.full(len(system.truth), -1, dtype=np.int64)
        binding, sources = self.binding, self.sources
        value = binding @ system.truth
        size = np.diff(binding.indptr)
        for row in np.flatnonzero((sources >= 0) & ((value == 0) | (size == 1))):
            fixed[binding.indices[binding.indptr[row] : binding.indptr[row + 1]]] = sources[row]
        return fixed

    @cached_property
    def component(self) -> Ints:
        """For each unknown the number of its component: free unknowns that a row binds together; -1 if fixed."""
        free = self.fixed_by < 0
        graph = sparse.vstack([self.binding, self.system.lists], format="csr").astype(bool)
        graph = graph.multiply(free[None, :]).tocsr()
        graph.eliminate_zeros()
        n = graph.shape[1]
        both = sparse.bmat([[None, graph.T], [graph, None]], format="csr")
        _, labels = connected_components(both, directed=False)
        return np.where(free, labels[:n], -1)
