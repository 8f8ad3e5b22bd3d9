"""Changes of people's codes, chosen one after another by what they change of what is shown.

Two people who exchange codes on some axes leave every total of one axis alone, and every count of several axes on
which one of the two sets of codes is the same. Where there is nobody to exchange with, somebody takes on other codes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from anonymisation.suppression.circuits import Move
from anonymisation.suppression.crosses import Crosses
from anonymisation.suppression.population import Population
from anonymisation.suppression.solver import Floats, Work
from anonymisation.suppression.system import Bools, Ints, System

PEOPLE, PAIRS = 25, 100
"""People on either side among whom pairs are made, for each set of axes, and pairs of them that are priced."""
POOL = 60
"""Pairs, the cheapest of all, that are priced again after each choice."""
TOUCH = 1e-3
"""What it costs to touch a contributor who still attacks, half of it for any other: decides between equals only."""
Match = Sequence[tuple[int, Bools]]
"""Axes that a quantity narrows, and which of their places are inside."""


class Crowd:
    """The people of a population, who they are (p, features), whose (p,), and `chance`, which decides whom to try."""

    def __init__(self, system: System, population: Population, chance: np.random.Generator, work: Work) -> None:
        self.system = system
        self.axes, self.codes = population.axes, population.codes
        self.home = self.axes.index(str(system.programme.contributor))
        self.owner = self.codes[:, self.home]
        self.crosses = Crosses(system, self.axes)
        self.groups = self.crosses.groups(self.codes)
        self.chance, self.work = chance, work

    def columns(self, codes: Ints) -> Ints:
        """Return the unknowns in which people (p, axes) are counted."""
        place = {name: at for at, name in enumerate(self.axes)}
        return np.concatenate(
            [
                block.start + np.ravel_multi_index([codes[:, place[name]] for name in block.axes], block.shape)
                for block in self.system.blocks
            ]
        )


@dataclass(frozen=True)
class Question:
    """`prices` (q,) of changing each quantity; the contributor `still` (-1: none) is left alone.

    Those in `shy` (c,) are touched only where others cost more.
    """

    prices: Floats
    still: int
    shy: Bools


@dataclass(frozen=True)
class Pairs:
    """People `ones` and `others` (k,) who exchange codes where `swapped` (k, axes) is true.

    `cells` (k, c) are the places of the counts that change (`Crosses`).
    """

    ones: Ints
    others: Ints
    swapped: Bools
    cells: Ints

    def __len__(self) -> int:
        return len(self.ones)

    def only(self, chosen: Ints | Bools) -> Pairs:
        """Return some of them."""
        return Pairs(self.ones[chosen], self.others[chosen], self.swapped[chosen], self.cells[chosen])


class Walk(ABC):
    """Changes of different people, chosen one after another, each of which changes by one how many match.

    `codes`, `groups` and `owner` are those of the people, and below them of what they may become.
    """

    both = True
    """Whether the other takes on codes too."""

    def __init__(self, crowd: Crowd, match: Match, question: Question, *, up: bool) -> None:
        self.crowd, self.match, self.up = crowd, match, up
        self.codes, self.groups, self.owner = crowd.codes, crowd.groups, crowd.owner
        self.prices = crowd.crosses.prices(question.prices)
        self.still = question.still
        self.free: Bools = np.asarray(self.owner != question.still)
        # The last one is nobody.
        self.touch = np.append(np.where(question.shy, TOUCH, TOUCH / 2), 0.0)
        self.chosen: list[Pairs] = []
        self.cost = 0.0

    def go(self, far: int) -> Self:
        """Choose so many, or as many as there are."""
        while len(self.chosen) < far:
            before = len(self.chosen)
            self._choose(self._pool(), far)
            if len(self.chosen) == before:
                break
        return self

    def move(self) -> Move:
        """Return what they change, unknown by unknown."""
        change = np.zeros(len(self.crowd.system.truth), np.int64)
        for pairs in self.chosen:
            before = self.codes[[pairs.ones[0], pairs.others[0]]]
            after = np.where(pairs.swapped[0], before[::-1], before)
            who = slice(None) if self.both else slice(1)
            np.add.at(change, self.crowd.columns(before[who]), -1)
            np.add.at(change, self.crowd.columns(after[who]), 1)
        columns = np.flatnonzero(change)
        return Move(columns, change[columns])

    @abstractmethod
    def _sides(self) -> Iterator[tuple[Bools, Ints, Ints]]:
        """Give axes (axes,), and who by taking on such codes of which others comes to match, or no longer does."""

    def _choose(self, pool: Pairs, far: int) -> None:
        """Take the cheapest, then the cheapest of what is left by the prices after that."""
        while len(self.chosen) < far and len(pool):
            costs = self._costs(pool)
            at = int(np.argmin(costs))
            if np.isinf(costs[at]):
                return
            one = pool.only(np.array([at]))
            self.chosen.append(one)
            self.cost += float(costs[at])
            people = [one.ones[0], one.others[0]]
            self.prices[one.cells], self.touch[self.owner[people]] = 0.0, 0.0
            self.free[people if self.both else people[:1]] = False
            pool = pool.only(self.free[pool.ones] & self.free[pool.others])

    def _costs(self, pairs: Pairs) -> Floats:
        touch = self.touch[self.owner[pairs.ones]] + self.touch[self.owner[pairs.others]]
        costs: Floats = self.prices[pairs.cells].sum(axis=1) + touch
        return costs

    def _pool(self) -> Pairs:
        """Return the cheapest of some changes on all sets of axes."""
        none = np.zeros(0, np.int64)
        people, ones, others, swapped, begin = [none], [none], [none], list[Bools](), 0
        for axes, mine, theirs in self._sides():
            some = [self._some(side) for side in (mine, theirs)]
            one, other = self._paired(*some)
            people += some
            ones.append(begin + one)
            others.append(begin + len(some[0]) + other)
            swapped += [axes] * sum(len(side) for side in some)
            begin = len(swapped)
        who, one, other = np.concatenate(people), np.concatenate(ones), np.concatenate(others)
        axes = np.array(swapped, bool).reshape(-1, len(self.crowd.axes))
        cells = self.crowd.crosses.changed(self.groups[who], axes, (one, other), both=self.both)
        self.crowd.work.spent += len(one)
        pairs = Pairs(who[one], who[other], axes[one], cells)
        return pairs.only(np.argsort(self._costs(pairs), kind="stable")[:POOL])

    def _some(self, people: Ints) -> Ints:
        """Return some of them, or all if they are few."""
        return people if len(people) <= PEOPLE else self.crowd.chance.choice(people, PEOPLE, replace=False)

    def _paired(self, ones: Ints, others: Ints) -> tuple[Ints, Ints]:
        """Return places of some pairs of the ones with the others, those who have most in common."""
        one, other = np.divmod(np.arange(len(ones) * len(others)), max(len(others), 1))
        if len(one) > PAIRS:
            same = self.groups[ones][:, np.newaxis] == self.groups[others]
            alike = same.sum(axis=2).ravel() + self.crowd.chance.random(len(one))
            best = np.argpartition(-alike, PAIRS)[:PAIRS]
            one, other = one[best], other[best]
        return one, other

    def _inside(self, axes: Bools) -> Bools:
        """Return who (p,) is free and matches on all of some axes that are narrowed."""
        found = self.free.copy()
        for axis, inside in self.match:
            if axes[axis]:
                found &= inside[self.codes[:, axis]]
        return found


class Exchanges(Walk):
    """Two people exchange codes, so that one of them comes to match, or no longer does, and the other never did."""

    def _sides(self) -> Iterator[tuple[Bools, Ints, Ints]]:
        size, narrowed = len(self.crowd.axes), [axis for axis, _ in self.match]
        # Exchanging on the other axes is the same exchange.
        for number in range(1, 2 ** (size - 1)):
            axes = np.array([bool(number >> axis & 1) for axis in range(size)])
            if 0 < axes[narrowed].sum() < len(narrowed):
                some, rest = self._inside(axes), self._inside(~axes)
                ones = rest & ~some if self.up else rest & some
                others = some & ~rest if self.up else self.free & ~some & ~rest
                yield axes, np.flatnonzero(ones), np.flatnonzero(others)


class Recodings(Walk):
    """Somebody takes on codes that match, or one that does not; nobody takes on theirs."""

    both = False

    def __init__(self, crowd: Crowd, match: Match, question: Question, *, up: bool) -> None:
        super().__init__(crowd, match, question, up=up)
        self.people = len(self.codes)
        self.becomes = list[tuple[Bools, Ints]]()
        if up:
            self._may_become([(axis, np.flatnonzero(inside)[:1]) for axis, inside in match])
        else:
            for axis, inside in match:
                self._may_become([(axis, np.flatnonzero(~inside))])

    def _may_become(self, places: Sequence[tuple[int, Ints]]) -> None:
        """Add codes, on each axis as many, that somebody can take on."""
        crowd = self.crowd
        axes = np.isin(np.arange(len(crowd.axes)), [axis for axis, _ in places])
        codes = np.zeros((max((len(some) for _, some in places), default=0), len(axes)), np.int64)
        for axis, some in places:
            codes[:, axis] = some
        owner = codes[:, crowd.home] if axes[crowd.home] else np.full(len(codes), -1)
        kept = (owner < 0) | (owner != self.still)
        self.becomes.append((axes, len(self.codes) + np.arange(np.count_nonzero(kept))))
        self.codes = np.concatenate([self.codes, codes[kept]])
        self.groups = np.concatenate([self.groups, crowd.crosses.groups(codes[kept])])
        self.owner = np.concatenate([self.owner, owner[kept]])
        self.free = np.concatenate([self.free, np.ones(np.count_nonzero(kept), bool)])

    def _sides(self) -> Iterator[tuple[Bools, Ints, Ints]]:
        matches = np.sum([inside[self.codes[:, axis]] for axis, inside in self.match], axis=0)
        whole = matches == len(self.match)
        people = np.flatnonzero(self.free[: self.people] & (whole != self.up)[: self.people])
        if self.up:
            # Who lacks fewest codes changes fewest counts.
            people = people[np.argsort(-matches[people], kind="stable")[:PEOPLE]]
        for axes, others in self.becomes:
            yield axes, people, others
