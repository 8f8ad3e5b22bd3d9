"""Where to look for a move: among a few neighbours on the longest axis first, then further out, then everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from anonymisation.suppression.circuits import Area
from anonymisation.suppression.system import Bools, Ints, System

TOGETHER = 5_000
"""Unknowns that are one area."""
IN_A_GROUP, LEAST = 1_400, 4
"""Unknowns of a group, and the codes that it has at least."""
RICH = 2
"""Groups with most that is small, which help out others."""
Groups = tuple[int, ...]


class Areas:
    """Divides the unknowns into groups of neighbours, `group` (n,): -1 for those that are in no such place."""

    def __init__(self, system: System, told: Bools, small: Bools) -> None:
        """`told` (q,) cannot be hidden; `small` (q,) are the quantities that are."""
        self.system = system
        self.told = told
        links = system.links
        ones, others = [one for one, _, _ in links], [other for _, other, _ in links]
        self.tied = (system.rows[ones] - system.rows[others]).tocsr()
        self.group = _groups(system)
        self.number = int(self.group.max(initial=-1)) + 1
        inside = np.asarray(abs(system.matrix[np.flatnonzero(small)]).sum(axis=0)).ravel()
        held = self.group >= 0
        self.rich = np.argsort(-np.bincount(self.group[held], inside[held], self.number), kind="stable")[:RICH].tolist()
        self.made: dict[Groups, Area] = {}

    def around(self, quantity: int, still: Bools) -> Iterator[Area]:
        """Give areas about a quantity, the nearest first; `still` (n,) are unknowns that do not change."""
        matrix = self.system.matrix
        columns = matrix.indices[matrix.indptr[quantity] : matrix.indptr[quantity + 1]]
        columns = columns[~still[columns]]
        above = columns[self.system.truth[columns] > 0]
        groups, counts = np.unique(self.group[above if len(above) else columns], return_counts=True)
        order = groups[np.argsort(-counts, kind="stable")].tolist()
        tried = set()
        for circle in self._circles(order[:2]):
            groups_in = tuple(sorted(set(circle)))
            if groups_in not in tried:
                tried.add(groups_in)
                yield self._area(groups_in)

    def everything(self) -> Area:
        """Return the area of all unknowns."""
        return self._area((-1, *range(self.number)))

    def _circles(self, near: list[int]) -> Iterator[Groups]:
        if self.number and near:
            wider = [g + step for g in near for step in (-1, 0, 1) if 0 <= g + step < self.number]
            yield tuple(near)
            yield (-1, *wider)
            yield (-1, *near, *self.rich)
        yield (-1, *range(self.number))

    def _area(self, groups: Groups) -> Area:
        if groups not in self.made:
            columns = np.flatnonzero(np.isin(self.group, groups))
            self.made[groups] = Area(self.system, columns, self.tied, self.told)
        return self.made[groups]


def _groups(system: System) -> Ints:
    """Return (n,) the group of each unknown: some codes after each other of the longest axis."""
    group = np.full(len(system.truth), -1, dtype=np.int64)
    if len(group) <= TOGETHER:
        return group
    sizes = {name: size for block in system.blocks for name, size in zip(block.axes, block.shape, strict=True)}
    longest = max(sizes, key=lambda name: (sizes[name], name))
    place = group.copy()
    for block in system.blocks:
        if longest in block.axes:
            axis = block.axes.index(longest)
            places = np.indices(block.shape, sparse=True)[axis]
            place[block.start : block.start + block.size] = np.broadcast_to(places, block.shape).ravel()
    each = max(1, int((place >= 0).sum()) // sizes[longest])
    together = max(LEAST, IN_A_GROUP // each)
    # The last group is whole too.
    last = max(0, sizes[longest] // together - 1)
    return np.where(place < 0, -1, np.minimum(place // together, last))
