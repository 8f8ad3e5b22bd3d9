"""All worlds (i): whole, non-negative assignments that give every shown value, and agree wherever they must."""

from itertools import product

import numpy as np

from tests.oracle.region import Key, Publication, Region, Table

Unknown = tuple[int, str, Key]
"""A cell of the full cross: publication, table, leaf codes."""
Rule = tuple[dict[Unknown, int], int | None, int | None]
"""A linear rule: coefficients, least and greatest value."""


def unknowns(region: Region) -> list[Unknown]:
    """Every count in the full cross of each table's dimensions and the contributor's."""
    return [(p, t.id, key) for p, pub in enumerate(region.publications()) for t in pub.tables for key in pub.cells(t)]


def members(p: int, pub: Publication, table: Table, key: Key) -> list[Unknown]:
    """The unknowns that a cell of the full cross sums; `key` may hold totals and levels."""
    axes = pub.axes(table)
    sums = [pub.positions(name)[code] for name, code in zip(axes, key, strict=True)]
    return [(p, table.id, leaf) for leaf in product(*sums)]


def full_key(pub: Publication, table: Table, key: Key) -> Key:
    """A published key with the contributor's total at its end, if the table does not have the contributor."""
    if pub.contributor is None or pub.contributor in table.dims:
        return key
    return (*key, pub.dim(pub.contributor).total)


def rules(region: Region) -> list[Rule]:
    """Shown values, links between any two tables about the same people, and what several codes of one person mean."""
    found: list[Rule] = []
    tables = [(p, pub, t) for p, pub in enumerate(region.publications()) for t in pub.tables]
    for p, pub, table in tables:
        for (table_id, key), (low, high) in pub.shown.items():
            if table_id == table.id:
                found.append((dict.fromkeys(members(p, pub, table, full_key(pub, table, key)), 1), low, high))
        found += _several_codes(p, pub, table)
    for i, one in enumerate(tables):
        for other in tables[i + 1 :]:
            found += _links(one, other)
    return found


def _several_codes(p: int, pub: Publication, table: Table) -> list[Rule]:
    """Each code of a multi dimension is between 0 and the people; if complete, the codes together reach the people."""
    found: list[Rule] = []
    for at, name in enumerate(pub.axes(table)):
        dim = pub.dim(name)
        if not dim.multi:
            continue
        for key in pub.cells(table):
            if key[at] != dim.total:
                continue
            codes = [(p, table.id, (*key[:at], code, *key[at + 1 :])) for code in dim.codes]
            people = (p, table.id, key)
            found += [({people: 1, code: -1}, 0, None) for code in codes]
            if dim.complete:
                found.append(({**dict.fromkeys(codes, 1), people: -1}, 0, None))
    return found


def _links(one: tuple[int, Publication, Table], other: tuple[int, Publication, Table]) -> list[Rule]:
    """Two tables agree in every cell of the dimensions that they share."""
    (_, pub, table), (_, pub2, table2) = one, other
    shared = [name for name in pub.axes(table) if name in pub2.axes(table2)]
    found: list[Rule] = []
    for codes in product(*([c for c in pub.leaves(name) if c in pub2.leaves(name)] for name in shared)):
        fixed = dict(zip(shared, codes, strict=True))
        rule = dict.fromkeys(_margin(*one, fixed), 1) | dict.fromkeys(_margin(*other, fixed), -1)
        found.append((rule, 0, 0))
    return found


def _margin(p: int, pub: Publication, table: Table, fixed: dict[str, str]) -> list[Unknown]:
    """The unknowns of a table with some codes fixed and the people summed over all else."""
    axes = pub.axes(table)
    return members(p, pub, table, tuple(fixed.get(name, pub.dim(name).total) for name in axes))


def enumerate_worlds(region: Region, cap: int, limit: int = 200_000) -> np.ndarray | None:
    """Every world with no unknown above `cap`, as rows over `unknowns(region)`; None if there are more than `limit`."""
    names = unknowns(region)
    place = {name: i for i, name in enumerate(names)}
    by_unknown: list[list[int]] = [[] for _ in names]
    least, most, low, high = [], [], [], []
    weights: list[dict[int, int]] = []
    for r, (coefficients, lowest, highest) in enumerate(rules(region)):
        weights.append({place[u]: c for u, c in coefficients.items()})
        for u in coefficients:
            by_unknown[place[u]].append(r)
        least.append(sum(min(0, c * cap) for c in coefficients.values()))
        most.append(sum(max(0, c * cap) for c in coefficients.values()))
        low.append(lowest)
        high.append(highest)
    found: list[list[int]] = []
    world = [0] * len(names)

    def possible(r: int) -> bool:
        return (low[r] is None or most[r] >= low[r]) and (high[r] is None or least[r] <= high[r])

    def fill(i: int) -> bool:
        """Give unknown i each value in turn; `least` and `most` bound every rule by what is still open."""
        if i == len(names):
            found.append(world.copy())
            return len(found) <= limit
        for value in range(cap + 1):
            change = [(r, weights[r][i]) for r in by_unknown[i]]
            for r, c in change:
                least[r] += c * value - min(0, c * cap)
                most[r] += c * value - max(0, c * cap)
            world[i] = value
            alive = not all(possible(r) for r, _ in change) or fill(i + 1)
            for r, c in change:
                least[r] -= c * value - min(0, c * cap)
                most[r] -= c * value - max(0, c * cap)
            if not alive:
                return False
        return True

    if not all(possible(r) for r in range(len(weights))) or not fill(0):
        return None if len(found) > limit else np.zeros((0, len(names)), dtype=np.int64)
    return np.array(found, dtype=np.int64).reshape(len(found), len(names))
