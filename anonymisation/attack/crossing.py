"""Sums of unknowns for whole crosses of codes at once, as Kronecker products of who counts in which code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product

import numpy as np
from scipy import sparse

from anonymisation.attack.sight import Key


@dataclass(frozen=True)
class Line:
    """An axis of the linked system: its finest leaves. In a multi axis the people total is a leaf too, the last."""

    name: str
    leaves: Key
    multi: bool
    complete: bool

    @property
    def everything(self) -> Key:
        """The leaves that together count everyone once."""
        return self.leaves[-1:] if self.multi else self.leaves


@dataclass(frozen=True)
class Block:
    """Unknowns of a cross of axes, numbered row-major from `start`."""

    axes: Key
    shape: tuple[int, ...]
    start: int
    known: bool
    """Whether a table of the current release crosses exactly these axes: then the truth has its leaf counts."""

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))


Groups = Mapping[str, Sequence[Key]]
"""For some axes the groups of leaves that are crossed."""


def within(block: Block, lines: Mapping[str, Line], groups: Groups, unknowns: int) -> sparse.csr_matrix:
    """Sums over one block, a row for each combination of groups, row-major in the order of `groups`.

    Every axis of `groups` is one of the block's; over its other axes everyone is counted.
    """
    one = [_membership(lines[name], groups.get(name, [lines[name].everything])) for name in block.axes]
    first, *more = one or [sparse.csr_matrix(np.ones((1, 1), dtype=np.int64))]
    rows = sparse.csr_matrix(reduce(lambda a, b: sparse.kron(a, b, format="csr"), more, first))
    inside = [name for name in block.axes if name in groups]
    number = np.arange(rows.shape[0]).reshape([len(groups[name]) for name in inside])
    order = number.transpose([inside.index(name) for name in groups]).ravel()
    return _placed(sparse.csr_matrix(rows[order]), block.start, unknowns)


def anywhere(blocks: Sequence[Block], lines: Mapping[str, Line], groups: Groups, unknowns: int) -> sparse.csr_matrix:
    """The same, each combination summed in the first block that has the axes it needs.

    An axis over which everyone is counted is not needed: so equal sums are equal rows.
    """
    names = list(groups)
    whole = [np.array([leaves == lines[name].everything for leaves in groups[name]], dtype=bool) for name in names]
    number = np.arange(int(np.prod([len(w) for w in whole], dtype=np.int64))).reshape([len(w) for w in whole])
    parts, places = [], []
    for needs in product((False, True), repeat=len(names)):
        chosen = [np.flatnonzero(~w if need else w) for need, w in zip(needs, whole, strict=True)]
        if not all(len(at) for at in chosen):
            continue
        needed = [name for name, need in zip(names, needs, strict=True) if need]
        block = next(b for b in blocks if set(needed) <= set(b.axes))
        some = {name: [groups[name][at] for at in chosen[names.index(name)].tolist()] for name in needed}
        rows = within(block, lines, some, unknowns)
        first = [names.index(name) for name in needed]
        grid = np.asarray(number[np.ix_(*chosen)])
        places.append(grid.transpose(first + [at for at in range(len(names)) if at not in first]).ravel())
        parts.append(sparse.csr_matrix(rows[np.repeat(np.arange(rows.shape[0]), grid.size // rows.shape[0])]))
    together = sparse.csr_matrix(sparse.vstack(parts, format="csr"))
    found = sparse.csr_matrix(together[np.argsort(np.concatenate(places))])
    found.sort_indices()
    return found


def names_of(rows: sparse.csr_matrix) -> list[bytes]:
    """A name for each row: equal rows have equal names."""
    rows.sort_indices()
    return [
        rows.indices[a:b].astype(np.int32).tobytes() + rows.data[a:b].astype(np.int8).tobytes()
        for a, b in zip(rows.indptr[:-1].tolist(), rows.indptr[1:].tolist(), strict=True)
    ]


def _membership(line: Line, groups: Sequence[Key]) -> sparse.csr_matrix:
    """Which leaves each group counts, as ones; shape (groups, leaves)."""
    place = {leaf: at for at, leaf in enumerate(line.leaves)}
    columns = [place[leaf] for leaves in groups for leaf in leaves]
    ends = np.cumsum([0, *(len(leaves) for leaves in groups)])
    return sparse.csr_matrix(
        (np.ones(len(columns), dtype=np.int64), np.array(columns, dtype=np.int64), ends),
        shape=(len(groups), len(line.leaves)),
    )


def _placed(rows: sparse.csr_matrix, start: int, unknowns: int) -> sparse.csr_matrix:
    """The rows over all unknowns, those of the block beginning at `start`."""
    shape = (rows.shape[0], unknowns)
    return sparse.csr_matrix((rows.data, rows.indices + start, rows.indptr), shape=shape, dtype=np.int64)
