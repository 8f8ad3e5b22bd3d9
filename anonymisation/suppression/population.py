"""People who could be those counted: one after another with a code on every axis, taken off all blocks at once.

Blocks need not come from any such list as a whole, and finding one that they do come from is as hard as whole numbers
are. But most people can be told apart one by one, and the few who are left over stay as they are. Whatever becomes of
those in the list, no count falls below zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anonymisation.suppression.system import Ints, System

MOST_CODES = 3
"""Codes that are tried on an axis before a count is left over."""
MOST_STEPS = 200
"""Places that are tried in search of one person; where many axes hang together, few cells are worth more."""
ATTEMPTS, TOGETHER = 10, 20_000
"""Lists that are made, of which the longest is used; fewer, if they would have more people than this together."""
Spot = Mapping[str, int]


@dataclass(frozen=True)
class Population:
    """People (p, axes), each as places on the `axes` of all blocks."""

    axes: tuple[str, ...]
    codes: Ints


def peel(system: System, chance: np.random.Generator) -> Population:
    """Return people whom all blocks together count, the most of some attempts; `chance` decides who goes first."""
    people = int(system.truth[: system.blocks[0].size].sum())
    attempts = max(1, min(ATTEMPTS, TOGETHER // max(people, 1)))
    return max((_peel(system, chance) for _ in range(attempts)), key=lambda population: len(population.codes))


def _peel(system: System, chance: np.random.Generator) -> Population:
    """Take people off until no more are found: those with rare codes first, since it is they who are needed."""
    peeling = _Peeling(system)
    cells = np.repeat(np.arange(system.blocks[0].size), system.truth[: system.blocks[0].size])
    rare, order = peeling.rarity(), chance.permutation(cells)
    found: list[list[int]] = []
    empty: set[int] = set()
    for cell in order[np.argsort(rare[order], kind="stable")].tolist():
        # What is left only falls: a cell that gave nobody gives nobody later.
        if cell in empty:
            continue
        person = peeling.find(cell)
        if person is None:
            empty.add(cell)
        else:
            peeling.take(person)
            found.append([person[axis] for axis in peeling.axes])
    return Population(peeling.axes, np.array(found, np.int64).reshape(-1, len(peeling.axes)))


class _Peeling:
    """What is left of each block."""

    def __init__(self, system: System) -> None:
        self.blocks = system.blocks
        self.axes = tuple(dict.fromkeys(name for block in self.blocks for name in block.axes))
        left = system.truth.copy()
        self.steps = 0
        self.left = [left[block.start : block.start + block.size].reshape(block.shape) for block in self.blocks]

    def rarity(self) -> Ints:
        """Return for each cell of the first block how many people have the rarest of its codes."""
        first = self.left[0]
        totals = []
        for axis in range(first.ndim):
            others = tuple(at for at in range(first.ndim) if at != axis)
            totals.append(np.broadcast_to(first.sum(axis=others, keepdims=True), first.shape))
        found: Ints = np.minimum.reduce(totals).ravel()
        return found

    def find(self, cell: int) -> Spot | None:
        """Return somebody in a cell of the first block whom all blocks still count, if one is found."""
        places = np.unravel_index(cell, self.blocks[0].shape)
        self.steps = MOST_STEPS
        return self._find({name: int(place) for name, place in zip(self.blocks[0].axes, places, strict=True)})

    def take(self, person: Spot) -> None:
        """Count somebody no longer."""
        for block, left in zip(self.blocks, self.left, strict=True):
            left[tuple(person[name] for name in block.axes)] -= 1

    def _find(self, spot: Spot) -> Spot | None:
        """Return somebody with the places of `spot`, and one on each other axis."""
        rooms = {name: self._room(spot, name) for name in self.axes if name not in spot}
        if not rooms:
            return spot
        # Where the choice is smallest first, and there where most are.
        name = min(rooms, key=lambda one: (int(np.count_nonzero(rooms[one])), one))
        for place in np.argsort(-rooms[name], kind="stable")[:MOST_CODES].tolist():
            if rooms[name][place] > 0 and self.steps:
                self.steps -= 1
                if (found := self._find({**spot, name: place})) is not None:
                    return found
        return None

    def _room(self, spot: Spot, name: str) -> Ints:
        """Return for each place on an axis how many people with the places of `spot` can be there at most."""
        rooms = []
        for block, left in zip(self.blocks, self.left, strict=True):
            if name in block.axes:
                here = left[tuple(spot.get(axis, slice(None)) for axis in block.axes)]
                others = [axis for axis in block.axes if axis not in spot]
                rooms.append(here.sum(axis=tuple(at for at, axis in enumerate(others) if axis != name)))
        found: Ints = np.minimum.reduce(rooms)
        return found
