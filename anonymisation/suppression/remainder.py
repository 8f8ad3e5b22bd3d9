"""What a shown sum over contributors leaves when the shown parts of it are taken out: a number everyone works out.

Whoever knows the rule (clause (iii) of *Safe*) also knows how large a contributor's own part of such a remainder may
be. Let r be what it leaves to the others. The hidden counts that make up the remainder lie, less the own part, between
0 and r, and that contributor knows it. If 0 < r < t, where t is small enough that a count below it is small and a range
below it is narrow for each of them, one of them is small and narrow: no world with such a part gives a safe release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from anonymisation.programme import Programme

if TYPE_CHECKING:
    from anonymisation.suppression.people import People
    from anonymisation.suppression.system import Bools, Ints


@dataclass(frozen=True)
class Split:
    """A published sum, `whole`, divided along one dimension.

    `leaves` are the quantities of its finest parts; `parts` the published sums among its parts with the places in
    `leaves` that they hold, largest first.
    """

    whole: int
    leaves: tuple[int, ...]
    parts: tuple[tuple[int, frozenset[int]], ...]


@dataclass(frozen=True)
class Remainder:
    """Quantities that together come to `value` in every world, by the shown `sources`.

    `parts` make it up, by published sums where there are any, and so do `leaves`.
    """

    value: int
    leaves: tuple[int, ...]
    parts: tuple[int, ...]
    sources: frozenset[int]


def splits(programme: Programme, people: Sequence[People | None], sums: Ints) -> tuple[Split, ...]:
    """Return all ways to divide the published `sums` along a dimension whose codes add up; first each sum undivided."""
    index = {who: q for q, who in enumerate(people) if who is not None}
    found = [Split(int(q), (int(q),), ()) for q in sums]
    lines: dict[tuple[str, People], list[tuple[int, frozenset[int]]]] = {}
    for q in sums:
        who = dict(people[q] or ())
        for dimension in programme.dimensions:
            if dimension.multi or dimension.name == programme.contributor:
                continue
            name = dimension.name
            rest = tuple(sorted(item for item in who.items() if item[0] != name))
            inside = frozenset(who.get(name, range(len(dimension.codes))))
            lines.setdefault((name, rest), []).append((int(q), inside))
    for (name, rest), line in lines.items():
        line.sort(key=lambda one: -len(one[1]))
        for whole, inside in line:
            codes = sorted(inside)
            leaves = [index.get(tuple(sorted((*rest, (name, (code,)))))) for code in codes]
            if len(codes) > 1 and None not in leaves:
                place = {code: at for at, code in enumerate(codes)}
                parts = tuple((q, frozenset(place[c] for c in some)) for q, some in line if some < inside)
                found.append(Split(whole, tuple(q for q in leaves if q is not None), parts))
    return tuple(found)


def remainders(every: Sequence[Split], shown: Bools, value: Ints) -> Iterator[Remainder]:
    """Give what the shown sums leave, where that is above 0; `value` (q,) are the true values."""
    for split in every:
        if not shown[split.whole]:
            continue
        taken: set[int] = set()
        sources = [split.whole]
        for q, inside in split.parts:
            if shown[q] and not inside & taken:
                taken |= inside
                sources.append(q)
        left = value[split.whole] - value[sources[1:]].sum()
        if left <= 0:
            continue
        parts, covered = [], set(taken)
        for q, inside in split.parts:
            if not inside & covered:
                covered |= inside
                parts.append(q)
        open_to = [at for at in range(len(split.leaves)) if at not in taken]
        parts += [split.leaves[at] for at in open_to if at not in covered]
        if not taken:
            parts = [split.whole]
        yield Remainder(int(left), tuple(split.leaves[at] for at in open_to), tuple(parts), frozenset(sources))


def least_rest(remainder: Remainder, small_from: Ints, small_to: Ints, width: Ints, *, few: Bools) -> int:
    """Return the least that a contributor's part of a remainder must leave to the others in a safe world, or 0.

    `few` (q,) are the quantities that count as small if they come from one contributor alone: no part of those may be
    all there is. A part that hides zeros is small, and narrow, even where nothing is left.
    """
    narrow = np.minimum(small_to, width)
    leaves, parts = list(remainder.leaves), list(remainder.parts)
    every = np.unique(leaves + parts)
    strict = max((int(narrow[q]) for q in every if small_from[q] == 0), default=0)
    if strict or few[parts].all():
        return max(strict, int(narrow[leaves].min()), int(narrow[parts].min()))
    return 0
