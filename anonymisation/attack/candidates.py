"""Candidates for witness worlds: built near the truth, part by part, in the directions that are still to be widened.

`Aware` checks each of them in full; what fails becomes a rule that the next ones keep.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from anonymisation.attack.aware import Aware
from anonymisation.attack.chamber import Demand
from anonymisation.attack.nearest import nearest
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


def prove(aware: Aware) -> None:
    """Look for witnesses until every needed range is wide, or nothing more is found."""
    if not all(aware.check(n, np.zeros(len(part.columns), dtype=np.int64)) for n, part in enumerate(aware.parts)):
        return
    # The first quantity that finds no cover decides: the release is not proven safe, whatever else would be found.
    for number in sorted(range(len(aware.parts)), key=lambda n: len(aware.parts[n].columns)):
        if not _Search(aware, number).run():
            return


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
