"""A unit: the unknowns that a pattern leaves free and that bear on each other, and every quantity that they are in.

What happens in one unit tells nothing of another, so clause (iii) of *Safe* is asked unit by unit, over arrays that
hold the unit alone. Elsewhere the counts are the true ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.smallness import Smallness
from anonymisation.suppression.solver import NEAR
from anonymisation.suppression.sums import Sums, Whole
from anonymisation.suppression.system import PUBLIC, Bools, Ints, System


def units(pattern: Pattern) -> list[Ints]:
    """Return the unknowns of each unit: free ones that a row, a list of several codes or a quantity spans."""
    system, free = pattern.system, pattern.fixed_by < 0
    graph = sparse.vstack([pattern.binding, system.lists, system.matrix], format="csr").astype(bool)
    graph = graph.multiply(free[None, :]).tocsr()
    graph.eliminate_zeros()
    both = sparse.bmat([[None, graph.T], [graph, None]], format="csr")
    labels = np.where(free, connected_components(both, directed=False)[1][: len(free)], -1)
    return [np.flatnonzero(labels == label) for label in np.unique(labels[free])]


@dataclass(frozen=True, eq=False)
class Unit:
    """`columns` (u,) are its unknowns under `pattern`; worlds and moves of a unit are arrays over them."""

    pattern: Pattern
    smallness: Smallness
    columns: Ints

    @property
    def system(self) -> System:
        """The system it is part of."""
        return self.pattern.system

    @cached_property
    def where(self) -> Ints:
        """The quantities (w,) that an unknown of the unit is in, or in the margin of, and those that nothing is in."""
        system = self.system
        inside = np.zeros(len(system.truth), np.int64)
        inside[self.columns] = 1
        touched = abs(system.matrix) @ inside > 0
        touched |= (system.margin_of >= 0) & touched[system.margin_of]
        return np.flatnonzero(touched | (np.diff(system.matrix.indptr) == 0))

    @cached_property
    def truth(self) -> Ints:
        """The true counts (u,)."""
        return self.system.truth[self.columns]

    @cached_property
    def owner(self) -> Ints:
        """The contributor (u,) of each unknown."""
        return self.system.owner[self.columns]

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """The quantities (w, u) over the unknowns."""
        return self.system.matrix[self.where][:, self.columns].tocsr()

    @cached_property
    def sums(self) -> Sums:
        """The quantities, to be taken of worlds and moves."""
        return Sums(self.matrix)

    @cached_property
    def attackers(self) -> Ints:
        """The attackers (a,), as in `System`."""
        return np.array(self.system.attackers)

    @cached_property
    def mine(self) -> Bools:
        """Which unknowns (a, u) are the attacker's own."""
        own: Bools = (self.owner[None, :] == self.attackers[:, None]) & (self.attackers[:, None] >= 0)
        return own

    @cached_property
    def width(self) -> Ints:
        """The width (w,) asked for."""
        return self.system.width[self.where]

    @cached_property
    def need(self) -> Bools:
        """What is small (a, w) in truth."""
        return self.look(self.truth)[1]

    @cached_property
    def clear(self) -> Bools:
        """Which quantities (a, w) are known if they are small in a world: shown, or the same in every world.

        What lies in other units counts as known too, unless it is small in truth and so proven there.
        """
        shown = self.pattern.shown[self.where] | (np.diff(self.system.matrix.indptr)[self.where] == 0)
        return np.asarray(shown | (self.outside & ~self.need))

    @cached_property
    def outside(self) -> Bools:
        """Which quantities (w,) no unknown of the unit is in."""
        return np.asarray(np.diff(self.matrix.indptr) == 0)

    @cached_property
    def _sums(self) -> Ints:
        """The published sums (s,) over contributors that the unit is in, by their place in `System.sums`."""
        return np.flatnonzero(np.isin(self.system.sums, self.where) & (self.system.fewest > 1))

    @cached_property
    def _all(self) -> Sums:
        """Quantities, each attacker's own part in them, and each contributor's part in each sum, one below another."""
        system = self.system
        insiders = [a for a in self.attackers if a != PUBLIC]
        own = [self.matrix.multiply((self.owner == a)[None, :]) for a in insiders]
        number = len(system.sums)
        parts = [c * number + s for c in range(len(system.contributors)) for s in self._sums]
        shares = system.parts[parts][:, self.columns]
        return Sums(sparse.vstack([self.matrix, *own, shares], format="csr").astype(np.int64))

    @cached_property
    def _base(self) -> Ints:
        """What the rows of `_all` come to in truth, the fixed unknowns counted too."""
        system, smallness = self.system, self.smallness
        values = [smallness.values(system.truth, int(a))[self.where] for a in self.attackers]
        whole = values[0]
        number = len(system.sums)
        shares = (system.parts @ system.truth).reshape(-1, number)[:, self._sums] if number else np.zeros(0)
        return np.concatenate([whole, *(whole - value for value in values[1:]), shares.ravel()]).astype(np.int64)

    @cached_property
    def _margins(self) -> tuple[Ints, Ints, Ints]:
        """Group quantities: their places, the places of their margins (or -1), and the margins' true values."""
        system = self.system
        group = np.flatnonzero(system.margin_of[self.where] >= 0)
        margin = system.margin_of[self.where[group]]
        at = np.searchsorted(self.where, margin)
        at = np.where((at < len(self.where)) & (self.where[np.minimum(at, len(self.where) - 1)] == margin), at, -1)
        truth = np.array([self.smallness.values(system.truth, int(a))[margin] for a in self.attackers])
        return group, at, truth.reshape(len(self.attackers), len(group))

    @cached_property
    def _limits(self) -> tuple[Ints, Ints, Bools]:
        system, smallness = self.system, self.smallness
        others = [
            np.ones(len(self.where), bool) if a == PUBLIC else smallness.others[a][self.where] for a in self.attackers
        ]
        return system.small_from[self.where], system.small_to[self.where], np.array(others)

    def look(self, world: Ints) -> tuple[Ints, Bools]:
        """Return (a, w) each quantity in a world less the attacker's own part, and whether it is small there."""
        size, number = len(self.where), len(self.attackers)
        here = self._base + self._all.of(world - self.truth)
        own = np.zeros((number, size), np.int64)
        own[self.attackers != PUBLIC] = here[size : number * size].reshape(-1, size)
        value: Ints = here[:size] - own
        begin, end, others = self._limits
        small: Bools = (value >= begin) & (value < end)
        group, at, truth = self._margins
        if len(group):
            small[:, group] &= np.where(at >= 0, value[:, at], truth) > 0
        if len(self._sums):
            above = (here[number * size :].reshape(-1, len(self._sums)) > 0).sum(axis=0)
            few = self.system.sums[self._sums[(above > 0) & (above < self.system.fewest[self._sums])]]
            small[:, np.searchsorted(self.where, few)] = True
        return value, small & others

    @cached_property
    def _bound(self) -> tuple[sparse.csr_matrix, Ints]:
        matrix = self.pattern.binding[:, self.columns]
        kept = np.flatnonzero(np.diff(matrix.indptr))
        return matrix[kept].astype(np.int64), kept

    @property
    def rows(self) -> sparse.csr_matrix:
        """What no move may change (r, u)."""
        return self._bound[0]

    @cached_property
    def _rows(self) -> Sums:
        return Sums(self.rows)

    def keeps(self, moves: NDArray[np.int32]) -> Bools:
        """Tell which moves (k, u) leave alone what no move may change."""
        return np.asarray(~self._rows.of(moves.T).any(axis=0))

    def stops(self, attacker: int, quantity: int, duals: NDArray[np.float64]) -> frozenset[int]:
        """Return the shown quantities that a bound on a quantity (places) rests on, from the duals (r,) of `rows`."""
        pattern, kept = self.pattern, self._bound[1]
        used = np.abs(duals) > NEAR
        found = {int(q) for q in pattern.sources[kept[used]] if q >= 0}
        # Unknowns that something shown fixes matter if moving them would pay.
        whole = np.zeros(pattern.binding.shape[0])
        whole[kept] = duals
        price = self.system.matrix[self.where[quantity]].toarray().ravel() - whole @ pattern.binding
        outside = (np.abs(price) > NEAR) & (pattern.fixed_by >= 0)
        if self.attackers[attacker] != PUBLIC:
            outside &= self.system.owner != self.attackers[attacker]
        return frozenset(found | {int(q) for q in pattern.fixed_by[outside]})

    @property
    def shared(self) -> list[sparse.csr_matrix]:
        """For each attacker its own part (s, u) of the rows that others are in too: all that others' counts rest on."""
        return self._shared[0]

    @property
    def shared_names(self) -> list[Ints]:
        """The names, as in `Pattern.names`, of the rows in `shared`."""
        return self._shared[1]

    @cached_property
    def _shared(self) -> tuple[list[sparse.csr_matrix], list[Ints]]:
        found, names = [], []
        told = self.pattern.names[self._bound[1]]
        for mine in self.mine:
            own, others = self.rows.multiply(mine[None, :]).tocsr(), self.rows.multiply(~mine[None, :]).tocsr()
            own.eliminate_zeros()
            others.eliminate_zeros()
            kept = np.flatnonzero((np.diff(own.indptr) > 0) & (np.diff(others.indptr) > 0))
            found.append(own[kept])
            names.append(told[kept])
        return found, names

    @cached_property
    def _own(self) -> tuple[Sums, list[slice]]:
        ends = np.cumsum([0, *(part.shape[0] for part in self.shared)])
        return Sums(sparse.vstack(self.shared, format="csr")), [slice(*pair) for pair in pairwise(ends)]

    def own(self, counts: Whole) -> list[Ints]:
        """Return for each attacker its own part in `shared` of counts (u,) or (u, k)."""
        sums, parts = self._own
        found = sums.of(counts)
        return [found[part] for part in parts]

    @cached_property
    def lists(self) -> tuple[sparse.csr_matrix, Ints]:
        """Rows over the unknowns, and how much each may grow from the true counts: lists of several codes."""
        whole = self.system.lists
        inside = whole[:, self.columns]
        kept = np.flatnonzero(np.diff(inside.indptr))
        return inside[kept].astype(np.int64), -(whole[kept] @ self.system.truth)

    @cached_property
    def _lists(self) -> Sums:
        return Sums(self.lists[0])

    @cached_property
    def guards(self) -> tuple[sparse.csr_matrix, Ints]:
        """Rows as in `lists`, with the ceilings that every witness for clause (iii) keeps (`Pattern.ceilings`)."""
        whole, most, _ = self.pattern.ceilings
        inside = whole[:, self.columns]
        kept = np.flatnonzero(np.diff(inside.indptr))
        return inside[kept].astype(np.int64), most[kept] - whole[kept] @ self.system.truth

    def leads(self, moves: NDArray[np.int32], world: Ints) -> Bools:
        """Tell which moves (k, u) lead from `world` to another world."""
        fits: Bools = np.asarray((moves >= -world).all(axis=1))
        growth = self.lists[1]
        if len(growth):
            some = np.flatnonzero(fits)
            room = growth - self._lists.of(world - self.truth)
            fits[some] = (self._lists.of(moves[some].T) <= room[:, None]).all(axis=0)
        return fits
