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


MOST_PARTIAL = 20_000
"""Worlds begun, at any step, up to which the enumeration goes on: so that it takes a second at most."""


def enumerate_worlds(region: Region, cap: int, limit: int = 200_000) -> np.ndarray | None:
    """Every world with no unknown above `cap`, as rows over `unknowns(region)`.

    None if there are more than `limit`, or if too many that are begun come to nothing late. Unknown by unknown each
    value is tried in every world begun so far; what no rule allows any more, whatever the rest, is dropped.
    """
    names = unknowns(region)
    place = {name: i for i, name in enumerate(names)}
    ruled = rules(region)
    weights = np.zeros((len(ruled), len(names)), dtype=np.int32)
    for r, (coefficients, _, _) in enumerate(ruled):
        for unknown, weight in coefficients.items():
            weights[r, place[unknown]] = weight
    anything = int(np.abs(weights).sum(axis=1).max(initial=0)) * cap
    low = np.array([-anything if least is None else least for _, least, _ in ruled], dtype=np.int32)
    high = np.array([anything if most is None else most for _, _, most in ruled], dtype=np.int32)
    # What the unknowns that are still open can add to each rule at least and at most.
    least, most = np.minimum(weights, 0).sum(axis=1) * cap, np.maximum(weights, 0).sum(axis=1) * cap
    possible = int(np.all((low <= most) & (least <= high)))
    begun = np.zeros((possible, len(names)), dtype=np.int32)
    reached = np.zeros((possible, len(ruled)), dtype=np.int32)
    for at in _order(weights):
        rise = weights[:, at]
        least, most = least - np.minimum(rise, 0) * cap, most - np.maximum(rise, 0) * cap
        values = np.tile(np.arange(cap + 1, dtype=np.int32), len(begun))
        begun, reached = np.repeat(begun, cap + 1, axis=0), np.repeat(reached, cap + 1, axis=0)
        begun[:, at] = values
        reached += values[:, np.newaxis] * rise
        alive = np.all((reached + most >= low) & (reached + least <= high), axis=1)
        begun, reached = begun[alive], reached[alive]
        if len(begun) > max(MOST_PARTIAL, limit):
            return None
    return begun.astype(np.int64) if len(begun) <= limit else None


def _order(weights: np.ndarray) -> list[int]:
    """The unknowns, those first that bring a rule nearest to its end: so dead ends are seen early."""
    inside = weights != 0
    left = list(range(weights.shape[1]))
    order: list[int] = []
    while left:
        open_ = inside[:, left].sum(axis=1)
        begun = inside[:, order].any(axis=1)
        # A rule that was begun goes before all others.
        distance = np.where(begun, open_, open_ + weights.shape[1])
        at = min(left, key=lambda u: (distance[inside[:, u]].min(initial=2 * weights.shape[1]), u))
        order.append(at)
        left.remove(at)
    return order
