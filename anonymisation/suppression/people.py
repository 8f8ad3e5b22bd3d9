"""Who a cell counts: one name for the same people, whatever table or level they are counted in."""

from __future__ import annotations

from collections.abc import Sequence

from anonymisation.programme import Dimension, Programme, Table

# Who is counted: for each dimension that narrows, the leaves that are in. Nothing narrowed: everyone.
People = tuple[tuple[str, tuple[int, ...]], ...]


def masks(dimension: Dimension, present: Sequence[int]) -> dict[tuple[int, ...] | None, tuple[int, ...]]:
    """Return places on the axis by the leaves counted; None counts everyone.

    `present` are the leaves that are in the system (absent contributors are not); places count those only.
    """
    found: dict[tuple[int, ...] | None, tuple[int, ...]] = {}
    place = {leaf: at for at, leaf in enumerate(present)}
    if dimension.multi:
        return {(at,): (at,) for at in range(len(dimension.codes))} | {None: (len(dimension.codes),)}
    for leaves in dimension.members.values():
        inside = tuple(leaf for leaf in leaves if leaf in place)
        if inside:
            found[None if len(inside) == len(present) else inside] = tuple(place[leaf] for leaf in inside)
    return found


def people(programme: Programme, table: Table, key: Sequence[str], present: Sequence[int]) -> People | None:
    """Return who a published cell counts, or None where nobody that delivered is in it."""
    narrowed = []
    for name, code in zip(table.dimensions, key, strict=True):
        dimension = programme.dimension(name)
        inside = dimension.members[code]
        if name == programme.contributor:
            inside = tuple(leaf for leaf in inside if leaf in present)
            if not inside:
                return None
            if len(inside) == len(present):
                continue
        elif dimension.multi:
            if code == dimension.total:
                continue
        elif len(inside) == len(dimension.codes):
            continue
        narrowed.append((name, inside))
    return tuple(sorted(narrowed))
