"""Clause (iii) of *Safe*: the attacker also knows that the release is safe, so only such worlds are cover.

Candidates are built near the truth, part by part, in the directions that are still to be widened; each is checked in
full for every attacker; what fails becomes a rule that the next candidates keep. A world that passes is a witness for
every attacker whose own counts it leaves alone.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.chamber import Chamber, Demand, varying
from anonymisation.attack.elsewhere import Corner, Everyone
from anonymisation.attack.nearest import nearest
from anonymisation.attack.parts import split
from anonymisation.attack.polytope import Floats, Ints, NoWorldError, Polytope
from anonymisation.attack.quantities import Flags
from anonymisation.attack.solving import Model, whole

PATIENCE = 20
"""Candidates in a row that prove nothing new before the search in a part turns to single quantities."""
TRIES = 2_000
"""Candidates for one quantity of one attacker: many, since one that finds no cover decides against the release."""
SHARES = (0.34, 0.5, 1.0)
"""How much of a count may be taken away in worlds near the truth: a little from many is more often safe."""
BEYOND = (0, 0, 1, 2, 3, 4)
"""How much further than it needs be a quantity is moved there: at the edge it may be small still."""
CHAIN = 8
"""Such worlds one after another, each keeping the rules learnt from those before."""
BETWEEN = 8
"""Moves that are looked for between two contributors."""
DRAWS = 6
"""Sets of contributors of which the best is taken."""
CHOICES = 6
"""Candidates of which the most useful one is checked: to find one takes a hundredth of the work of checking it."""


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

    def prove(self) -> None:
        """Look for witnesses until every needed range is wide, or nothing more is found."""
        if not all(self.check(n, np.zeros(len(part.columns), dtype=np.int64)) for n, part in enumerate(self.parts)):
            return
        # The first quantity that finds no cover decides: the release is not proven safe, whatever else would be found.
        for number in sorted(range(len(self.parts)), key=lambda n: len(self.parts[n].columns)):
            if not _Search(self, number).run():
                return

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


class _Search:
    """Candidates within one part; the rest of the world stays the truth."""

    def __init__(self, aware: Aware, number: int) -> None:
        self.aware, self.number = aware, number
        self.chamber, self.rows = aware.chambers[number], aware.corners[number].rows
        self.who = aware.everyone.who
        self.present = np.array([w for w in np.unique(self.chamber.part.owner) if w >= 0], dtype=np.int64)
        self.targets = self.chamber.wide
        base, part = self.chamber.base, self.chamber.part
        # Near the truth: a range need be no wider than what is asked for.
        reach = int(aware.everyone.needed[self.rows].max(initial=1))
        self.lower, self.upper = np.maximum(part.lower, base - reach), np.minimum(part.upper, base + reach)
        alone = (self.targets != 0).sum(axis=1) == 1
        self.lone = {
            one: (self.targets[:, part.owner == one] != 0).any(axis=1) & alone for one in self.present.tolist()
        }
        """For each contributor which targets are one unknown of its own."""
        self.owns: Flags = self.present[:, np.newaxis] == np.array(self.who)
        self.holds: Flags = self.present[:, np.newaxis] == part.owner
        """For each contributor which attacker it is, and which columns are its own."""
        self.used = 0
        self._model: Model | None = None

    def open(self) -> Flags:
        """Which of the part's targets are not proven yet, for each attacker."""
        return np.asarray(~self.aware.wide()[self.rows])

    def run(self) -> bool:
        """Moves among a few contributors, which serve all the others; then one quantity of one attacker at a time.

        False if a quantity that no other part touches finds no cover.
        """
        if self.open().any():
            self._between_two()
        alone = np.array([len(self.aware.places[target]) == 1 for target in self.rows.tolist()], dtype=bool)
        given_up: Flags = np.zeros((len(self.rows), len(self.who)), dtype=bool)
        while True:
            self._many()
            left = np.argwhere(self.open() & ~given_up)
            if not len(left):
                return not (self.open() & alone[:, np.newaxis]).any()
            target, column = left[0].tolist()
            self.single(target, column)
            if not self.aware.wide()[self.rows[target], column]:
                if alone[target]:
                    return False
                given_up[target, column] = True

    def _many(self) -> None:
        """Candidates for whatever is left, until some in a row prove nothing."""
        quiet = 0
        while quiet < PATIENCE and len(self.present) > 1:
            left = self.open()
            if not left.any() or not self.aware.case.work.spend():
                return
            move = self._best(left)
            if move is not None:
                self.aware.check(self.number, move)
            quiet = 0 if np.count_nonzero(self.open()) < np.count_nonzero(left) else quiet + CHOICES

    def _between_two(self) -> None:
        """Learn moves between two contributors: in most candidates other two stay, so that these lead on from there."""
        wanted = self.aware.everyone.needed[self.rows].max(axis=1)
        for pair in combinations(self.present.tolist(), 2):
            lacks = np.where(self.lone[pair[0]] | self.lone[pair[1]], wanted, 0)
            model = self._region(*self._box(np.isin(self.present, pair)))
            for _ in range(BETWEEN):
                if not lacks.any() or not self.aware.case.work.spend():
                    break
                some = np.flatnonzero(lacks)
                answer = model.maximise(self.aware.random.uniform(0.1, 1.0, len(some)) @ self.targets[some])
                corner = None if answer is None else whole(answer[1])
                if corner is None or not self.chamber.inside(corner):
                    continue
                move = corner - self.chamber.base
                gain = self.chamber.sums @ move
                self.chamber.learn(move, gain)
                served = (lacks > 0) & (gain >= lacks)
                if not served.any():
                    # What rises most is as far as it goes.
                    served[np.argmax(np.where(lacks > 0, gain, -np.inf))] = True
                lacks[served] = 0

    def _best(self, left: Flags) -> Ints | None:
        """Of some candidates the move that would prove most of what is `left`, for the work that checking it takes."""
        best, most = None, 0.0
        aware, rows = self.aware, self.rows
        values, needed = aware.everyone.values[rows], aware.everyone.needed[rows]
        # How far up or down each quantity must change to be proven.
        up, down = aware.low[rows] + needed - values, aware.high[rows] - needed - values
        for moving in self._moving(left):
            weights = left[:, ~self.owns[moving].any(axis=0)].sum(axis=1)
            if not weights.any() or not self.aware.case.work.spend():
                continue
            signs = aware.random.uniform(-0.1, 1.0, len(weights))
            some = np.flatnonzero(weights)
            corner = self.corner((signs * weights)[some] @ self.targets[some], moving)
            if corner is None:
                continue
            move = corner - self.chamber.base
            effect = (self.chamber.sums @ move)[:, np.newaxis]
            worth = self._worth(corner, move, left & ((effect >= up) | (effect <= down)))
            if worth > most:
                best, most = move, worth
        return best

    def _worth(self, world: Ints, move: Ints, far: Flags) -> float:
        """How many quantities a candidate would prove if it holds, for each attacker whose book must be made.

        `far` are those that it changes enough; only they count whose owners stay.
        """
        moved = self.holds[:, move != 0].any(axis=1)
        proven = np.count_nonzero(far, axis=0) @ ~self.owns[moved].any(axis=0)
        new = sum(not self.chamber.knows(who, world) for who in self.present[moved].tolist())
        return float(proven) / (1 + new)

    def _moving(self, left: Flags) -> Flags:
        """Contributors to move people among (`CHOICES` rows over those present), a few in each.

        Of `DRAWS` at random always those whose single unknowns could prove most for all who stay, for each mover.
        """
        count = len(self.present)
        could = np.array([np.count_nonzero(left[self.lone[one]], axis=0) for one in self.present.tolist()])
        size = np.minimum(self.aware.random.integers(3, 6, (CHOICES * DRAWS, 1)), count)
        drawn = self.aware.random.random((CHOICES * DRAWS, count)).argsort(axis=1) < size
        served = drawn.astype(np.int64) @ self.owns == 0
        worth = ((drawn.astype(np.int64) @ could) * served).sum(axis=1) / size[:, 0]
        best = worth.reshape(CHOICES, DRAWS).argmax(axis=1)
        return np.asarray(drawn.reshape(CHOICES, DRAWS, count)[np.arange(CHOICES), best])

    def single(self, target: int, column: int) -> None:
        """Candidates that push one quantity up, at times down, for one attacker: among few contributors at first.

        Every second one is as near to the truth as one can be.
        """
        others = self.present[self.present != self.who[column]]
        holders = np.intersect1d(others, self.chamber.part.owner[self.targets[target] != 0])
        for attempt in range(TRIES):
            proven = self.aware.wide()[self.rows[target], column]
            if proven or not self.aware.case.work.spend():
                return
            sign = -1.0 if attempt // (2 * CHAIN) % 4 == 3 else 1.0
            if attempt % (2 * CHAIN) == 0:
                near = self._near(target, column, sign, others)
            if attempt % 2:
                world = next(near, None)
            else:
                first = self.aware.random.permutation(holders)[:1]
                more = self.aware.random.permutation(np.setdiff1d(others, first))
                moving = np.isin(self.present, [*first, *more[: 1 + attempt // 8]])
                noise = self.aware.random.uniform(-0.01, 0.01, self.targets.shape[1])
                world = self.corner(sign * self.targets[target] + noise, moving)
            if world is not None:
                self.aware.check(self.number, world - self.chamber.base)

    def _near(self, target: int, column: int, sign: float, others: Ints) -> Iterator[Ints]:
        """Give worlds near the truth in which a quantity is far enough from what is seen, or a little farther.

        Each keeps the rules that were learnt from those before it, and at times all that were ever learnt: a rule may
        rule out more than what broke it.
        """
        aware, row, random = self.aware, self.rows[target], self.aware.random
        needed, demands = aware.everyone.needed[row, column], aware.demands[self.number]
        edge = aware.low[row, column] + needed if sign > 0 else aware.high[row, column] - needed
        used = np.flatnonzero(self.targets[target])
        here = aware.everyone.values[row, column] - self.targets[target] @ self.chamber.base
        far = sign * float(edge - here) + float(random.choice(BEYOND))
        kept = random.permutation(others)[: random.integers(0, 1 + len(others) // 4, endpoint=True)]
        free = np.isin(self.chamber.part.owner, np.setdiff1d(others, kept))
        change = Demand(used, sign * self.targets[target][used].astype(float), far)
        share, prices = float(random.choice(SHARES)), random.uniform(1.0, 1.5, len(free))
        begun = int(random.choice([0, len(demands), len(demands)]))
        while True:
            world = nearest(
                self.chamber.part,
                self.chamber.base,
                demands[begun:],
                change,
                free=free,
                share=share,
                prices=prices,
            )
            if world is None or not self.chamber.inside(world):
                return
            yield world

    def corner(self, direction: Floats, moving: Flags) -> Ints | None:
        """Ask for a world of the region far in a direction in which only some contributors' counts change."""
        lower, upper = self._box(moving)
        answer = self._region(lower, upper).maximise(direction)
        if answer is None:
            return None
        corner = whole(answer[1])
        if corner is None:
            corner = self._branch(direction, lower, upper)
        return corner if corner is not None and self.chamber.inside(corner) else None

    def _box(self, moving: Flags) -> tuple[Ints, Ints]:
        held = self.holds[~moving].any(axis=0)
        base = self.chamber.base
        return np.where(held, base, self.lower), np.where(held, base, self.upper)

    def _region(self, lower: Ints, upper: Ints) -> Model:
        """Worlds in a box around the truth, with every rule learnt so far."""
        if self._model is None:
            self._model = Model(self.chamber.part.rows, lower, upper)
        else:
            self._model.bound(lower, upper)
        demands = self.aware.demands[self.number]
        for rule in demands[self.used :]:
            self._model.demand(rule.columns, rule.weights, rule.least)
        self.used = len(demands)
        return self._model

    def _branch(self, direction: Floats, lower: Ints, upper: Ints) -> Ints | None:
        try:
            region = Polytope(self.chamber.part.rows, lower, upper, cap=self.chamber.cap)
            for rule in self.aware.demands[self.number]:
                region.demand(rule.columns, rule.weights, rule.least)
            return region.maximise(direction, whole=True, nodes=200).world
        except NoWorldError:
            return None
