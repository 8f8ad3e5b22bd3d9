"""The truth as the auditor knows it, and what of it each contributor knows: its own counts, in every table."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import sparse

from anonymisation.attack.insight import Work, first_world
from anonymisation.attack.polytope import Ints, NoWorldError, Polytope, Rows
from anonymisation.attack.quantities import Flags, Quantities
from anonymisation.attack.system import Block, System, block_columns, matrix
from anonymisation.counts import Counts
from anonymisation.errors import CountsError


@dataclass(frozen=True)
class Truth:
    """Leaf counts of the current programme's tables as rows over the unknowns.

    `world` is one world that has all of them: *the* truth wherever the current programme's tables decide.
    """

    cells: sparse.csr_matrix
    values: Ints
    owner: Ints
    world: Ints

    def own(self, who: int) -> Rows:
        """What contributor number `who` knows: a rule for each of its own counts."""
        mine = np.flatnonzero(self.owner == who)
        return Rows(sparse.csr_matrix(self.cells[mine]), self.values[mine], self.values[mine])

    def decides(self, quantities: Quantities) -> Flags:
        """Which quantities (as the public sees them) are sums of whole cells of the truth."""
        columns = self.cells.tocsc()
        cell_of = np.full(columns.shape[1], -1)
        held = np.diff(columns.indptr) > 0
        cell_of[held] = columns.indices[columns.indptr[:-1][held]]
        size = np.diff(self.cells.indptr)
        known = np.zeros(quantities.sums.shape[0], dtype=bool)
        for row in range(len(known)):
            inside = cell_of[quantities.sums.indices[quantities.sums.indptr[row] : quantities.sums.indptr[row + 1]]]
            cells, times = np.unique(inside, return_counts=True)
            known[row] = not len(cells) or (cells[0] >= 0 and np.array_equal(times, size[cells]))
        grouped = quantities.margin >= 0
        return np.asarray(known[quantities.cell] & (~grouped | known[quantities.margin]))


def read(system: System, counts: Counts, *, cap: int, work: Work) -> Truth:
    """The truth in the system's unknowns. Raises CountsError where the releases do not fit the counts."""
    sums, found, owner = cells(system, counts)
    world = np.zeros(system.unknowns, dtype=np.int64)
    single = np.flatnonzero(np.diff(sums.indptr) == 1)
    world[sums.indices[sums.indptr[single]]] = found[single]
    if len(single) < len(found) or len(single) < system.unknowns:
        nothing = np.zeros(system.unknowns, dtype=np.int64)
        try:
            inside = Polytope(system.rows.and_also(Rows(sums, found, found)), nothing, nothing + cap, cap=cap)
            world = first_world(inside, work)
        except NoWorldError:
            msg = "truth: no counts of all tables fit both it and the releases"
            raise CountsError(msg) from None
    elif not system.rows.hold(world):
        msg = "truth: the release does not fit the counts"
        raise CountsError(msg)
    return Truth(sums, found, owner, world)


def cells(system: System, counts: Counts) -> tuple[sparse.csr_matrix, Ints, Ints]:
    """Leaf counts of the current programme's tables: rows over the unknowns, their values, whose they are."""
    parts: list[Ints] = []
    values: list[int] = []
    owner: list[int] = []
    for block in system.blocks:
        if block.known:
            _block(system, block, counts, parts, values, owner)
    sums = matrix([(part, np.ones(len(part), dtype=np.int64)) for part in parts], system.unknowns)
    return sums, np.array(values, dtype=np.int64), np.array(owner, dtype=np.int64)


def _block(
    system: System, block: Block, counts: Counts, parts: list[Ints], values: list[int], owner: list[int]
) -> None:
    """Add the leaf cells of a table that crosses the block's axes."""
    programme, publication = counts.programme, system.publications[0]
    table = next(t for t in programme.tables if set(t.axes(programme)) == set(block.axes))
    axes = table.axes(programme)
    dimensions = [programme.dimension(name) for name in axes]
    codes = [(*d.codes, d.total) if d.multi else d.codes for d in dimensions]
    at = axes.index(system.contributor) if system.contributor else None
    for place, key in zip(np.ndindex(*(len(c) for c in codes)), product(*codes), strict=True):
        if at is not None and key[at] not in publication.delivered:
            continue
        fixed = {name: system.leaves(publication, name, code) for name, code in zip(axes, key, strict=True)}
        parts.append(block_columns(block, system.lines, fixed))
        values.append(int(counts.tables[table.id][place]))
        owner.append(-1 if at is None else system.lines[axes[at]].leaves.index(key[at]))
