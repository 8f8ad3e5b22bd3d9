"""Everything that an attacker may want to know, and which of it is small in a given world (FORMATS.md, *Safe*)."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt
from scipy import sparse

from anonymisation.attack.crossing import names_of
from anonymisation.attack.polytope import Ints
from anonymisation.attack.sight import Key
from anonymisation.attack.system import Cross, System

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Label:
    """Names a quantity: a cell of the full cross of a table, or what is left of its margin over `margin` without it."""

    publication: int
    table: str
    key: Key
    margin: str | None = None


@dataclass(frozen=True)
class _Run:
    """Quantities that follow each other: `cells` of a cross (numbered row-major), perhaps as groups of a margin."""

    start: int
    cross: Cross
    cells: Ints
    margin: str | None


class Labels(Sequence[Label]):
    """The names of all quantities, made when they are asked for."""

    def __init__(self, runs: Sequence[_Run]) -> None:
        self._runs = runs
        self._starts = [run.start for run in runs]

    def __len__(self) -> int:
        return self._runs[-1].start + len(self._runs[-1].cells)

    @overload
    def __getitem__(self, number: int) -> Label: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Label]: ...
    def __getitem__(self, number: int | slice) -> Label | Sequence[Label]:
        if isinstance(number, slice):
            return [self[at] for at in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        run = self._runs[bisect_right(self._starts, number) - 1]
        at = np.unravel_index(int(run.cells[number - run.start]), run.cross.shape)
        key = tuple(list(codes)[place] for codes, place in zip(run.cross.codes.values(), at, strict=True))
        return Label(run.cross.publication, run.cross.sheet.id, key, run.margin)


@dataclass(frozen=True)
class Quantities:
    """All quantities of the public attacker; arrays run over quantities unless said otherwise.

    `sums` has a row for each distinct sum of unknowns; a quantity is `sums[cell]`, or for a group
    `sums[margin] - sums[cell]`. `split` says which are published cells that sum over contributors.
    """

    system: System
    labels: Labels
    sums: sparse.csr_matrix
    cell: Ints
    margin: Ints
    threshold: Ints
    width: Ints
    zeros_small: Flags
    split: Flags
    least_contributors: Ints
    shown: Flags
    targets: sparse.csr_matrix
    """The distinct sums among the quantities; `target[i]` is the row of the i-th."""
    target: Ints

    @cached_property
    def by_unknown(self) -> sparse.csc_matrix:
        """The sums by columns."""
        return sparse.csc_matrix(self.sums)


def build(system: System) -> Quantities:
    """All cells of the full cross of every table with all margins and levels, and the groups of sensitive tables."""
    known: dict[bytes, int] = {}
    rows: list[sparse.csr_matrix] = []
    runs: list[_Run] = []
    columns: list[tuple[Ints, Ints, Flags, Flags]] = []
    start = 0
    for cross in system.crosses:
        cells = _numbered(cross.sums, known, rows)
        nothing = np.full(len(cells), -1, dtype=np.int64)
        everywhere = np.arange(len(cells))
        runs.append(_Run(start, cross, everywhere, None))
        columns.append((cells, nothing, *_published(system, cross)))
        start += len(cells)
        for name, inside, margins in _groups(system, cross):
            runs.append(_Run(start, cross, inside, name))
            no = np.zeros(len(inside), dtype=bool)
            columns.append((cells[inside], cells[margins], no, no))
            start += len(inside)
    sums = sparse.csr_matrix(sparse.vstack(rows, format="csr"))
    cell, margin, split, shown = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    targets, target = _distinct(sums, cell, margin)
    long = [len(run.cells) for run in runs]
    sheets = [run.cross.sheet for run in runs]
    least = [system.publications[run.cross.publication].min_contributors for run in runs]
    return Quantities(
        system=system,
        labels=Labels(runs),
        sums=sums,
        cell=cell,
        margin=margin,
        threshold=np.repeat([s.threshold for s in sheets], long),
        width=np.repeat([s.width for s in sheets], long),
        zeros_small=np.repeat([s.zeros_small for s in sheets], long),
        split=split,
        least_contributors=np.repeat(least, long),
        shown=shown,
        targets=targets,
        target=target,
    )


def _numbered(sums: sparse.csr_matrix, known: dict[bytes, int], rows: list[sparse.csr_matrix]) -> Ints:
    """The number of each sum among the distinct ones; those that are new are added."""
    found = np.empty(sums.shape[0], dtype=np.int64)
    new = []
    for at, name in enumerate(names_of(sums)):
        number = known.get(name)
        if number is None:
            number = known[name] = len(known)
            new.append(at)
        found[at] = number
    rows.append(sparse.csr_matrix(sums[new]))
    return found


def _published(system: System, cross: Cross) -> tuple[Flags, Flags]:
    """Which cells are published and sum over contributors, and which are shown."""
    count = int(np.prod(cross.shape, dtype=np.int64))
    split, shown = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    places = np.array(list(cross.seen), dtype=np.int64)
    shown[places] = [cross.sheet.seen[key] is not None for key in cross.seen.values()]
    if system.contributor is not None:
        axis = system.publications[cross.publication].axes[system.contributor]
        several = np.array(
            [
                len(axis.codes if code == axis.total else axis.groups.get(code, (code,))) > 1
                for code in cross.codes[system.contributor]
            ]
        )
        at = np.unravel_index(places, cross.shape)[list(cross.codes).index(system.contributor)]
        split[places] = several[at]
    return split, shown


def _groups(system: System, cross: Cross) -> Iterator[tuple[str, Ints, Ints]]:
    """For each axis of a sensitive table but the contributor's: cells below its total, and the margin of each."""
    if not cross.sheet.sensitive:
        return
    number = np.arange(int(np.prod(cross.shape, dtype=np.int64))).reshape(cross.shape)
    for at, (name, codes) in enumerate(cross.codes.items()):
        if name == system.contributor:
            continue
        total = list(codes).index(system.publications[cross.publication].axes[name].total)
        below = np.delete(number, total, axis=at)
        margins = np.broadcast_to(np.take(number, [total], axis=at), below.shape)
        yield name, below.ravel(), margins.ravel()


def _distinct(sums: sparse.csr_matrix, cell: Ints, margin: Ints) -> tuple[sparse.csr_matrix, Ints]:
    """The sums, which are distinct, and below them the differences of groups that are none of them; which is which."""
    target = cell.copy()
    grouped = np.flatnonzero(margin >= 0)
    if not len(grouped):
        return sums, target
    rest = sparse.csr_matrix(sums[margin[grouped]] - sums[cell[grouped]])
    rest.eliminate_zeros()
    known = {name: at for at, name in enumerate(names_of(sums))}
    more: list[int] = []
    for at, name in enumerate(names_of(rest)):
        if name not in known:
            known[name] = sums.shape[0] + len(more)
            more.append(at)
        target[grouped[at]] = known[name]
    return sparse.csr_matrix(sparse.vstack([sums, rest[more]])), target


class Eyes:
    """One attacker's quantities: without its own part, and only those in which others have a part.

    `who` is the number of a contributor in the system's line, -1 for the public; `partner` that of one it shares with.
    `target[i]` says which of the public's targets, taken without the own part, the i-th kept quantity is; `kept` are
    the numbers of these quantities.
    """

    def __init__(self, quantities: Quantities, who: int, partner: int = -1) -> None:
        system = quantities.system
        self.quantities, self.who = quantities, who
        self.inside = [one for one in (who, partner) if one >= 0]
        """The contributors whose counts are known here."""
        self._others = (~np.isin(system.owner(), self.inside)).astype(np.int64)
        self.own = np.flatnonzero(self._others == 0)
        sums = quantities.by_unknown
        mine = [sums.indices[sums.indptr[at] : sums.indptr[at + 1]] for at in self.own.tolist()]
        own = np.bincount(np.concatenate([sums.indices[:0], *mine]), minlength=sums.shape[0])
        self.kept = np.flatnonzero((np.diff(quantities.sums.indptr) > own)[quantities.cell])
        self.target = quantities.target[self.kept]
        self._grouped = np.flatnonzero(quantities.margin[self.kept] >= 0)
        few = quantities.split[self.kept] & (quantities.least_contributors[self.kept] > 1)
        self._splits = np.flatnonzero(few)

    @cached_property
    def targets(self) -> sparse.csr_matrix:
        """The targets as rows over the unknowns of others."""
        rest = sparse.csr_matrix(self.quantities.targets @ sparse.diags_array(self._others, dtype=np.int64))
        rest.eliminate_zeros()
        rest.sort_indices()
        return rest

    def row(self, target: int) -> tuple[Ints, Ints]:
        """One target: the unknowns of others in it, and their weights."""
        rows = self.quantities.targets
        inside = slice(rows.indptr[target], rows.indptr[target + 1])
        columns, weights = rows.indices[inside], rows.data[inside]
        others = self._others[columns] > 0
        return columns[others].astype(np.int64), weights[others]

    def values(self, worlds: Ints) -> Ints:
        """The value of each target in a world or in several (rows)."""
        return np.asarray((self.quantities.targets @ (worlds * self._others).T).T)

    def small(self, worlds: Ints) -> Flags:
        """Which kept quantities are small in each world; worlds of shape (n, unknowns), answer (n, kept)."""
        quantities, kept = self.quantities, self.kept
        values = self.values(worlds)
        here = values[:, self.target]
        found = (here >= 1) & (here < quantities.threshold[kept])
        zero = here == 0
        alone = np.ones(len(kept), dtype=bool)
        alone[self._grouped] = False
        found |= zero & quantities.zeros_small[kept] & alone
        if len(self._grouped):
            at = self._grouped
            # A margin is a cell too, and the first targets are the cells.
            margins = values[:, quantities.margin[kept[at]]] > 0
            found[:, at] = (found[:, at] | zero[:, at]) & margins
        if len(self._splits):
            published = sparse.csr_matrix(quantities.sums[quantities.cell[kept[self._splits]]])
            least = quantities.least_contributors[kept[self._splits]]
            for number, world in enumerate(worlds):
                above = (published @ self._by_contributor(world) > 0).sum(axis=1)
                above = np.asarray(above).ravel()
                found[number, self._splits] |= (above > 0) & (above < least)
        return np.asarray(found)

    def _by_contributor(self, world: Ints) -> sparse.csr_matrix:
        """A world with a column for each contributor; unknowns of nobody are left out."""
        owner = self.quantities.system.owner()
        used = np.flatnonzero((owner >= 0) & (world > 0))
        shape = (len(world), int(owner.max(initial=0)) + 1)
        return sparse.csr_matrix((world[used], (used, owner[used])), shape=shape)

    def needed(self, small: Flags) -> Ints:
        """For each target the widest range that some small quantity asks for, 0 if none does; shape (targets,)."""
        widths = np.zeros(self.quantities.targets.shape[0], dtype=np.int64)
        at = np.flatnonzero(small)
        np.maximum.at(widths, self.target[at], self.quantities.width[self.kept[at]])
        return widths
