"""The counts that a person is in, one for each cross of axes and levels, worked out for many people at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from anonymisation.suppression.people import masks
from anonymisation.suppression.solver import Floats
from anonymisation.suppression.system import Bools, Ints, System

Leaves = tuple[int, ...]


@dataclass(frozen=True)
class Feature:
    """An axis at one level: its groups of leaves, and the group (places,) of each place on the axis."""

    axis: int
    groups: tuple[Leaves, ...]
    group_of: Ints


class Crosses:
    """Places for all counts of one or more features, cross after cross; `quantity` (places,) is what each counts.

    The place after the last counts nothing.
    """

    def __init__(self, system: System, axes: Sequence[str]) -> None:
        self.features = [one for at, name in enumerate(axes) for one in _levels(system, name, at)]
        self.axis = np.array([feature.axis for feature in self.features], np.int64)
        known = {who: q for q, who in enumerate(system.people) if who is not None}
        blocks = [{axes.index(name) for name in block.axes} for block in system.blocks]
        quantities, starts, strides = list[int](), list[int](), list[Ints]()
        for cross in _combined(self.features):
            inside = [self.features[at] for at in cross]
            if not any({feature.axis for feature in inside} <= block for block in blocks):
                continue
            starts.append(len(quantities))
            sizes = [len(feature.groups) for feature in inside]
            strides.append(np.zeros(len(self.features), np.int64))
            strides[-1][list(cross)] = [int(np.prod(sizes[at:], dtype=np.int64)) for at in range(1, len(sizes) + 1)]
            names = [axes[feature.axis] for feature in inside]
            for leaves in product(*(feature.groups for feature in inside)):
                quantities.append(known[tuple(sorted(zip(names, leaves, strict=True)))])
        self.quantity = np.array(quantities, np.int64)
        self._start = np.array(starts, np.int64)
        self._stride = np.array(strides, np.int64).reshape(-1, len(self.features)).T.astype(float)

    def prices(self, prices: Floats) -> Floats:
        """Return (places + 1,) what changing each place costs, by what changing its quantity costs."""
        return np.append(prices[self.quantity], 0.0)

    def groups(self, codes: Ints) -> Ints:
        """Return for people (p, axes) their group in each feature (p, features)."""
        columns = [feature.group_of[codes[:, feature.axis]] for feature in self.features]
        return np.stack(columns, axis=1) if columns else np.zeros((len(codes), 0), np.int64)

    def changed(self, groups: Ints, swapped: Bools, pairs: tuple[Ints, Ints], *, both: bool) -> Ints:
        """Return the places (k, c) that change when people take on codes of others, and if `both` the others theirs.

        `groups` (p, features) are people, `swapped` (p, axes) the axes on which each of them does so, and `pairs` (k,)
        which of them with which. Where nothing changes it is the place that counts nothing.
        """
        inside = swapped[:, self.axis]
        taken = ((groups * inside) @ self._stride).astype(np.int32)
        kept = ((groups * ~inside) @ self._stride + self._start).astype(np.int32)
        mine, theirs = pairs
        mine_in, theirs_in, mine_out, theirs_out = taken[mine], taken[theirs], kept[mine], kept[theirs]
        # Who has all else in common with the other changes places with them: the count stays.
        same = mine_in == theirs_in
        whole = [mine_in + mine_out, theirs_in + mine_out]
        if both:
            same |= mine_out == theirs_out
            whole += [theirs_in + theirs_out, mine_in + theirs_out]
        for one in whole:
            one[same] = len(self.quantity)
        return np.concatenate(whole, axis=1)


def _levels(system: System, name: str, axis: int) -> list[Feature]:
    """Return an axis at each of its levels that tells people apart."""
    dimension = system.programme.dimension(name)
    present = list(range(dimension.size))
    if name == system.programme.contributor:
        present = [dimension.codes.index(code) for code in system.contributors]
    known = masks(dimension, present)
    found = []
    for level in dimension.level_names[:-1]:
        groups: list[Leaves] = []
        group_of = np.zeros(len(present), np.int64)
        for code in dimension.at_level(level):
            leaves = tuple(leaf for leaf in dimension.members[code] if leaf in present)
            if leaves in known:
                group_of[list(known[leaves])] = len(groups)
                groups.append(leaves)
        if len(groups) > 1:
            found.append(Feature(axis, tuple(groups), group_of))
    return found


def _combined(features: Sequence[Feature]) -> list[tuple[int, ...]]:
    """Return all sets of features of different axes, but the empty one."""
    found: list[tuple[int, ...]] = [()]
    for at, feature in enumerate(features):
        found += [(*one, at) for one in found if all(features[other].axis != feature.axis for other in one)]
    return found[1:]
