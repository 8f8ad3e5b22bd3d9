"""Everything that an attacker may want to know, and which of it is small in a given world (FORMATS.md, *Safe*)."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import sparse

from anonymisation.attack.polytope import Ints
from anonymisation.attack.sight import Key, Publication, Sheet
from anonymisation.attack.system import System, matrix

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Label:
    """Names a quantity: a cell of the full cross of a table, or what is left of its margin over `margin` without it."""

    publication: int
    table: str
    key: Key
    margin: str | None = None


@dataclass(frozen=True)
class Quantities:
    """All quantities of the public attacker; arrays run over quantities unless said otherwise.

    `sums` has a row for each distinct sum of unknowns; a quantity is `sums[cell]`, or for a group
    `sums[margin] - sums[cell]`. `split[i]` is the number of the cell among the published ones that sum over
    contributors, else -1.
    """

    system: System
    labels: tuple[Label, ...]
    sums: sparse.csr_matrix
    cell: Ints
    margin: Ints
    threshold: Ints
    width: Ints
    zeros_small: Flags
    split: Ints
    least_contributors: Ints
    shown: Flags
    targets: sparse.csr_matrix
    """The distinct sums among the quantities; `target[i]` is the row of the i-th."""
    target: Ints


def build(system: System) -> Quantities:
    """All cells of the full cross of every table with all margins and levels, and the groups of sensitive tables."""
    return _Builder(system).build()


class _Builder:
    def __init__(self, system: System) -> None:
        self.system = system
        self.sums: dict[bytes, int] = {}
        self.parts: list[Ints] = []
        self.rows: list[tuple[Label, int, int, Sheet, bool, int, bool]] = []

    def build(self) -> Quantities:
        for number, publication in enumerate(self.system.publications):
            for sheet in publication.sheets:
                self._sheet(number, publication, sheet)
        labels, cell, margin, sheets, split, least, shown = zip(*self.rows, strict=True)
        splits = np.array(split)
        numbered = np.where(splits, np.cumsum(splits) - 1, -1)
        sums = matrix([(part, np.ones(len(part), dtype=np.int64)) for part in self.parts], self.system.unknowns)
        targets, target = _distinct(sums, np.array(cell), np.array(margin))
        return Quantities(
            system=self.system,
            labels=tuple(labels),
            sums=sums,
            cell=np.array(cell),
            margin=np.array(margin),
            threshold=np.array([s.threshold for s in sheets]),
            width=np.array([s.width for s in sheets]),
            zeros_small=np.array([s.zeros_small for s in sheets]),
            split=numbered,
            least_contributors=np.array(least),
            shown=np.array(shown),
            targets=targets,
            target=target,
        )

    def _sum(self, fixed: dict[str, Key]) -> int:
        columns = self.system.columns(fixed)
        name = columns.tobytes()
        if name not in self.sums:
            self.sums[name] = len(self.parts)
            self.parts.append(columns)
        return self.sums[name]

    def _sheet(self, number: int, publication: Publication, sheet: Sheet) -> None:
        contributor = self.system.contributor
        axes = sheet.axes if contributor is None or contributor in sheet.axes else (*sheet.axes, contributor)
        positions = [self._positions(publication, name) for name in axes]
        for choice in product(*(p.items() for p in positions)):
            fixed = {name: leaves for name, (_, leaves) in zip(axes, choice, strict=True)}
            key = tuple(code for code, _ in choice)
            cell = self._sum(fixed)
            seen_key = self._seen_key(publication, sheet, axes, key)
            seen = None if seen_key is None else sheet.seen[seen_key]
            over = contributor is not None and self._sums_over(publication, key[axes.index(contributor)])
            split = over and seen_key is not None
            label = Label(number, sheet.id, key)
            self.rows.append((label, cell, -1, sheet, split, publication.min_contributors, seen is not None))
            if not sheet.sensitive:
                continue
            for name, code in zip(axes, key, strict=True):
                total = publication.axes[name].total
                if name == contributor or code == total:
                    continue
                margin = self._sum({**fixed, name: self.system.leaves(publication, name, total)})
                group = Label(number, sheet.id, key, name)
                self.rows.append((group, cell, margin, sheet, False, 1, False))

    def _positions(self, publication: Publication, name: str) -> dict[str, Key]:
        axis = publication.axes[name]
        codes = (*axis.codes, *axis.groups, axis.total)
        found = {code: self.system.leaves(publication, name, code) for code in codes}
        return {code: leaves for code, leaves in found.items() if leaves}

    def _sums_over(self, publication: Publication, code: str) -> bool:
        """Whether a code of the contributor's axis stands for several contributors."""
        axis = publication.axes[self.system.contributor or ""]
        return len(axis.codes if code == axis.total else axis.groups.get(code, (code,))) > 1

    def _seen_key(self, publication: Publication, sheet: Sheet, axes: Key, key: Key) -> Key | None:
        """The published key of a cell of the full cross, None if the programme does not publish it."""
        if len(axes) > len(sheet.axes):
            if key[-1] != publication.axes[axes[-1]].total:
                return None
            key = key[:-1]
        return key if key in sheet.seen else None


def _distinct(sums: sparse.csr_matrix, cell: Ints, margin: Ints) -> tuple[sparse.csr_matrix, Ints]:
    """The sums, which are distinct, and below them the differences of groups that are none of them; which is which."""
    target = cell.copy()
    grouped = np.flatnonzero(margin >= 0)
    if not len(grouped):
        return sums, target
    rest = sparse.csr_matrix(sums[margin[grouped]] - sums[cell[grouped]])
    rest.eliminate_zeros()
    known = {name: at for at, name in enumerate(_names(sums))}
    more: list[int] = []
    for at, name in enumerate(_names(rest)):
        if name not in known:
            known[name] = sums.shape[0] + len(more)
            more.append(at)
        target[grouped[at]] = known[name]
    return sparse.csr_matrix(sparse.vstack([sums, rest[more]])), target


def _names(rows: sparse.csr_matrix) -> list[bytes]:
    rows.sort_indices()
    return [
        rows.indices[a:b].tobytes() + rows.data[a:b].tobytes()
        for a, b in zip(rows.indptr[:-1], rows.indptr[1:], strict=True)
    ]


def _without(rows: sparse.csr_matrix, others: Ints) -> sparse.csr_matrix:
    """The rows over the unknowns of others alone (`others` is 1 there, else 0)."""
    rest = sparse.csr_matrix(rows @ sparse.diags_array(others, dtype=np.int64))
    rest.eliminate_zeros()
    rest.sort_indices()
    return rest


class Eyes:
    """One attacker's quantities: without its own part, and only those in which others have a part.

    `who` is the number of a contributor in the system's line, -1 for the public; `partner` that of one it shares with.
    `targets` are the distinct sums of the public (rows over unknowns) without what is the attacker's own; `target[i]`
    says which of them the i-th kept quantity is; `kept` are the numbers of these.
    """

    def __init__(self, quantities: Quantities, who: int, partner: int = -1) -> None:
        system = quantities.system
        self.quantities, self.who = quantities, who
        owner = system.owner()
        inside = [one for one in (who, partner) if one >= 0]
        others = (~np.isin(owner, inside)).astype(np.int64)
        self.own = np.flatnonzero(others == 0)
        self._rest = _without(quantities.sums, others)
        self.kept = np.flatnonzero(np.diff(self._rest.indptr)[quantities.cell] > 0)
        self.target = quantities.target[self.kept]
        self.targets = _without(quantities.targets, others)
        self._grouped = quantities.margin[self.kept] >= 0
        split = quantities.split[self.kept]
        self._splits = np.flatnonzero(split >= 0)
        contributors = len(system.lines[system.contributor].leaves) if system.contributor else 0
        published = quantities.sums[quantities.cell[self.kept[self._splits]]]
        self._by_contributor = [
            sparse.csr_matrix(published @ sparse.diags_array((owner == c).astype(np.int64), dtype=np.int64))
            for c in range(contributors)
        ]

    def small(self, worlds: Ints) -> Flags:
        """Which kept quantities are small in each world; worlds of shape (n, unknowns), answer (n, kept)."""
        quantities, kept = self.quantities, self.kept
        values = (self.targets @ worlds.T).T[:, self.target]
        found = (values >= 1) & (values < quantities.threshold[kept])
        zero = values == 0
        found |= zero & quantities.zeros_small[kept] & ~self._grouped
        if self._grouped.any():
            at = np.flatnonzero(self._grouped)
            margins = (self._rest[quantities.margin[kept[at]]] @ worlds.T).T > 0
            found[:, at] = (found[:, at] | zero[:, at]) & margins
        if len(self._splits) and self._by_contributor:
            above = sum(((part @ worlds.T).T > 0).astype(np.int64) for part in self._by_contributor)
            found[:, self._splits] |= (above > 0) & (above < quantities.least_contributors[kept[self._splits]])
        return np.asarray(found)

    def needed(self, small: Flags) -> Ints:
        """For each target the widest range that some small quantity asks for, 0 if none does; shape (targets,)."""
        widths = np.zeros(self.targets.shape[0], dtype=np.int64)
        at = np.flatnonzero(small)
        np.maximum.at(widths, self.target[at], self.quantities.width[self.kept[at]])
        return widths
