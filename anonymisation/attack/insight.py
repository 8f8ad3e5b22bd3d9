"""How far apart an attacker's worlds are in each target: seen ranges from worlds, outer bounds from the solver.

Worlds are reached by whole moves from one that is known, the truth if the auditor has it. A move found for one target
is tried for all of them, and for all attackers; a walk of several moves goes on until the range is wide enough or no
move leads further. What moves cannot settle is asked of linear programmes and of branch and bound. A target counts as
wide only with two whole worlds that keep every rule exactly, since each step does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from anonymisation.attack.broken import mend
from anonymisation.attack.circuits import NONE, Searches
from anonymisation.attack.frame import Flags
from anonymisation.attack.moves import Moves
from anonymisation.attack.polytope import NEAR, Ints, NoWorldError, Polytope
from anonymisation.attack.quantities import Eyes
from anonymisation.attack.shared import Shared

MOST_FOR_CORNERS = 12_000
"""Free unknowns up to which corners of the whole polytope are asked for."""
MOST_FOR_SOLVER = 12_000
"""Free unknowns up to which the ends of ranges are asked of the whole polytope."""
MOST_TO_LOOK_ROUND = 5_000
"""Moves up to which each end of a walk is a place to look round from."""
MOST_FOR_STEP = 60
"""Known moves of a target that a step chooses from."""
MOST_FAR = 10_000_000
"""Counts in worlds that are kept."""
QUIET_ROUNDS = 2
"""Corners without a newly proven target before single targets are asked for."""
FEW = 8
"""Open targets down to which corners pay."""
NOISE = (0.01, 0.5, 1.0, 2.0, 4.0)
"""How much costs are varied, search after search for a move that comes out broken, before branch and bound."""


@dataclass
class Work:
    """Counted work: questions to the solver that are left. When it is spent nothing more is proven."""

    left: int

    def spend(self) -> bool:
        """Take one question; False if none is left."""
        self.left -= 1
        return self.left >= 0


@dataclass
class Tools:
    """What all attackers of one system share: moves known so far, models that find more, and how far walks led."""

    moves: Moves
    searches: Searches
    shared: Shared
    work: Work


class Insight:
    """One attacker's ranges of the targets that its `eyes` see; arrays run over these.

    `still` are the frame's columns that the attacker knows, so that no move may touch them; `whole_truth` says that
    these are all that it knows besides the releases. `polytope` makes the attacker's own worlds when they are asked
    for.
    """

    def __init__(
        self,
        eyes: Eyes,
        tools: Tools,
        polytope: Callable[[], Polytope],
        still: Flags,
        *,
        whole_truth: bool,
    ) -> None:
        self.eyes, self.tools, self.work, self.still = eyes, tools, tools.work, still
        self._make = polytope
        self._made: Polytope | None = None
        self.whole_truth = whole_truth
        count = eyes.quantities.targets.shape[0]
        self.outer_low = np.full(count, np.iinfo(np.int64).min // 4)
        self.outer_high = np.full(count, np.iinfo(np.int64).max // 4)
        self.seen_low, self.seen_high = self.outer_high.copy(), self.outer_low.copy()
        self.base: Ints | None = None
        """The world that all walks begin at, and the values of the targets there."""
        self.base_values: Ints = np.empty(0, dtype=np.int64)
        self._random = np.random.default_rng(0)
        self.far: list[Ints] = []
        """Worlds at the ends of walks, for whoever wants more than moves."""

    @property
    def polytope(self) -> Polytope:
        """The attacker's worlds; with them come outer bounds of every target."""
        if self._made is None:
            self._made = self._make()
            low, high = self._made.bounds(self.eyes.targets)
            np.maximum(self.outer_low, low, out=self.outer_low)
            np.minimum(self.outer_high, high, out=self.outer_high)
        return self._made

    def witness(self, world: Ints) -> None:
        """Take a world (one of the attacker's) into account."""
        values = self.eyes.values(world)
        if self.base is None:
            self.base, self.base_values = world, values
        np.minimum(self.seen_low, values, out=self.seen_low)
        np.maximum(self.seen_high, values, out=self.seen_high)

    def start(self) -> Ints:
        """The base; NoWorldError as long as no world is known."""
        if self.base is None:
            raise NoWorldError
        return self.base

    def wide(self, needed: Ints) -> Flags:
        """Where two witness worlds are at least `needed` apart; nothing needed is wide."""
        return np.asarray((needed <= 0) | (self.seen_high - self.seen_low >= needed))

    def narrow(self, needed: Ints) -> Flags:
        """Where it is proven that no two worlds are `needed` apart."""
        return np.asarray(self.outer_high - self.outer_low < needed)

    def prove(self, needed: Ints) -> None:
        """Look until each target is wide or proven narrow, or the work is spent; NoWorldError without worlds."""
        if self.base is None:
            self.witness(first_world(self.polytope, self.work))
        self._look_at_walks()
        Walk(self).look_round()
        if len(self.tools.moves.frame.free) <= MOST_FOR_CORNERS:
            self._corners(needed)
        for target in self._open(needed):
            if self.seen_high[target] - self.seen_low[target] < needed[target]:
                self._walk_both_ways(target, int(needed[target]))
        for target in self._open(needed):
            if self.seen_high[target] - self.seen_low[target] < needed[target]:
                self._ask_both_ways(target, int(needed[target]))

    def _look_at_walks(self) -> None:
        """See how far the walks of others led, those that left this attacker's own counts alone."""
        low, high = self.tools.shared.reach(self.start(), self.eyes.inside)
        np.minimum(self.seen_low, self.base_values + low, out=self.seen_low)
        np.maximum(self.seen_high, self.base_values + high, out=self.seen_high)

    def _corners(self, needed: Ints) -> None:
        """Corners in random directions over what is open, as long as they are whole and that helps."""
        quiet = 0
        while quiet < QUIET_ROUNDS:
            undecided = np.flatnonzero(~self.wide(needed) & ~self.narrow(needed))
            if len(undecided) < FEW or not self.work.spend():
                return
            signs = self._random.choice((-1.0, 1.0), len(undecided))
            answer = self.polytope.maximise(np.asarray(self.eyes.targets[undecided].T @ signs, dtype=float))
            if answer.world is None:
                return
            self.witness(answer.world)
            if (len(self.far) + 1) * len(answer.world) <= MOST_FAR:
                self.far.append(answer.world)
            left = np.count_nonzero(~self.wide(needed) & ~self.narrow(needed))
            quiet = quiet + 1 if left > 0.98 * len(undecided) else 0

    def _open(self, needed: Ints) -> list[int]:
        """Targets not decided yet, those of few unknowns first: what moves these moves their margins."""
        left = np.flatnonzero(~self.wide(needed) & ~self.narrow(needed))
        size = np.diff(self.eyes.quantities.targets.indptr)[left]
        found: list[int] = left[np.argsort(size, kind="stable")].tolist()
        return found

    def settle(self, targets: Ints) -> None:
        """Make the outer bounds of some targets exact, as far as the work allows."""
        for target in targets.tolist():
            for sign in (1, -1):
                if not self._exact(target, sign):
                    self._push(target, sign, np.iinfo(np.int64).max)
                for whole in (False, True):
                    if not self._exact(target, sign):
                        self._ask(target, sign, whole=whole)

    def _walk_both_ways(self, target: int, needed: int) -> None:
        for sign in (1, -1):
            self._push(target, sign, needed)
            if self.seen_high[target] - self.seen_low[target] >= needed:
                return

    def _ask_both_ways(self, target: int, needed: int) -> None:
        for whole in (False, True):
            for sign in (1, -1):
                if self.seen_high[target] - self.seen_low[target] >= needed:
                    return
                if self.outer_high[target] - self.outer_low[target] < needed:
                    return
                if not self._exact(target, sign):
                    self._ask(target, sign, whole=whole)

    def _push(self, target: int, sign: int, needed: int) -> None:
        """Walk one way until the range is as wide as needed or the walk is stuck."""
        if self.base is None:
            return
        walk = Walk(self)
        while self.seen_high[target] - self.seen_low[target] < needed and walk.step(target, sign):
            pass
        if walk.stuck and self.whole_truth:
            # Not even a broken move leads further, and the worlds are convex: this is the end of the range.
            value = int(walk.values[target])
            if sign > 0:
                self.outer_high[target] = min(self.outer_high[target], value)
            else:
                self.outer_low[target] = max(self.outer_low[target], value)
        if walk.length:
            change = int(walk.values[target] - self.base_values[target])
            self.tools.shared.keep(self.start(), walk.moved(), target, sign, change)
        if walk.length > 1 and len(self.tools.moves) <= MOST_TO_LOOK_ROUND:
            walk.look_round()
        if walk.length > 1 and (len(self.far) + 1) * len(self.start()) <= MOST_FAR:
            self.far.append(walk.world())

    def _exact(self, target: int, sign: int) -> bool:
        if sign > 0:
            return bool(self.outer_high[target] == self.seen_high[target])
        return bool(self.outer_low[target] == self.seen_low[target])

    def _ask(self, target: int, sign: int, *, whole: bool) -> None:
        """Ask the solver for the end of a range: the linear relaxation, or branch and bound."""
        if len(self.tools.moves.frame.free) > MOST_FOR_SOLVER or not self.work.spend():
            return
        columns, weights = self.eyes.row(target)
        direction = np.zeros(self.eyes.quantities.targets.shape[1])
        direction[columns] = sign * weights
        answer = self.polytope.maximise(direction, whole=whole)
        if answer.world is not None:
            self.witness(answer.world)
            self._learn(answer.world)
        if answer.bound is None:
            return
        if sign > 0:
            self.outer_high[target] = min(self.outer_high[target], floor(answer.bound + NEAR))
        else:
            self.outer_low[target] = max(self.outer_low[target], ceil(-answer.bound - NEAR))

    def _learn(self, world: Ints) -> None:
        """Keep the way from the base to a world as a move."""
        frame = self.tools.moves.frame
        if self.base is not None:
            move = frame.place(world) - frame.place(self.base)
            used = np.flatnonzero(move)
            self.tools.moves.add(used, move[used])


class Walk:
    """A place that moves, from the base on, and what is seen on the way."""

    def __init__(self, insight: Insight) -> None:
        self.insight = insight
        self.tools = insight.tools
        self.place = self.tools.moves.frame.place(insight.start())
        self.values: Ints = insight.base_values.copy()
        self.length = 0
        self.stuck = False

    def world(self) -> Ints:
        """The world at this place."""
        return self.tools.moves.frame.world(self.place)

    def moved(self) -> Ints:
        """The unknowns that differ from the base."""
        frame = self.tools.moves.frame
        differs = np.flatnonzero(self.place[: len(frame.free)] != self.insight.start()[frame.free])
        return np.asarray(frame.free[differs])

    def look_round(self) -> None:
        """See where each known move leads from here."""
        insight, moves = self.insight, self.tools.moves
        if len(moves):
            touched, low, high = moves.reach(self.place, insight.still)
            np.minimum.at(insight.seen_low, touched, self.values[touched] + low)
            np.maximum.at(insight.seen_high, touched, self.values[touched] + high)

    def step(self, target: int, sign: int) -> bool:
        """Go by the move that changes the target most; look for a new one where no known one leads on."""
        best, gain = None, 0
        known = self.tools.moves.through.get(target, [])
        for number in known[:: -(-len(known) // MOST_FOR_STEP) or 1]:
            steps, change = self._steps(number, target, sign)
            if steps and steps * change > gain:
                best, gain = (number, steps), steps * change
        if best is None:
            best = self._new(target, sign)
        if best is None:
            return False
        self._go(*best)
        return True

    def _steps(self, number: int, target: int, sign: int) -> tuple[int, int]:
        """How many steps of a move are possible in the direction that changes the target as wished, and by how much."""
        moves = self.tools.moves
        at = int(np.searchsorted(moves.touched[number], target))
        change = sign * int(moves.effects[number][at])
        forwards, backwards = moves.steps(number, self.place, self.insight.still)
        return (forwards, change) if change > 0 else (-backwards, change)

    def _new(self, target: int, sign: int) -> tuple[int, int] | None:
        """A move that was not known, and how many steps of it to go."""
        insight, tools = self.insight, self.tools
        frame = tools.moves.frame
        unknowns, weights = insight.eyes.row(target)
        inside = frame.slot[unknowns] >= 0
        columns, weights = frame.slot[unknowns[inside]], sign * weights[inside]
        broken = NONE
        for noise in NOISE:
            if not tools.work.spend():
                return None
            found = tools.searches.find(columns, weights, self.place, insight.still, noise=noise)
            if found.exhausted:
                self.stuck = True
                return None
            broken = np.concatenate([broken, found.broken, found.columns])
            if len(found.columns) and (step := self._learn(found.columns, found.weights, target, sign)):
                return step
        if not tools.work.spend():
            return None
        move = mend(frame, np.unique(broken), columns, weights, self.place, insight.still)
        return None if move is None else self._learn(*move, target, sign)

    def _learn(self, columns: Ints, weights: Ints, target: int, sign: int) -> tuple[int, int] | None:
        """Keep a move, see where it leads, and say how many steps of it to go."""
        number = self.tools.moves.add(columns, weights)
        if number is None:
            return None
        Walk(self.insight).try_one(number)
        steps, _ = self._steps(number, target, sign)
        return (number, steps) if steps else None

    def try_one(self, number: int) -> None:
        """See where one move leads from here."""
        moves, insight = self.tools.moves, self.insight
        touched, effects = moves.touched[number], moves.effects[number]
        forwards, backwards = moves.steps(number, self.place, insight.still)
        for steps in (forwards, -backwards):
            reached = self.values[touched] + steps * effects
            insight.seen_low[touched] = np.minimum(insight.seen_low[touched], reached)
            insight.seen_high[touched] = np.maximum(insight.seen_high[touched], reached)

    def _go(self, number: int, steps: int) -> None:
        moves, insight = self.tools.moves, self.insight
        self.place[moves.columns[number]] += steps * moves.weights[number]
        touched = moves.touched[number]
        self.values[touched] += steps * moves.effects[number]
        insight.seen_low[touched] = np.minimum(insight.seen_low[touched], self.values[touched])
        insight.seen_high[touched] = np.maximum(insight.seen_high[touched], self.values[touched])
        self.length += 1


def first_world(polytope: Polytope, work: Work) -> Ints:
    """Some world; raises NoWorldError if there is none, or none was found within the work."""
    nothing = np.zeros(len(polytope.lower))
    for whole in (False, True):
        if work.spend():
            answer = polytope.maximise(nothing, whole=whole)
            if answer.world is not None:
                return answer.world
    raise NoWorldError
