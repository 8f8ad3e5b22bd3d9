"""The linked system: a block of unknowns for each set of axes that some sheet crosses, agreeing on what they share.

FORMATS.md section 1, *Unknowns* and *Worlds* (i). A sheet whose axes lie inside another sheet's needs no unknowns of
its own: it is a margin of the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy import sparse

from anonymisation.attack.polytope import OPEN, Ints, Rows
from anonymisation.attack.sight import Axis, Key, Publication, Sheet
from anonymisation.errors import InputError


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


@dataclass(frozen=True)
class System:
    """Lines, blocks and the rules that every world keeps: links, shown values, several codes of one person."""

    publications: tuple[Publication, ...]
    contributor: str | None
    lines: Mapping[str, Line]
    blocks: tuple[Block, ...]
    rows: Rows

    @property
    def unknowns(self) -> int:
        """How many unknowns there are."""
        return sum(block.size for block in self.blocks)

    def owner(self) -> Ints:
        """For each unknown the number of the contributor whose people it counts, -1 without contributors."""
        owners = [np.full(block.size, -1, dtype=np.int64) for block in self.blocks]
        for block, owned in zip(self.blocks, owners, strict=True):
            if self.contributor in block.axes:
                at = block.axes.index(self.contributor)
                owned[:] = np.indices(block.shape)[at].ravel()
        return np.concatenate(owners)

    def leaves(self, publication: Publication, name: str, code: str) -> Key:
        """The finest leaves that a code of a publication sums; only contributors that delivered to it."""
        axis, line = publication.axes[name], self.lines[name]
        if name == self.contributor:
            codes = axis.codes if code == axis.total else axis.groups.get(code, (code,))
            return tuple(c for c in codes if c in publication.delivered)
        if code == axis.total:
            return line.everything
        return _refine(line, publication.axes[name], axis.groups.get(code, (code,)), self.publications)

    def columns(self, fixed: Mapping[str, Key]) -> Ints:
        """The unknowns that sum the people with the given leaves, in the first block that has the axes."""
        needed = {name for name, leaves in fixed.items() if leaves != self.lines[name].everything}
        block = next(b for b in self.blocks if needed <= set(b.axes))
        return block_columns(block, self.lines, fixed)


def block_columns(block: Block, lines: Mapping[str, Line], fixed: Mapping[str, Key]) -> Ints:
    """The unknowns of one block that sum the people with the given leaves."""
    picks = []
    for name in block.axes:
        line = lines[name]
        chosen = fixed.get(name, line.everything)
        picks.append([line.leaves.index(leaf) for leaf in chosen])
    if not block.axes:
        return np.array([block.start], dtype=np.int64)
    grid = np.ix_(*picks) if all(picks) else None
    if grid is None:
        return np.empty(0, dtype=np.int64)
    return block.start + np.ravel_multi_index(np.broadcast_arrays(*grid), block.shape).ravel()


NONE = np.empty(0, dtype=np.int64)


def build(publications: Sequence[Publication]) -> System:
    """The system of the current publication (first) and the earlier ones that count the same people.

    Raises InputError where an axis cannot be linked by name, code and declared levels.
    """
    contributor = _contributor(publications)
    names = list(dict.fromkeys(name for pub in publications for name in pub.axes))
    lines = {name: _line(name, publications, contributor) for name in names}
    blocks = _blocks(publications, lines, contributor)
    system = System(tuple(publications), contributor, lines, blocks, _no_rows(sum(b.size for b in blocks)))
    rows = _Collector(system.unknowns)
    exact: dict[bytes, int] = {}
    for publication in publications:
        for sheet in publication.sheets:
            for key, value in sheet.seen.items():
                if value is not None:
                    columns = system.columns(_fixed(system, publication, sheet, key))
                    rows.add(columns, NONE, *value)
                    if value[0] == value[1]:
                        exact[columns.tobytes()] = value[0]
    for one, other, shared in _tree(blocks):
        for codes in product(*(lines[name].leaves for name in shared)):
            fixed: dict[str, Key] = {name: (code,) for name, code in zip(shared, codes, strict=True)}
            here, there = block_columns(one, lines, fixed), block_columns(other, lines, fixed)
            known = exact.get(system.columns(fixed).tobytes())
            if known is None:
                rows.add(here, there, 0, 0)
            else:
                # A shown margin says the same to each side, and takes the blocks apart.
                rows.add(here, NONE, known, known)
                rows.add(there, NONE, known, known)
    for block in blocks:
        _several_codes(rows, block, lines)
    return System(tuple(publications), contributor, lines, blocks, rows.rows())


def _fixed(system: System, publication: Publication, sheet: Sheet, key: Key) -> dict[str, Key]:
    fixed = {name: system.leaves(publication, name, code) for name, code in zip(sheet.axes, key, strict=True)}
    if system.contributor is not None and system.contributor not in sheet.axes:
        fixed[system.contributor] = publication.delivered
    return fixed


def _contributor(publications: Sequence[Publication]) -> str | None:
    named = {pub.contributor for pub in publications}
    if len(named) > 1:
        msg = "history: the releases of these people name different contributor dimensions, they cannot be linked"
        raise InputError(msg)
    return named.pop()


def _line(name: str, publications: Sequence[Publication], contributor: str | None) -> Line:
    """The finest leaves of an axis over all publications.

    Another publication's codes must be these, or groups of these that some publication declares as a level.
    """
    axes = [pub.axes[name] for pub in publications if name in pub.axes]
    multi = axes[0].multi
    if any(axis.multi != multi for axis in axes) or len({axis.total for axis in axes}) > 1:
        msg = f"dimension {name}: cannot be linked to the earlier release, it has another total or is multi there only"
        raise InputError(msg)
    if name == contributor:
        members = dict.fromkeys(code for pub in publications for code in pub.delivered)
        return Line(name, tuple(members), multi=False, complete=False)
    finest = max(axes, key=lambda axis: len(axis.codes))
    if multi:
        codes = tuple(dict.fromkeys(code for axis in axes for code in axis.codes))
        return Line(name, (*codes, finest.total), multi=True, complete=any(axis.complete for axis in axes))
    line = Line(name, finest.codes, multi=False, complete=False)
    for axis in axes:
        covered = sorted(leaf for code in axis.codes for leaf in _refine(line, axis, (code,), publications))
        if covered != sorted(line.leaves):
            msg = f"dimension {name}: its codes do not partition the codes of the other release, they cannot be linked"
            raise InputError(msg)
    return line


def _refine(line: Line, axis: Axis, codes: Iterable[str], publications: Sequence[Publication]) -> Key:
    """Codes of an axis as finest leaves: a leaf of the same code, or a declared group of that code."""
    if axis.multi:
        return tuple(codes)
    declared = {
        code: group
        for pub in publications
        if line.name in pub.axes and pub.axes[line.name].codes == line.leaves
        for code, group in pub.axes[line.name].groups.items()
    }
    found: list[str] = []
    for code in codes:
        if code in line.leaves:
            found.append(code)
        elif code in declared:
            found += declared[code]
        else:
            msg = f"dimension {line.name}: a code of one release is unknown to the other, they cannot be linked"
            raise InputError(msg)
    return tuple(found)


def _blocks(
    publications: Sequence[Publication], lines: Mapping[str, Line], contributor: str | None
) -> tuple[Block, ...]:
    """Maximal sets of axes: of the current release first (the truth knows these), then of the earlier ones."""
    chosen: list[tuple[frozenset[str], bool]] = []
    for number, pub in enumerate(publications):
        own = {frozenset(s.axes) | ({contributor} if contributor else set()): None for s in pub.sheets}
        for axes in sorted(own, key=lambda s: (-len(s), sorted(s))):
            if not any(axes <= other for other, _ in chosen):
                chosen.append((frozenset(axes), number == 0))
    order = list(lines)
    blocks: list[Block] = []
    start = 0
    for axes, known in chosen:
        # The contributor first: each contributor's own unknowns then lie together.
        ordered = tuple(sorted(axes, key=lambda name: (name != contributor, order.index(name))))
        shape = tuple(len(lines[name].leaves) for name in ordered)
        blocks.append(Block(ordered, shape, start, known))
        start += blocks[-1].size
    return tuple(blocks)


def _tree(blocks: Sequence[Block]) -> list[tuple[Block, Block, Key]]:
    """Pairs of blocks and the axes they must agree on, without those that follow from others."""
    pairs = sorted(
        ((tuple(n for n in a.axes if n in b.axes), i, j) for (i, a), (j, b) in combinations(enumerate(blocks), 2)),
        key=lambda pair: (-len(pair[0]), pair[1], pair[2]),
    )
    kept: list[tuple[int, int, frozenset[str]]] = []
    for shared, i, j in pairs:
        reached, grown = {i}, True
        while grown and j not in reached:
            near = {y for a, b, axes in kept if axes >= set(shared) for x, y in ((a, b), (b, a)) if x in reached}
            grown = not near <= reached
            reached |= near
        if j not in reached:
            kept.append((i, j, frozenset(shared)))
    return [(blocks[i], blocks[j], tuple(n for n in blocks[i].axes if n in axes)) for i, j, axes in kept]


def _several_codes(rows: "_Collector", block: Block, lines: Mapping[str, Line]) -> None:
    """A multi axis: each code counts between 0 and the people; if complete, the codes together reach the people."""
    for name in block.axes:
        line = lines[name]
        if not line.multi:
            continue
        others = [n for n in block.axes if n != name]
        for leaves in product(*(lines[n].leaves for n in others)):
            fixed = {n: (leaf,) for n, leaf in zip(others, leaves, strict=True)}
            people = block_columns(block, lines, {**fixed, name: line.everything})
            codes = [block_columns(block, lines, {**fixed, name: (code,)}) for code in line.leaves[:-1]]
            for code in codes:
                rows.add(people, code, 0, OPEN)
            if line.complete:
                rows.add(np.concatenate([NONE, *codes]), people, 0, OPEN)


class _Collector:
    """Gathers rules row by row."""

    def __init__(self, unknowns: int) -> None:
        self.unknowns = unknowns
        self.parts: list[tuple[Ints, Ints]] = []
        self.limits: list[tuple[int, int]] = []

    def add(self, plus: Ints, minus: Ints, low: int, high: int) -> None:
        weights = np.concatenate([np.ones(len(plus), dtype=np.int64), -np.ones(len(minus), dtype=np.int64)])
        self.parts.append((np.concatenate([plus, minus]), weights))
        self.limits.append((low, high))

    def rows(self) -> Rows:
        if not self.parts:
            return _no_rows(self.unknowns)
        low, high = np.array(self.limits, dtype=np.int64).T
        return Rows(matrix(self.parts, self.unknowns), low.copy(), high.copy())


def matrix(parts: Sequence[tuple[Ints, Ints]], unknowns: int) -> sparse.csr_matrix:
    """Rows of (columns, weights) as one sparse matrix of shape (rows, unknowns)."""
    if not parts:
        return sparse.csr_matrix((0, unknowns), dtype=np.int64)
    ends = np.cumsum([0, *(len(columns) for columns, _ in parts)])
    columns = np.concatenate([c for c, _ in parts])
    weights = np.concatenate([w for _, w in parts])
    found = sparse.csr_matrix((weights, columns, ends), shape=(len(parts), unknowns), dtype=np.int64)
    found.sort_indices()
    return found


def _no_rows(unknowns: int) -> Rows:
    empty = np.empty(0, dtype=np.int64)
    return Rows(matrix([], unknowns), empty, empty)
