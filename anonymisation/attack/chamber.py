"""One part of the system, and what every attacker would make of it in another world (clause (iii) of *Safe*).

An attacker's ranges in a part, less its own part of them, depend on its own counts there only, and on no more of these
than their share of the rows that others are in too. So there is a book for each such share that turns up. A move that
leads from one world to another leads on from a third as well, unless a count falls below zero: moves found once are
tried first, the solver is asked for the rest. Small parts, so arrays are dense.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from anonymisation.attack.elimination import directions
from anonymisation.attack.insight import Work
from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import NEAR, Floats, Ints, Polytope
from anonymisation.attack.quantities import Flags
from anonymisation.attack.solving import Model, whole

MOST_MOVES = 1_200
FEW = 3
"""Targets up to which each is asked for on its own."""
MOST_DENSE = 1_000
"""Unknowns of a part up to which its equations are solved densely."""


@dataclass(frozen=True)
class Demand:
    """`weights @ world[columns] >= least`, columns numbered within a part: a rule that candidates keep."""

    columns: Ints
    weights: Floats
    least: float

    def keeps(self, world: Ints) -> bool:
        """Whether a world of the part keeps it."""
        return float(self.weights @ world[self.columns]) >= self.least - NEAR


@dataclass
class Book:
    """Seen ranges of the part's targets, less the attacker's own part in them, and outer widths where known."""

    low: Ints
    high: Ints
    outer: dict[int, int] = field(default_factory=dict)
    slopes: dict[int, tuple[float, Floats]] = field(default_factory=dict)

    def see(self, values: Ints) -> None:
        """Take worlds into account; `values` of shape (worlds, targets) or (targets,)."""
        both = np.atleast_2d(values)
        if len(both):
            np.minimum(self.low, both.min(axis=0), out=self.low)
            np.maximum(self.high, both.max(axis=0), out=self.high)


class Chamber:
    """A part with its targets: public sums of unknowns (rows of `targets`, dense), of which attackers know a part."""

    def __init__(self, part: Part, targets: Ints, base: Ints, *, cap: int, work: Work) -> None:
        self.part, self.targets, self.base = part, targets, base
        self.cap, self.work = cap, work
        self._wide = targets.astype(float)
        self._rows = np.asarray(part.rows.matrix.toarray(), dtype=float)
        self._uneven = np.flatnonzero(part.rows.low != part.rows.high)
        self._own = {who: np.flatnonzero(part.owner == who) for who in (-1, *np.unique(part.owner[part.owner >= 0]))}
        self._own[-1] = np.empty(0, dtype=np.int64)
        self._shared = {who: self._share(own) for who, own in self._own.items()}
        self._others = {who: self._less(own) for who, own in self._own.items()}
        self._books: dict[tuple[int, bytes], Book] = {}
        self._models: dict[int, Model] = {}
        self._all_moves = np.zeros((MOST_MOVES, len(part.columns)))
        self._all_effects = np.zeros((MOST_MOVES, len(targets)))
        self._count = 0
        self._known: set[bytes] = set()
        self._random = np.random.default_rng(2)

    def own(self, who: int) -> Ints:
        """The columns of the part that are an attacker's own."""
        return self._own.get(who, self._own[-1])

    def _share(self, own: Ints) -> Ints:
        """The own columns of the rows in which there are others too."""
        inside = self._rows != 0
        mixed = inside[:, own].any(axis=1) & np.delete(inside, own, axis=1).any(axis=1)
        found: Ints = np.rint(self._rows[mixed][:, own]).astype(np.int64)
        return found

    def _less(self, own: Ints) -> Ints:
        """The targets without the own columns."""
        found = self.targets.copy()
        found[:, own] = 0
        return found

    def values(self, who: int, world: Ints) -> Ints:
        """The targets in a world, less the attacker's own part."""
        return np.asarray(self._others.get(who, self.targets) @ world)

    def _key(self, who: int, world: Ints) -> tuple[int, bytes]:
        own = self.own(who)
        return who, (self._shared[who] @ world[own]).tobytes() if len(own) else b""

    def inside(self, world: Ints) -> bool:
        """Whether a world of the part keeps its rules, exactly."""
        if np.any(world < self.part.lower):
            return False
        # Whole numbers far below 2^53: floating point is exact here.
        value = self._rows @ world
        return bool(np.all(value >= self.part.rows.low) and np.all(value <= self.part.rows.high))

    def learn(self, move: Ints) -> None:
        """Keep a move, as long as there is room."""
        name = move.tobytes()
        if self._count < MOST_MOVES and name not in self._known:
            self._known.add(name)
            self._all_moves[self._count] = move
            self._all_effects[self._count] = self._wide @ move
            self._count += 1

    @property
    def _moves(self) -> Floats:
        return self._all_moves[: self._count]

    @property
    def _effects(self) -> Floats:
        return self._all_effects[: self._count]

    def book(self, who: int, world: Ints) -> Book:
        """The attacker's book for its own counts of `world`, opened with what known moves show."""
        key = self._key(who, world)
        found = self._books.get(key)
        if found is None:
            values = self.values(who, world)
            found = self._books[key] = Book(values.copy(), values.copy())
            self._look(found, who, world)
        return found

    def knows(self, who: int, world: Ints) -> bool:
        """Whether the attacker's book for its own counts of `world` is there already."""
        return self._key(who, world) in self._books

    def _look(self, book: Book, who: int, world: Ints) -> None:
        """See where known moves lead from `world`, those that leave the attacker's own counts alone."""
        own = self.own(who)
        fits: Flags = np.asarray(
            ~self._moves[:, own].any(axis=1) & (self._moves >= self.part.lower - world).all(axis=1)
        )
        if len(self._uneven):
            some = np.flatnonzero(fits)
            reached = (self._moves[some] + world) @ self._rows[self._uneven].T
            low, high = self.part.rows.low[self._uneven], self.part.rows.high[self._uneven]
            fits[some] = ((reached >= low) & (reached <= high)).all(axis=1)
        if fits.any():
            book.see(self.values(who, world) + np.rint(self._effects[fits]).astype(np.int64))

    def lacking(self, who: int, world: Ints, needed: Ints) -> int | None:
        """The first target whose range is not proven as wide as `needed` in the part (0: not asked); None if all are.

        `world` is the attacker's to vary in all but its own counts.
        """
        book = self.book(who, world)
        short = np.flatnonzero(book.high - book.low < needed)
        if not len(short):
            return None
        for target in short:
            if book.outer.get(int(target), self.cap) < needed[target]:
                return int(target)
        self._look(book, who, world)
        model = self._model(who, world)
        self._widen_many(book, model, who, world, needed)
        for target in np.flatnonzero(book.high - book.low < needed):
            if book.high[target] - book.low[target] < needed[target]:
                self._aside(book, model, who, world, int(target), needed)
                self._widen(book, model, who, world, int(target), int(needed[target]))
                if book.high[target] - book.low[target] < needed[target]:
                    return int(target)
        return None

    def _model(self, who: int, world: Ints) -> Model:
        if who not in self._models:
            lower, upper = self.part.lower, np.full(len(self.part.lower), self.cap)
            self._models[who] = Model(self.part.rows, lower, upper)
        own = self.own(who)
        self._models[who].fix(own, world[own])
        return self._models[who]

    def _widen_many(self, book: Book, model: Model, who: int, world: Ints, needed: Ints) -> None:
        """One corner serves several targets: ask in directions over all that lack, as long as that helps."""
        short = np.flatnonzero(book.high - book.low < needed)
        while len(short) > FEW and self.work.spend():
            signs = self._random.uniform(-0.1, 1.0, len(short))
            answer = model.maximise(signs @ self._wide[short])
            corner = None if answer is None else whole(answer[1])
            if corner is None or not self.inside(corner):
                return
            book.see(self.values(who, corner))
            self.learn(corner - world)
            left = np.flatnonzero(book.high - book.low < needed)
            if len(left) > 0.97 * len(short):
                return
            short = left

    def _aside(self, book: Book, model: Model, who: int, world: Ints, target: int, needed: Ints) -> None:
        """Push one target up, and among the corners where it is high the others that lack, a little."""
        others = np.flatnonzero(book.high - book.low < needed)
        if not self.work.spend():
            return
        lean = self._random.uniform(-0.1, 0.3, len(others)) @ self._wide[others]
        answer = model.maximise(self._wide[target] + lean)
        corner = None if answer is None else whole(answer[1])
        if corner is not None and self.inside(corner):
            book.see(self.values(who, corner))
            self.learn(corner - world)

    def _widen(self, book: Book, model: Model, who: int, world: Ints, target: int, needed: int) -> None:
        """Ask for both ends of a target's range."""
        if book.high[target] - book.low[target] >= needed:
            return
        own = self.own(who)
        ends, slope = 0.0, np.zeros(len(own))
        for sign in (1.0, -1.0):
            if not self.work.spend():
                return
            answer = model.maximise(sign * self._wide[target])
            if answer is None:
                return
            ends += answer[0]
            slope += model.slopes(own)
            corner = whole(answer[1])
            if corner is None:
                corner = self._branch(who, world, sign * self._wide[target])
            if corner is not None and self.inside(corner):
                book.see(self.values(who, corner))
                self.learn(corner - world)
            if book.high[target] - book.low[target] >= needed:
                return
        book.outer[target] = int(np.floor(ends + NEAR))
        book.slopes[target] = (ends, slope)

    def _branch(self, who: int, world: Ints, direction: Floats) -> Ints | None:
        """A whole world far in a direction where the corner is not whole."""
        lower, upper = self.part.lower.copy(), self.part.upper.copy()
        own = self.own(who)
        lower[own] = upper[own] = world[own]
        return Polytope(self.part.rows, lower, upper, cap=self.cap).maximise(direction, whole=True).world

    def rule(self, who: int, world: Ints, target: int, needed: int) -> Demand | None:
        """A rule on own counts that `world` breaks and all worlds with a wide enough range keep; None if none is known.

        The width is a concave function of the attacker's own counts (linear programming duality), so reduced costs
        give a plane above it (Benders, Numerische Mathematik 4, 1962).
        """
        told = self.book(who, world).slopes.get(target)
        if told is None or told[0] > needed - NEAR:
            return None
        own = self.own(who)
        used = np.flatnonzero(np.abs(told[1]) > NEAR)
        if not len(used):
            return None
        weights = told[1][used]
        return Demand(own[used], weights, needed - told[0] + float(weights @ world[own[used]]))


def varying(matrix: sparse.csr_matrix, part: Part) -> tuple[Ints, Ints]:
    """The rows that may vary in a part, for the public or without somebody's own part: numbers, and the dense block.

    A row that the part's equations fix cannot vary and is left out, unless what one contributor holds of it can: then
    what the others hold varies too. That it cannot is proven in whole numbers: a row that was left out though it varies
    would hide what a world changes.
    """
    block = sparse.csr_matrix(matrix[:, part.columns])
    rows = np.flatnonzero(np.diff(block.indptr) > 0)
    found = np.asarray(block[rows].toarray(), dtype=np.int64)
    if len(part.columns) <= MOST_DENSE:
        even = np.flatnonzero(part.rows.low == part.rows.high)
        ways = directions(np.asarray(part.rows.matrix[even].toarray(), dtype=np.int64))
        if ways is not None:
            # What everyone holds varies only if what somebody holds does.
            varies = np.zeros(len(rows), dtype=bool)
            for owner in np.unique(part.owner):
                own = np.flatnonzero(part.owner == owner)
                varies |= (found[:, own] @ ways[own]).any(axis=1)
            rows, found = rows[varies], found[varies]
    return rows, found
