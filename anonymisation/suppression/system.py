"""The system of unknowns: every leaf count of every table and contributor, linked where tables count the same people.

A *block* is a set of axes that no other table's axes contain; each block has an unknown for each leaf cell of its
cross, and smaller tables are margins of a block. A *quantity* is a cell of a table's full cross with all margins and
levels, or, for sensitive tables, a margin less such a cell; the same people in two tables are one quantity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from anonymisation.counts import Counts, margin
from anonymisation.programme import Programme, Table, Zeros
from anonymisation.suppression.people import People, masks, people
from anonymisation.suppression.remainder import Split, splits

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Ceilings = tuple[sparse.csr_matrix, Ints, tuple[frozenset[int], ...]]
"""Rows over the unknowns, the most each may come to, and the shown quantities that this follows from."""

PUBLIC = -1


@dataclass(frozen=True)
class Block:
    """A maximal set of axes; its unknowns are `start` up to `start + size`, in row-major order over `shape`."""

    axes: tuple[str, ...]
    shape: tuple[int, ...]
    start: int

    @cached_property
    def size(self) -> int:
        """Number of unknowns."""
        return prod(self.shape)


@dataclass(frozen=True)
class System:
    """Unknowns, what binds them, and what must stay uncertain.

    `truth` (n,) the true counts; `owner` (n,) index of the contributor, -1 where nobody contributes.
    `rows` (r, n) has for quantity q and block b the row `row_of[q][b]`; `matrix` (q, n) has one row for each quantity.
    `links` are pairs of rows that must be equal, with the quantity that both count; `lists` (l, n) rows that are <= 0.
    `small_from`, `small_to`, `width` (q,) give the small values [from, to) and the width that is asked for;
    `margin_of` (q,) is for a group quantity the quantity of its margin, else -1; such a quantity is small only where
    its margin is above 0. `published[q]` are the cells, (table index, cell index), of that quantity. `sums` (s,) are
    the quantities, published here or in an earlier release, that sum over several contributors; `fewest` (s,) of how
    many such a sum must be; `parts` (c*s, n) each contributor's share of them.
    `blocks` and `leaves` (block, axis, codes) name the unknowns.
    """

    programme: Programme
    contributors: tuple[str, ...]
    people: tuple[People | None, ...]
    truth: Ints
    owner: Ints
    matrix: sparse.csr_matrix
    rows: sparse.csr_matrix
    row_of: tuple[dict[int, int], ...]
    links: tuple[tuple[int, int, int], ...]
    lists: sparse.csr_matrix
    small_from: Ints
    small_to: Ints
    width: Ints
    margin_of: Ints
    published: tuple[tuple[tuple[int, int], ...], ...]
    sums: Ints
    fewest: Ints
    parts: sparse.csr_matrix
    blocks: tuple[Block, ...]
    leaves: tuple[tuple[tuple[str, ...], ...], ...]

    def name(self, unknown: int) -> dict[str, list[str]]:
        """Return the dimensions and leaf codes of an unknown."""
        at = next(i for i, b in enumerate(self.blocks) if unknown < b.start + b.size)
        block = self.blocks[at]
        spot = np.unravel_index(unknown - block.start, block.shape)
        return {
            "dimensions": list(block.axes),
            "key": [codes[int(i)] for codes, i in zip(self.leaves[at], spot, strict=True)],
        }

    @property
    def attackers(self) -> tuple[int, ...]:
        """The public, and each contributor where insiders attack."""
        return (PUBLIC, *range(len(self.contributors))) if self.programme.policy.insiders else (PUBLIC,)

    @cached_property
    def value(self) -> Ints:
        """The true value (q,) of each quantity."""
        value: Ints = self.matrix @ self.truth
        return value

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """The ways to divide its sums."""
        return splits(self.programme, self.people, self.sums)

    def own_parts(self, quantities: tuple[int, ...]) -> list[Ints]:
        """Return for each contributor who is in some of these quantities, which share nobody, its unknowns in them."""
        if quantities not in self._own_parts:
            inside = self.matrix[list(quantities)].indices.astype(np.int64)
            owner = self.owner[inside]
            self._own_parts[quantities] = [inside[owner == c] for c in np.unique(owner)]
        return self._own_parts[quantities]

    @cached_property
    def ceilings(self) -> dict[bytes, Ceilings]:
        """Those that are worked out already, by which of `sums` are shown (`Pattern.ceilings`)."""
        return {}

    @cached_property
    def _own_parts(self) -> dict[tuple[int, ...], list[Ints]]:
        return {}


class _Builder:
    """Builds the system step by step; see `System` for what each part is."""

    def __init__(self, programme: Programme, counts: Counts, also: Sequence[Programme] = ()) -> None:
        self.programme = programme
        self.also = also
        self.counts = counts
        self.present = {
            d.name: [d.codes.index(c) for c in counts.contributors]
            if d.name == programme.contributor
            else list(range(d.size))
            for d in programme.dimensions
        }
        self.masks = {d.name: masks(d, self.present[d.name]) for d in programme.dimensions}
        self.blocks = self._blocks()
        self.index: dict[People, int] = {}
        self.row_of: list[dict[int, int]] = []
        self.names: list[People | None] = []

    def _blocks(self) -> list[Block]:
        sets: list[tuple[str, ...]] = []
        for table in self.programme.tables:
            axes = table.axes(self.programme)
            if any(set(axes) <= set(other) for other in sets):
                continue
            sets = [other for other in sets if not set(other) < set(axes)] + [axes]
        blocks, start = [], 0
        for axes in sets:
            shape = tuple(len(self.present[name]) for name in axes)
            blocks.append(Block(axes, shape, start))
            start += blocks[-1].size
        return blocks

    def _home(self, axes: Sequence[str]) -> Block:
        return next(block for block in self.blocks if set(axes) <= set(block.axes))

    def truth(self) -> Ints:
        values = []
        for block in self.blocks:
            table = next(t for t in self.programme.tables if set(t.axes(self.programme)) == set(block.axes))
            array = margin(self.programme, table.axes(self.programme), self.counts.tables[table.id], block.axes)
            if self.programme.contributor in block.axes:
                at = block.axes.index(self.programme.contributor)
                array = array.take(self.present[self.programme.contributor], axis=at)
            values.append(array.ravel())
        return np.concatenate(values).astype(np.int64)

    def owner(self) -> Ints:
        values = []
        for block in self.blocks:
            array = np.full(block.shape, -1, dtype=np.int64)
            if self.programme.contributor in block.axes:
                at = block.axes.index(self.programme.contributor)
                shape = [-1 if axis == at else 1 for axis in range(len(block.shape))]
                array[...] = np.arange(block.shape[at]).reshape(shape)
            values.append(array.ravel())
        return np.concatenate(values)

    def quantities(self) -> sparse.csr_matrix:
        """Name every cell of every block's cross, give each its rows, and return the matrix of rows."""
        n = sum(block.size for block in self.blocks)
        stacks, at = [], 0
        for number, block in enumerate(self.blocks):
            matrix = sparse.csr_matrix(np.ones((1, 1), dtype=np.int64))
            for name, size in zip(block.axes, block.shape, strict=True):
                here = self.masks[name]
                axis = np.zeros((len(here), size), dtype=np.int64)
                for row, places in enumerate(here.values()):
                    axis[row, list(places)] = 1
                matrix = sparse.kron(matrix, sparse.csr_matrix(axis), format="csr")
            left = sparse.csr_matrix((matrix.shape[0], block.start), dtype=np.int64)
            right = sparse.csr_matrix((matrix.shape[0], n - block.start - block.size), dtype=np.int64)
            stacks.append(sparse.hstack([left, matrix, right], format="csr"))
            for leaves in product(*(self.masks[name] for name in block.axes)):
                self._name(
                    tuple(sorted((a, m) for a, m in zip(block.axes, leaves, strict=True) if m is not None)), number, at
                )
                at += 1
        return sparse.vstack(stacks, format="csr")

    def _name(self, who: People, block: int, row: int) -> None:
        if who not in self.index:
            self.index[who] = len(self.names)
            self.names.append(who)
            self.row_of.append({})
        self.row_of[self.index[who]][block] = row

    def links(self) -> Iterator[tuple[int, int, int]]:
        """Leaf cells of the axes that two blocks share, as pairs of rows and the quantity they count."""
        joined: dict[tuple[int, int], tuple[int, int]] = {}

        def root(node: tuple[int, int]) -> tuple[int, int]:
            while node in joined:
                node = joined[node]
            return node

        for other, one in ((a, b) for a in range(len(self.blocks)) for b in range(a + 1, len(self.blocks))):
            shared = sorted(set(self.blocks[one].axes) & set(self.blocks[other].axes))
            for who in self._leaves(shared):
                quantity = self.index[who]
                first, second = root((quantity, other)), root((quantity, one))
                if first != second:
                    joined[second] = first
                    yield self.row_of[quantity][other], self.row_of[quantity][one], quantity

    def _leaves(self, axes: Sequence[str]) -> Iterator[People]:
        choices = []
        for name in axes:
            leaves: list[tuple[int, ...] | None] = [mask for mask, at in self.masks[name].items() if len(at) == 1]
            choices.append(leaves)
        for found in product(*choices):
            yield tuple(sorted((a, m) for a, m in zip(axes, found, strict=True) if m is not None))

    def lists(self, n: int) -> sparse.csr_matrix:
        """Rows that are <= 0: a code of a multi dimension counts no more than everyone, and so on."""
        rows: list[dict[int, int]] = []
        for block in self.blocks:
            index = np.arange(block.start, block.start + block.size).reshape(block.shape)
            multi = [at for at, name in enumerate(block.axes) if self.programme.dimension(name).multi]
            for at in multi:
                moved = np.moveaxis(index, at, 0)
                for code in range(len(moved) - 1):
                    rows += [{int(c): 1, int(t): -1} for c, t in zip(moved[code].flat, moved[-1].flat, strict=True)]
                if self.programme.dimension(block.axes[at]).complete:
                    for spot in np.ndindex(moved.shape[1:]):
                        column = moved[(slice(None), *spot)]
                        rows.append({int(column[-1]): 1} | {int(c): -1 for c in column[:-1]})
            for a, b in ((a, b) for a in multi for b in multi if a < b):
                moved = np.moveaxis(index, (a, b), (0, 1))
                for i, j in product(range(moved.shape[0] - 1), range(moved.shape[1] - 1)):
                    parts = (moved[i, -1].flat, moved[-1, j].flat, moved[i, j].flat, moved[-1, -1].flat)
                    rows += [
                        {int(x): 1, int(y): 1, int(xy): -1, int(t): -1} for x, y, xy, t in zip(*parts, strict=True)
                    ]
        data = [(at, c, v) for at, row in enumerate(rows) for c, v in row.items()]
        r, c, v = zip(*data, strict=True) if data else ((), (), ())
        return sparse.csr_matrix((np.array(v, dtype=np.int64), (r, c)), shape=(len(rows), n))

    def build(self) -> System:
        rows = self.quantities()
        size = len(self.names)
        start, stop, width = np.ones(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
        published: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        summed: dict[int, int] = {}
        groups: dict[tuple[int, int], tuple[int, int]] = {}
        tables = [(told, table) for told in (self.programme, *self.also) for table in told.tables]
        for number, (told, table) in enumerate(tables):
            for who in self._cross(table):
                q = self.index[who]
                start[q] = min(start[q], 0 if table.zeros is Zeros.HIDE else 1)
                stop[q], width[q] = max(stop[q], table.threshold), max(width[q], table.width)
                for margin_people in self._margins(table, who):
                    pair = (self.index[margin_people], q)
                    before = groups.get(pair, (0, 0))
                    groups[pair] = (max(before[0], table.threshold), max(before[1], table.width))
            present = self.present[self.programme.contributor] if self.programme.contributor else []
            for at, key in enumerate(table.published(self.programme)):
                found = people(self.programme, table, key, present)
                if found is None:
                    continue
                q = self.index[found]
                if number < len(self.programme.tables):
                    published[q].append((number, at))
                if self._sums(table, key):
                    summed[q] = max(summed.get(q, 1), told.policy.min_contributors)
        matrix = rows[[next(iter(of.values())) for of in self.row_of]]
        if groups:
            pairs = list(groups)
            # Margin and cell in the same block, so that what is bound apart stays apart.
            homes = [next(iter(self.row_of[c])) for _, c in pairs]
            margins = [self.row_of[m][home] for (m, _), home in zip(pairs, homes, strict=True)]
            inside = [self.row_of[c][home] for (_, c), home in zip(pairs, homes, strict=True)]
            matrix = sparse.vstack([matrix, rows[margins] - rows[inside]], format="csr")
            start = np.concatenate([start, np.zeros(len(pairs), np.int64)])
            stop = np.concatenate([stop, [groups[p][0] for p in pairs]])
            width = np.concatenate([width, [groups[p][1] for p in pairs]])
        margin_of = np.concatenate([np.full(size, -1), [m for m, _ in groups]]).astype(np.int64)
        owner = self.owner()
        sums = np.array(sorted(summed), dtype=np.int64)
        return System(
            programme=self.programme,
            contributors=self.counts.contributors,
            people=(*self.names, *([None] * len(groups))),
            truth=self.truth(),
            owner=owner,
            matrix=_plain(matrix),
            rows=rows.astype(np.int64),
            row_of=(*self.row_of, *({} for _ in groups)),
            links=tuple(self.links()),
            lists=self.lists(rows.shape[1]),
            small_from=start,
            small_to=stop,
            width=width,
            margin_of=margin_of,
            published=(*(tuple(cells) for cells in published), *(() for _ in groups)),
            sums=sums,
            fewest=np.array([summed[q] for q in sums.tolist()], dtype=np.int64),
            parts=_parts(matrix[sums], owner, len(self.counts.contributors)),
            blocks=tuple(self.blocks),
            leaves=tuple(tuple(self._codes(name) for name in block.axes) for block in self.blocks),
        )

    def _codes(self, name: str) -> tuple[str, ...]:
        dimension = self.programme.dimension(name)
        codes = (*dimension.codes, dimension.total)
        return tuple(codes[at] for at in self.present[name])

    def _cross(self, table: Table) -> Iterator[People]:
        axes = table.axes(self.programme)
        for found in product(*(self.masks[name] for name in axes)):
            yield tuple(sorted((a, m) for a, m in zip(axes, found, strict=True) if m is not None))

    def _margins(self, table: Table, who: People) -> Iterator[People]:
        """Give the margins of a cell of a sensitive table over dimensions other than the contributor's."""
        narrowed = [name for name, _ in who]
        for name in table.dimensions if table.sensitive else ():
            if name == self.programme.contributor:
                continue
            if name in narrowed:
                yield tuple(item for item in who if item[0] != name)
                continue
            # A code that everyone has: margin less cell is nobody, and everyone knows it.
            dimension = self.programme.dimension(name)
            if any(
                m == dimension.members[dimension.total] for c, m in dimension.members.items() if c != dimension.total
            ):
                yield who

    def _sums(self, table: Table, key: Sequence[str]) -> bool:
        """Tell whether a published cell sums over several contributors, whether or not all of them delivered."""
        if self.programme.contributor is None:
            return False
        dimension = self.programme.dimension(self.programme.contributor)
        told = dict(zip(table.dimensions, key, strict=True))
        return len(dimension.members[told.get(dimension.name, dimension.total)]) > 1


def _plain(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return a matrix of whole numbers without stored zeros."""
    matrix = matrix.tocsr().astype(np.int64)
    matrix.eliminate_zeros()
    return matrix


def _parts(sums: sparse.csr_matrix, owner: Ints, contributors: int) -> sparse.csr_matrix:
    """Return each contributor's share (c*s, n) of some sums (s, n), one contributor below another."""
    # Entry by entry: a product for each contributor would hold all entries as often as there are contributors.
    entries = sums.tocoo()
    whose = owner[entries.col]
    held = np.flatnonzero(whose >= 0)
    rows = whose[held] * sums.shape[0] + entries.row[held]
    shape = (contributors * sums.shape[0], sums.shape[1])
    return sparse.csr_matrix((entries.data[held].astype(np.int64), (rows, entries.col[held])), shape=shape)


def build(programme: Programme, counts: Counts, *, also: Sequence[Programme] = ()) -> System:
    """Return the system of a programme and its counts.

    `also` are those of earlier releases about the same people, whose quantities are still to be kept.
    """
    return _Builder(programme, counts, also).build()
