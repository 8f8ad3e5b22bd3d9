"""The linked system: a block of unknowns for each set of axes that some sheet crosses, agreeing on what they share.

FORMATS.md section 1, *Unknowns* and *Worlds* (i). A sheet whose axes lie inside another sheet's needs no unknowns of
its own: it is a margin of the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy import sparse

from anonymisation.attack.crossing import Block, Line, anywhere, names_of, within
from anonymisation.attack.polytope import OPEN, Ints, Rows
from anonymisation.attack.sight import Axis, Key, Publication, Sheet
from anonymisation.errors import InputError


@dataclass(frozen=True)
class Cross:
    """The full cross of a sheet and the contributor: every code of every axis, and the sum of unknowns of each cell.

    `codes` holds for each axis its codes with the leaves that they count; `sums` a row for each cell, row-major;
    `seen` the cells that the programme publishes, with the sheet's key of each.
    """

    publication: int
    sheet: Sheet
    codes: Mapping[str, Mapping[str, Key]]
    sums: sparse.csr_matrix
    seen: Mapping[int, Key]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many codes each axis has."""
        return tuple(len(codes) for codes in self.codes.values())


@dataclass(frozen=True)
class System:
    """Lines, blocks, crosses, and the rules of every world: links, shown values, several codes of one person."""

    publications: tuple[Publication, ...]
    contributor: str | None
    lines: Mapping[str, Line]
    blocks: tuple[Block, ...]
    crosses: tuple[Cross, ...]
    rows: Rows

    @property
    def unknowns(self) -> int:
        """How many unknowns there are."""
        return sum(block.size for block in self.blocks)

    @cached_property
    def _owner(self) -> Ints:
        return self.along(self.contributor)

    def along(self, name: str | None) -> Ints:
        """For each unknown the number of its leaf on a line, -1 where its block has no such axis."""
        owners = [np.full(block.size, -1, dtype=np.int64) for block in self.blocks]
        for block, owned in zip(self.blocks, owners, strict=True):
            if name in block.axes:
                at = block.axes.index(name)
                owned[:] = np.indices(block.shape)[at].ravel()
        return np.concatenate(owners)

    def owner(self) -> Ints:
        """For each unknown the number of the contributor whose people it counts, -1 without contributors."""
        return self._owner

    def leaves(self, publication: Publication, name: str, code: str) -> Key:
        """The finest leaves that a code of a publication sums; only contributors that delivered to it."""
        axis, line = publication.axes[name], self.lines[name]
        if name == self.contributor:
            codes = axis.codes if code == axis.total else axis.groups.get(code, (code,))
            return tuple(c for c in codes if c in publication.delivered)
        if code == axis.total:
            return line.everything
        return _refine(line, publication.axes[name], axis.groups.get(code, (code,)), self.publications)


def build(publications: Sequence[Publication]) -> System:
    """The system of the current publication (first) and the earlier ones that count the same people.

    Raises InputError where an axis cannot be linked by name, code and declared levels.
    """
    contributor = _contributor(publications)
    names = list(dict.fromkeys(name for pub in publications for name in pub.axes))
    lines = {name: _line(name, publications, contributor) for name in names}
    blocks = _blocks(publications, lines, contributor)
    unknowns = sum(b.size for b in blocks)
    system = System(tuple(publications), contributor, lines, blocks, (), _Rules(unknowns).rows())
    crosses = tuple(_cross(system, number, sheet) for number, pub in enumerate(publications) for sheet in pub.sheets)
    rules = _Rules(unknowns)
    exact: dict[bytes, int] = {}
    for cross in crosses:
        _shown(cross, rules, exact)
    for one, other, shared in _tree(blocks):
        _link(system, one, other, shared, rules, exact)
    for block in blocks:
        _several_codes(rules, block, lines)
    return replace(system, crosses=crosses, rows=rules.rows())


def _cross(system: System, number: int, sheet: Sheet) -> Cross:
    publication, contributor = system.publications[number], system.contributor
    axes = sheet.axes if contributor is None or contributor in sheet.axes else (*sheet.axes, contributor)
    codes = {name: _positions(system, publication, name) for name in axes}
    sums = anywhere(
        system.blocks, system.lines, {n: list(found.values()) for n, found in codes.items()}, system.unknowns
    )
    at = {name: {code: place for place, code in enumerate(found)} for name, found in codes.items()}
    more = (publication.axes[axes[-1]].total,) if len(axes) > len(sheet.axes) else ()
    shape = tuple(len(found) for found in codes.values())
    seen = {}
    for key in sheet.seen:
        place = [at[name].get(code) for name, code in zip(axes, (*key, *more), strict=True)]
        if None not in place:
            seen[int(np.ravel_multi_index(place, shape))] = key  # type: ignore[arg-type]
    return Cross(number, sheet, codes, sums, seen)


def _positions(system: System, publication: Publication, name: str) -> dict[str, Key]:
    """Every code of an axis with the leaves that it counts; without codes that count nobody who delivered."""
    axis = publication.axes[name]
    codes = (*axis.codes, *axis.groups, axis.total)
    found = {code: system.leaves(publication, name, code) for code in codes}
    return {code: leaves for code, leaves in found.items() if leaves}


def _shown(cross: Cross, rules: "_Rules", exact: dict[bytes, int]) -> None:
    """A rule for each shown value; `exact` gets those that are shown as they are."""
    told = [(at, value) for at, key in cross.seen.items() if (value := cross.sheet.seen[key]) is not None]
    if not told:
        return
    low, high = np.array([value for _, value in told], dtype=np.int64).T
    rows = sparse.csr_matrix(cross.sums[[at for at, _ in told]])
    rules.add(rows, low, high)
    exact |= {name: int(a) for name, a, b in zip(names_of(rows), low, high, strict=True) if a == b}


def _link(system: System, one: Block, other: Block, shared: Key, rules: "_Rules", exact: Mapping[bytes, int]) -> None:
    """Two blocks agree in every cell of the axes that they share.

    A shown margin says the same to each side, and takes the blocks apart.
    """
    lines, count = system.lines, system.unknowns
    groups = {name: [(leaf,) for leaf in lines[name].leaves] for name in shared}
    here, there = within(one, lines, groups, count), within(other, lines, groups, count)
    names = names_of(anywhere(system.blocks, lines, groups, count))
    shown = np.array([exact.get(name, -1) for name in names], dtype=np.int64)
    hidden, told = np.flatnonzero(shown < 0), np.flatnonzero(shown >= 0)
    nothing = np.zeros(len(hidden), dtype=np.int64)
    rules.add(sparse.csr_matrix(here[hidden] - there[hidden]), nothing, nothing)
    rules.add(sparse.csr_matrix(here[told]), shown[told], shown[told])
    rules.add(sparse.csr_matrix(there[told]), shown[told], shown[told])


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


def _several_codes(rules: "_Rules", block: Block, lines: Mapping[str, Line]) -> None:
    """A multi axis: each code counts between 0 and the people; if complete, the codes together reach the people."""
    for name in block.axes:
        line = lines[name]
        if not line.multi:
            continue
        others = {n: [(leaf,) for leaf in lines[n].leaves] for n in block.axes if n != name}
        people = within(block, lines, {**others, name: [line.everything]}, rules.unknowns)
        codes = [within(block, lines, {**others, name: [(code,)]}, rules.unknowns) for code in line.leaves[:-1]]
        least = np.zeros(people.shape[0], dtype=np.int64)
        most = np.full(people.shape[0], OPEN)
        for code in codes:
            rules.add(sparse.csr_matrix(people - code), least, most)
        if line.complete:
            together = sum(codes, sparse.csr_matrix(people.shape, dtype=np.int64))
            rules.add(sparse.csr_matrix(together - people), least, most)


class _Rules:
    """Gathers rules, many at a time."""

    def __init__(self, unknowns: int) -> None:
        self.unknowns = unknowns
        self.parts = [sparse.csr_matrix((0, unknowns), dtype=np.int64)]
        self.low = [np.empty(0, dtype=np.int64)]
        self.high = [np.empty(0, dtype=np.int64)]

    def add(self, matrix: sparse.csr_matrix, low: Ints, high: Ints) -> None:
        self.parts.append(matrix)
        self.low.append(low)
        self.high.append(high)

    def rows(self) -> Rows:
        matrix = sparse.csr_matrix(sparse.vstack(self.parts, format="csr"))
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return Rows(matrix, np.concatenate(self.low), np.concatenate(self.high))
