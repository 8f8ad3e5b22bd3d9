"""The truth as the auditor knows it, and what of it each contributor knows: its own counts, in every table."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.attack.crossing import Block, within
from anonymisation.attack.insight import Work, first_world
from anonymisation.attack.polytope import Ints, NoWorldError, Polytope, Rows
from anonymisation.attack.quantities import Eyes, Flags, Quantities
from anonymisation.attack.system import System
from anonymisation.counts import Counts
from anonymisation.errors import CountsError


@dataclass(frozen=True)
class Truth:
    """Leaf counts of the current programme's tables as rows over the unknowns.

    `world` is one world that has all of them: *the* truth wherever the current programme's tables decide. All such
    worlds lie between `lower` and `upper`; these differ only where an earlier release crosses what no table here does.
    """

    cells: sparse.csr_matrix
    values: Ints
    owner: Ints
    world: Ints
    lower: Ints
    upper: Ints

    def own(self, eyes: Eyes) -> Rows:
        """What someone with these eyes knows: a rule for each own count.

        Own counts in an earlier release's tables are known here only as far as the truth fixes them.
        """
        mine = np.flatnonzero(np.isin(self.owner, eyes.inside))
        cells = sparse.csr_matrix(self.cells[mine])
        single = cells.indices[cells.indptr[:-1][np.diff(cells.indptr) == 1]]
        fixed = np.setdiff1d(eyes.own[self.lower[eyes.own] == self.upper[eyes.own]], single)
        one = sparse.csr_matrix(sparse.eye_array(len(self.world), dtype=np.int64, format="csr")[fixed])
        values = np.concatenate([self.values[mine], self.world[fixed]])
        return Rows(sparse.csr_matrix(sparse.vstack([cells, one])), values, values)

    def limits(self, columns: Ints, weights: Ints) -> tuple[int, int]:
        """Between what a weighted sum of unknowns lies in every world that has these counts."""
        ends = np.stack([weights * self.lower[columns], weights * self.upper[columns]])
        return int(ends.min(axis=0).sum()), int(ends.max(axis=0).sum())

    def decides(self, quantities: Quantities) -> Flags:
        """Which quantities (as the public sees them) are sums of whole cells of the truth, or of fixed unknowns."""
        inside = sparse.csr_matrix(quantities.sums @ self.cells.T)
        inside.data[inside.data < np.diff(self.cells.indptr)[inside.indices]] = 0
        told = np.asarray(inside.sum(axis=1)).ravel() == np.diff(quantities.sums.indptr)
        loose = abs(quantities.sums) @ (self.lower < self.upper).astype(np.int64)
        known = told | (np.asarray(loose) == 0)
        # Where a cell is a sum of whole cells its margins are too; where its unknowns are fixed theirs need not be.
        return np.asarray(known[quantities.cell] & ((quantities.margin < 0) | known[quantities.margin]))


def read(system: System, counts: Counts, *, cap: int, work: Work) -> Truth:
    """The truth in the system's unknowns. Raises CountsError where the releases do not fit the counts."""
    sums, found, owner = cells(system, counts)
    world = np.zeros(system.unknowns, dtype=np.int64)
    single = np.flatnonzero(np.diff(sums.indptr) == 1)
    world[sums.indices[sums.indptr[single]]] = found[single]
    lower = upper = world
    if len(single) < system.unknowns:
        nothing = np.zeros(system.unknowns, dtype=np.int64)
        try:
            inside = Polytope(system.rows.and_also(Rows(sums, found, found)), nothing, nothing + cap, cap=cap)
            world, lower, upper = first_world(inside, work), inside.lower, inside.upper
        except NoWorldError:
            msg = "truth: no counts of all tables were found that fit both it and the releases"
            raise CountsError(msg) from None
    elif not system.rows.hold(world):
        msg = "truth: the release does not fit the counts"
        raise CountsError(msg)
    return Truth(sums, found, owner, world, lower, upper)


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
