"""The truth as the auditor knows it, and what of it each contributor knows: its own counts, in every table."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.attack.crossing import Block, within
from anonymisation.attack.insight import Work, first_world
from anonymisation.attack.polytope import Ints, NoWorldError, Polytope, Rows
from anonymisation.attack.quantities import Flags, Quantities
from anonymisation.attack.system import System
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
        """Which quantities (as the public sees them) are sums of whole cells of the truth.

        Where a cell is, its margins are too: they sum whole leaves over one more axis.
        """
        inside = sparse.csr_matrix(quantities.sums @ self.cells.T)
        inside.data[inside.data < np.diff(self.cells.indptr)[inside.indices]] = 0
        told = np.asarray(inside.sum(axis=1)).ravel() == np.diff(quantities.sums.indptr)
        return np.asarray(told[quantities.cell])


def read(system: System, counts: Counts, *, cap: int, work: Work) -> Truth:
    """The truth in the system's unknowns. Raises CountsError where the releases do not fit the counts."""
    sums, found, owner = cells(system, counts)
    world = np.zeros(system.unknowns, dtype=np.int64)
    single = np.flatnonzero(np.diff(sums.indptr) == 1)
    world[sums.indices[sums.indptr[single]]] = found[single]
    if len(single) < system.unknowns:
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
    found = [_block(system, block, counts) for block in system.blocks if block.known]
    sums, values, owner = zip(*found, strict=True)
    return sparse.csr_matrix(sparse.vstack(sums, format="csr")), np.concatenate(values), np.concatenate(owner)


def _block(system: System, block: Block, counts: Counts) -> tuple[sparse.csr_matrix, Ints, Ints]:
    """The leaf cells of the table that crosses the block's axes."""
    programme, publication = counts.programme, system.publications[0]
    table = next(t for t in programme.tables if set(t.axes(programme)) == set(block.axes))
    axes = table.axes(programme)
    codes = [(*d.codes, d.total) if d.multi else d.codes for d in map(programme.dimension, axes)]
    picks = [
        [at for at, code in enumerate(some) if name != system.contributor or code in publication.delivered]
        for name, some in zip(axes, codes, strict=True)
    ]
    groups = {
        name: [system.leaves(publication, name, some[at]) for at in pick]
        for name, some, pick in zip(axes, codes, picks, strict=True)
    }
    values = counts.tables[table.id][np.ix_(*picks)].astype(np.int64)
    owner = np.full(values.shape, -1, dtype=np.int64)
    if system.contributor is not None:
        line = system.lines[system.contributor].leaves
        at = axes.index(system.contributor)
        np.moveaxis(owner, at, -1)[:] = [line.index(codes[at][place]) for place in picks[at]]
    return within(block, system.lines, groups, system.unknowns), values.ravel(), owner.ravel()
