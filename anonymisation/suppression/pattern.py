"""A pattern: which quantities are shown, and what that fixes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from anonymisation.suppression.remainder import Remainder, least_rest, remainders
from anonymisation.suppression.system import Bools, Ceilings, Ints, System


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
    def ceilings(self) -> Ceilings:
        """Rows over the unknowns, the most each may come to, and the shown quantities that this follows from.

        Lists of several codes; and, where attackers know the rule, for each contributor its part of what shown sums
        leave (`remainder`): it may not grow so far that it leaves a small rest for the others, which that contributor
        would then know. (Nor may it leave nothing: a published sum from one contributor alone is small, with
        `min_contributors`. Without that rule such worlds are possible witnesses, and leaving them out costs a little
        and is safe.)
        """
        system, policy = self.system, self.system.programme.policy
        if not policy.rule_aware or not policy.insiders:
            size = system.lists.shape[0]
            return system.lists, np.zeros(size, dtype=np.int64), (frozenset(),) * size
        # They follow from the sums that are shown, and most patterns in a row differ in something else.
        name = self.shown[system.sums].tobytes()
        if name not in system.ceilings:
            system.ceilings[name] = self._ceilings()
        return system.ceilings[name]

    def _ceilings(self) -> Ceilings:
        system = self.system
        lists = system.lists
        most, sources = [0] * lists.shape[0], [frozenset[int]()] * lists.shape[0]
        few = np.isin(np.arange(len(self.shown)), system.sums)
        pointers, columns = [0], [np.zeros(0, np.int64)]
        found: dict[frozenset[int], tuple[Remainder, int]] = {}
        for one in remainders(system.splits, self.shown, system.value):
            rest = least_rest(one, system.small_from, system.small_to, system.width, few=few)
            first, most_rest = found.get(one.sources, (one, 0))
            found[one.sources] = first, max(rest, most_rest)
        for one, rest in found.values():
            for inside in system.own_parts(one.leaves) if rest else ():
                # What already leaves less in truth has nobody else in it, or is found narrow anyway.
                bound = one.value - rest if system.truth[inside].sum() <= one.value - rest else one.value
                most.append(bound)
                sources.append(one.sources)
                columns.append(inside)
                pointers.append(pointers[-1] + len(inside))
        whole = np.concatenate(columns)
        shape = (len(pointers) - 1, len(system.truth))
        guards = sparse.csr_matrix((np.ones(len(whole), np.int64), whole, np.array(pointers)), shape=shape)
        matrix = sparse.vstack([lists, guards], format="csr") if lists.shape[0] else guards
        return matrix, np.array(most, dtype=np.int64), tuple(sources)

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
