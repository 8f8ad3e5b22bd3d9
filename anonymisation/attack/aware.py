"""Clause (iii) of *Safe*: the attacker also knows that the release is safe, so only such worlds are cover.

Candidates are built near the truth, part by part, in the directions that are still to be widened; each is checked in
full for every attacker; what fails becomes a rule that the next candidates keep. A world that passes is a witness for
every attacker whose own counts it leaves alone.
"""

import numpy as np

from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.cuts import Demand, Widths
from anonymisation.attack.mind import Mind
from anonymisation.attack.parts import split
from anonymisation.attack.polytope import Floats, Ints, NoWorldError, Polytope

PATIENCE = 6
"""Candidates in a row that prove nothing new before the search in a part turns to single quantities."""
TRIES = 12
"""Candidates for one direction of one quantity."""


class Aware:
    """Witness worlds that satisfy (iii), for all attackers together."""

    def __init__(self, attackers: dict[int, Attacker], base: Ints) -> None:
        self.attackers, self.base = attackers, base
        public = attackers[PUBLIC]
        self.case = public.case
        ties = public.case.truth.cells if public.case.truth is not None else public.case.quantities.sums[:0]
        self.parts = split(public.insight.polytope, public.case.quantities.system.owner(), ties)
        self.minds = {who: Mind(attacker, self.parts, base) for who, attacker in attackers.items()}
        self.low = {who: np.full(a.needed.shape, 2**60) for who, a in attackers.items()}
        self.high = {who: np.full(a.needed.shape, -(2**60)) for who, a in attackers.items()}
        self.demands: list[list[Demand]] = [[] for _ in self.parts]
        self._checked: dict[bytes, bool] = {}
        self._widths: dict[tuple[int, int], Widths] = {}
        self._random = np.random.default_rng(1)
        self.checks = 0

    def prove(self) -> None:
        """Look for witnesses until every needed range is wide, or nothing more is found."""
        self.try_world(self.base, [])
        for who in self.attackers:
            for number in range(len(self.parts)):
                _Search(self, who, number).run()

    def wide(self, who: int) -> np.ndarray:
        """Which targets of an attacker have two (iii) witnesses far enough apart, or need none."""
        needed = self.attackers[who].needed
        return np.asarray((needed <= 0) | (self.high[who] - self.low[who] >= needed))

    def try_world(self, world: Ints, changed: list[int]) -> bool:
        """Check a world; if it is a witness, credit it to every attacker that may take it for the truth."""
        key = world.tobytes()
        known = self._checked.get(key)
        if known is not None:
            return known
        self.checks += 1
        good = True
        for who, mind in self.minds.items():
            failed = mind.fails(world, changed)
            if failed is not None:
                self._learn(who, world, *failed)
                good = False
                break
        self._checked[key] = good
        if good:
            for who, mind in self.minds.items():
                if mind.knows(world):
                    values = self.attackers[who].eyes.targets @ world
                    np.minimum(self.low[who], values, out=self.low[who])
                    np.maximum(self.high[who], values, out=self.high[who])
        return good

    def _learn(self, who: int, world: Ints, number: int, targets: Ints) -> None:
        """Turn what failed into rules that the truth keeps and this world does not."""
        if number < 0:
            return
        part, mind = self.parts[number], self.minds[who]
        eyes = mind.attacker.eyes
        needed = eyes.needed(eyes.small(world[np.newaxis, :])[0])
        local, base = world[part.columns], self.base[part.columns]
        others = mind.elsewhere(number)
        if (who, number) not in self._widths:
            self._widths[who, number] = Widths(part, who, self.case.cap)
        for target in targets[:3]:
            row = eyes.targets[[int(target)]][:, part.columns]
            if not row.nnz:
                continue
            rule = self._widths[who, number].demand(row, local, int(needed[target] - others[target]))
            if rule is None or not rule.keeps(base):
                rule = self._aside(who, int(target), number)
            if rule is not None and rule.keeps(base) and not rule.keeps(local):
                self.demands[number].append(rule)

    def _aside(self, who: int, target: int, number: int) -> Demand | None:
        """Keep a quantity on the side where it is not small, if the truth is there."""
        eyes, part = self.attackers[who].eyes, self.parts[number]
        row = eyes.targets[[target]]
        value = int((row @ self.base)[0])
        inside = row[:, part.columns]
        elsewhere = value - int((inside @ self.base[part.columns])[0])
        weights = inside.data.astype(float)
        if value == 0:
            return Demand(inside.indices.astype(np.int64), -weights, float(elsewhere))
        threshold = int(eyes.quantities.threshold[eyes.kept[eyes.target == target]].max())
        if value >= threshold:
            return Demand(inside.indices.astype(np.int64), weights, float(threshold - elsewhere))
        return None


class _Search:
    """Candidates for one attacker within one part; the rest of the world stays the truth."""

    def __init__(self, aware: Aware, who: int, number: int) -> None:
        self.aware, self.who, self.number = aware, who, number
        self.part = aware.parts[number]
        self.targets = aware.attackers[who].eyes.targets[:, self.part.columns]
        self.touched = np.flatnonzero(np.diff(self.targets.indptr) > 0)
        self.used = 0
        self._region: Polytope | None = None

    def open(self) -> Ints:
        """Targets that the part touches and that are not proven yet."""
        return self.touched[~self.aware.wide(self.who)[self.touched]]

    def run(self) -> None:
        """Random directions over what is open, then one quantity at a time."""
        quiet = 0
        while quiet < PATIENCE:
            left = self.open()
            if not len(left) or not self.aware.case.work.spend():
                return
            signs = self.aware._random.choice((-1.0, 1.0), len(left))
            self.candidate(np.asarray(self.targets[left].T @ signs, dtype=float))
            quiet = 0 if len(self.open()) < len(left) else quiet + 1
        for target in self.open():
            self.single(int(target))

    def single(self, target: int) -> None:
        """Candidates that push one quantity up, and down."""
        aware = self.aware
        direction = np.asarray(self.targets[[target]].toarray(), dtype=float).ravel()
        for sign in (1.0, -1.0):
            for _ in range(TRIES):
                if aware.wide(self.who)[target] or not aware.case.work.spend():
                    return
                noise = self.aware._random.uniform(-0.01, 0.01, len(direction))
                if self.candidate(sign * direction + noise):
                    break

    def candidate(self, direction: Floats) -> bool:
        """Ask for a world of the region far in a direction, and check it. True if it is a witness."""
        try:
            region = self.region()
            answer = region.maximise(direction)
            if answer.world is None:
                answer = region.maximise(direction, whole=True, nodes=500)
        except NoWorldError:
            return False
        if answer.world is None:
            return False
        world = self.aware.base.copy()
        world[self.part.columns] = answer.world
        return self.aware.try_world(world, [self.number])

    def region(self) -> Polytope:
        """The attacker's worlds in a box around the truth, with every rule learnt so far."""
        aware = self.aware
        if self._region is None:
            reach = int(aware.attackers[self.who].needed[self.touched].max(initial=1))
            base = aware.base[self.part.columns]
            mind = aware.minds[self.who]
            self._region = mind.polytope(self.number, aware.base, lower=base - reach, upper=base + reach)
        for rule in aware.demands[self.number][self.used :]:
            self._region.demand(rule.columns, rule.weights, rule.least)
        self.used = len(aware.demands[self.number])
        return self._region
