"""Clause (iii) of *Safe*: the attacker also knows that the release is safe, so only such worlds are cover.

Candidates (`candidates.py`) change one part of the truth; each is checked in full for every attacker, and what fails
becomes a rule that the next candidates keep. A world that passes is a witness for every attacker whose own counts it
leaves alone.
"""

from collections.abc import Sequence

import numpy as np

from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.chamber import Chamber, Demand, varying
from anonymisation.attack.elsewhere import Corner, Everyone
from anonymisation.attack.parts import split
from anonymisation.attack.polytope import Ints
from anonymisation.attack.quantities import Flags


class Aware:
    """Witness worlds that satisfy (iii), for all attackers together; arrays as in `Everyone`."""

    def __init__(self, attackers: dict[int, Attacker], base: Ints) -> None:
        self.base = base
        public = attackers[PUBLIC]
        self.case = public.case
        ties = public.case.truth.cells if public.case.truth is not None else public.case.quantities.sums[:0]
        self.parts = split(public.insight.polytope, public.case.quantities.system.owner(), ties)
        self.everyone = Everyone(attackers, base)
        self.low, self.high = self.everyone.values.copy(), self.everyone.values.copy()
        self.chambers: list[Chamber] = []
        self.corners: list[Corner] = []
        self.usual: list[Ints] = []
        """For each part how wide each target is seen to be there with the own counts of the truth."""
        for part in self.parts:
            rows, targets = varying(public.eyes.targets, part)
            self.chambers.append(Chamber(part, targets, base[part.columns], cap=self.case.cap, work=self.case.work))
            self.corners.append(Corner(self.everyone, part, rows, targets))
            self.usual.append(np.zeros(self.low.shape, dtype=np.int64))
        for column, who in enumerate(self.everyone.who):
            for number in range(len(self.parts)):
                self._seed(number, column, attackers[who].insight.far)
        self.total: Ints = sum(self.usual, np.zeros(self.low.shape, dtype=np.int64))
        self.places: dict[int, list[tuple[int, int]]] = {}
        """For each target the parts that it varies in, and where it stands there."""
        for number, corner in enumerate(self.corners):
            for at, target in enumerate(corner.rows.tolist()):
                self.places.setdefault(target, []).append((number, at))
        self.demands: list[list[Demand]] = [[] for _ in self.parts]
        self.random = np.random.default_rng(1)
        self._checked: dict[tuple[int, bytes], bool] = {}
        self.checks = 0

    def _seed(self, number: int, column: int, worlds: list[Ints]) -> None:
        chamber, columns = self.chambers[number], self.parts[number].columns
        base = self.base[columns]
        book, values = chamber.book(self.everyone.who[column], base), chamber.values(self.everyone.who[column], base)
        own = chamber.own(self.everyone.who[column])
        for world in worlds:
            move = world[columns] - base
            effect = chamber.sums @ move
            chamber.learn(move, effect)
            if not move[own].any():
                book.see(values + effect)
        self.usual[number][self.corners[number].rows, column] = book.high - book.low

    def wide(self) -> Flags:
        """Which targets have two (iii) witnesses far enough apart, or need none; shape (targets, attackers)."""
        return np.asarray(self.high - self.low >= self.everyone.needed)

    def cover(self, who: int) -> Flags:
        """The same for each quantity that an attacker keeps."""
        column = self.everyone.who.index(who)
        return np.asarray(self.wide()[self.everyone.target_of[who], column])

    def check(self, number: int, move: Ints) -> bool:
        """Check the truth with one part moved; a witness is credited to all whose own counts stay."""
        key = (number, move.tobytes())
        known = self._checked.get(key)
        if known is not None:
            return known
        self.checks += 1
        corner, chamber = self.corners[number], self.chambers[number]
        change = corner.change(move)
        world, rows = chamber.base + move, corner.rows
        asked = np.flatnonzero(change.needed.any(axis=0)).tolist()
        good = all(self._covers(number, column, world, change.needed[:, column]) for column in asked)
        self._checked[key] = good
        if good:
            stays = np.flatnonzero([not move[chamber.own(who)].any() for who in self.everyone.who])
            at, values = np.ix_(rows, stays), change.values[:, stays]
            self.low[at], self.high[at] = np.minimum(self.low[at], values), np.maximum(self.high[at], values)
        return good

    def _covers(self, number: int, column: int, world: Ints, needed: Ints) -> bool:
        """Whether in a world of one part an attacker's ranges are as wide as `needed` (over the corner's `asked`).

        If not, the candidates that follow keep a rule that this one broke, where one is known.
        """
        corner, chamber, who = self.corners[number], self.chambers[number], self.everyone.who[column]
        count = len(corner.rows)
        while True:
            lacks = needed - self._others(number, column)
            here = np.where(needed[:count] > 0, lacks[:count], 0)
            target = chamber.lacking(who, world, here)
            if target is None:
                break
            if not self._widen(int(corner.rows[target]), column, number, int(needed[target])):
                self._learn(number, column, world, target, int(here[target]))
                return False
        for at in np.flatnonzero(lacks[count:] > 0) + count:
            if not self._widen(int(corner.asked[at]), column, number, int(needed[at])):
                self._keep(number, world, corner.too_few(chamber.base, world - chamber.base))
                return False
        return True

    def _widen(self, target: int, column: int, besides: int, needed: int) -> bool:
        """Look for more width of a target in the other parts, around the truth; True if that is all that is needed."""
        who = self.everyone.who[column]
        for number, at in self.places.get(target, ()):
            if number == besides:
                continue
            corner, chamber, usual = self.corners[number], self.chambers[number], self.usual[number]
            wanted = np.zeros(len(corner.rows), dtype=np.int64)
            missing = needed - self._width(target, column, besides)
            wanted[at] = usual[target, column] + missing
            chamber.lacking(who, chamber.base, wanted)
            book = chamber.book(who, chamber.base)
            self.total[corner.rows, column] -= usual[corner.rows, column]
            usual[corner.rows, column] = book.high - book.low
            self.total[corner.rows, column] += usual[corner.rows, column]
        return self._width(target, column, besides) >= needed

    def _width(self, target: int, column: int, besides: int) -> int:
        """How wide a target is seen to be in all parts but one."""
        return int(self.total[target, column] - self.usual[besides][target, column])

    def _others(self, number: int, column: int) -> Ints:
        """How wide the targets that a part asks for are seen to be in the other parts."""
        asked = self.corners[number].asked
        return np.asarray(self.total[asked, column] - self.usual[number][asked, column])

    def _learn(self, number: int, column: int, world: Ints, target: int, needed: int) -> None:
        """Turn what failed into a rule that the truth keeps and this world does not."""
        chamber, who = self.chambers[number], self.everyone.who[column]
        rules = (chamber.rule(who, world, target, needed), self._aside(number, column, target))
        more = self.corners[number].too_few(chamber.base, world - chamber.base)
        self._keep(number, world, [*(rule for rule in rules if rule is not None), *more])

    def _keep(self, number: int, world: Ints, rules: Sequence[Demand]) -> None:
        """Candidates keep the first of some rules that the truth keeps and this world does not."""
        for rule in rules:
            if rule.keeps(self.chambers[number].base) and not rule.keeps(world):
                self.demands[number].append(rule)
                return

    def _aside(self, number: int, column: int, target: int) -> Demand | None:
        """Keep a quantity on the side where it is not small, if the truth is there."""
        corner, chamber = self.corners[number], self.chambers[number]
        value = int(self.everyone.values[corner.rows[target], column])
        weights = chamber.targets[target].copy()
        weights[chamber.own(self.everyone.who[column])] = 0
        used = np.flatnonzero(weights)
        elsewhere = value - int(weights @ chamber.base)
        if value == 0:
            return Demand(used, -weights[used].astype(float), float(elsewhere))
        eyes = self.everyone.eyes
        same = eyes.target == corner.rows[target]
        threshold = int(eyes.quantities.threshold[eyes.kept[same]].max())
        if value >= threshold:
            return Demand(used, weights[used].astype(float), float(threshold - elsewhere))
        return None
