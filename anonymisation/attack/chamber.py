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
from anonymisation.attack.solving import Model, whole
from anonymisation.attack.sums import Sums

MOST_MOVES = 500
"""Moves that are kept. Corners found later are far and hardly lead on from another world; to look at them costs."""
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
    """Seen ranges of the part's targets, less the attacker's own part in them, and outer widths where known.

    Whole numbers far below 2^53: floating point is exact here, and quicker to multiply.
    """

    low: Floats
    high: Floats
    outer: dict[int, int] = field(default_factory=dict)
    slopes: dict[int, tuple[float, Floats]] = field(default_factory=dict)

    def see(self, values: Floats) -> None:
        """Take a world into account."""
        np.minimum(self.low, values, out=self.low)
        np.maximum(self.high, values, out=self.high)

    def short(self, needed: Ints) -> Ints:
        """The targets whose range is not seen as wide as needed (0: not asked)."""
        return np.flatnonzero(self.high - self.low < needed)

    def lacks(self, target: int, needed: int) -> bool:
        """Whether one target's range is not seen as wide as needed."""
        return bool(self.high[target] - self.low[target] < needed)


@dataclass(frozen=True)
class Seat:
    """An attacker with its book before a world, in which it may vary everything but its own counts (columns `own`)."""

    who: int
    own: Ints
    world: Ints
    book: Book
    mine: Floats
    """The own part of the targets."""
    values: Floats
    """The targets without it."""


class Chamber:
    """A part with its targets: public sums of unknowns (rows of `targets`, dense), of which attackers know a part."""

    def __init__(self, part: Part, targets: Ints, base: Ints, *, cap: int, work: Work) -> None:
        self.part, self.targets, self.base = part, targets, base
        self.cap, self.work = cap, work
        self.wide = targets.astype(float)
        """The targets once more, to make directions of."""
        self._rows = np.asarray(part.rows.matrix.toarray(), dtype=float)
        self.sums = Sums(targets)
        self._both = Sums(np.concatenate([self._rows, targets]))
        self._uneven = np.flatnonzero(part.rows.low != part.rows.high)
        self._own = {who: np.flatnonzero(part.owner == who) for who in np.unique(part.owner[part.owner >= 0]).tolist()}
        self._nobody = np.empty(0, dtype=np.int64)
        self._shared = {who: self._share(own) for who, own in self._own.items()}
        self._books: dict[tuple[int, bytes], Book] = {}
        self._model: Model | None = None
        # A column for each move: what is asked of all moves runs along the memory.
        self._all_moves = np.zeros((len(part.columns), MOST_MOVES))
        self._all_effects = np.zeros((len(targets), MOST_MOVES))
        self._holds = np.array(list(self._own), dtype=np.int64)[:, np.newaxis] == part.owner
        self._moved = np.zeros((len(self._own), MOST_MOVES), dtype=bool)
        """For each contributor which columns are its own, and which moves change these."""
        self._count = 0
        self._known: set[bytes] = set()
        self._random = np.random.default_rng(2)

    def own(self, who: int) -> Ints:
        """The columns of the part that are an attacker's own."""
        return self._own.get(who, self._nobody)

    def _share(self, own: Ints) -> Floats:
        """The own columns of the rows in which there are others too."""
        inside = self._rows != 0
        mixed = inside[:, own].any(axis=1) & np.delete(inside, own, axis=1).any(axis=1)
        return np.asarray(self._rows[mixed][:, own])

    def values(self, who: int, world: Ints) -> Floats:
        """The targets in a world, less the attacker's own part."""
        others = world.astype(float)
        others[self.own(who)] = 0
        return np.asarray(self.sums @ others)

    def _key(self, who: int, world: Ints) -> tuple[int, bytes]:
        own = self._own.get(who)
        return who, b"" if own is None else (self._shared[who] @ world[own]).tobytes()

    def inside(self, world: Ints) -> bool:
        """Whether a world of the part keeps its rules, exactly."""
        return self._keeps(world, self._rows @ world)

    def _keeps(self, world: Ints, value: Floats) -> bool:
        """Whether a world keeps the rules, of which these are the values there."""
        rows = self.part.rows
        return bool((world >= self.part.lower).all() and (value >= rows.low).all() and (value <= rows.high).all())

    def learn(self, move: Ints, effect: Floats) -> None:
        """Keep a move and what it changes of the targets, as long as there is room."""
        name = move.tobytes()
        if self._count < MOST_MOVES and name not in self._known:
            self._known.add(name)
            self._all_moves[:, self._count] = move
            self._all_effects[:, self._count] = effect
            self._moved[:, self._count] = self._holds[:, move != 0].any(axis=1)
            self._count += 1

    def book(self, who: int, world: Ints) -> Book:
        """The attacker's book for its own counts of `world`, opened with what known moves show."""
        key = self._key(who, world)
        found = self._books.get(key)
        if found is None:
            values = self.values(who, world)
            found = self._books[key] = Book(values.copy(), values.copy())
            self._look(found, who, world, values)
        return found

    def knows(self, who: int, world: Ints) -> bool:
        """Whether the attacker's book for its own counts of `world` is there already."""
        return self._key(who, world) in self._books

    def _look(self, book: Book, who: int, world: Ints, values: Floats) -> None:
        """See where known moves lead from `world`, those that leave the attacker's own counts alone."""
        moves = self._all_moves[:, : self._count]
        fits = (moves >= (self.part.lower - world)[:, np.newaxis]).all(axis=0)
        if who in self._own:
            fits &= ~self._moved[list(self._own).index(who), : self._count]
        some = np.flatnonzero(fits)
        if len(self._uneven):
            reached = self._rows[self._uneven] @ (moves[:, some] + world[:, np.newaxis])
            low, high = self.part.rows.low[self._uneven], self.part.rows.high[self._uneven]
            some = some[((reached >= low[:, np.newaxis]) & (reached <= high[:, np.newaxis])).all(axis=0)]
        if len(some):
            effects = self._all_effects[:, some]
            book.see(values + effects.min(axis=1))
            book.see(values + effects.max(axis=1))

    def lacking(self, who: int, world: Ints, needed: Ints) -> int | None:
        """The first target whose range is not proven as wide as `needed` in the part (0: not asked); None if all are.

        `world` is the attacker's to vary in all but its own counts.
        """
        known = self.knows(who, world)
        book = self.book(who, world)
        short = book.short(needed)
        if not len(short):
            return None
        for target in short.tolist():
            if book.outer.get(target, self.cap) < needed[target]:
                return int(target)
        seat = self._seat(book, who, world)
        if known:
            self._look(book, who, world, seat.values)
        model = self._ask(seat)
        self._widen_many(seat, model, needed)
        for target in book.short(needed).tolist():
            if book.lacks(target, needed[target]):
                self._aside(seat, model, target, needed)
                self._widen(seat, model, target, needed[target])
                if book.lacks(target, needed[target]):
                    return int(target)
        return None

    def _seat(self, book: Book, who: int, world: Ints) -> Seat:
        own = self.own(who)
        values = self.values(who, world)
        return Seat(who, own, world, book, self.sums @ world - values, values)

    def _ask(self, seat: Seat) -> Model:
        """The worlds of a seat."""
        lower, upper = self.part.lower.copy(), np.full(len(self.base), self.cap)
        lower[seat.own] = upper[seat.own] = seat.world[seat.own]
        if self._model is None:
            self._model = Model(self.part.rows, lower, upper)
        else:
            self._model.bound(lower, upper)
        return self._model

    def _visit(self, seat: Seat, corner: Ints | None) -> bool:
        """See a corner and keep the way there; False if it is none of the attacker's worlds."""
        if corner is None:
            return False
        value = self._both @ corner
        move = corner - seat.world
        rows = len(self._rows)
        if move[seat.own].any() or not self._keeps(corner, value[:rows]):
            return False
        there = value[rows:] - seat.mine
        seat.book.see(there)
        self.learn(move, there - seat.values)
        return True

    def _widen_many(self, seat: Seat, model: Model, needed: Ints) -> None:
        """One corner serves several targets: ask in directions over all that lack, as long as that helps."""
        short = seat.book.short(needed)
        while len(short) > FEW and self.work.spend():
            signs = self._random.uniform(-0.1, 1.0, len(short))
            answer = model.maximise(signs @ self.wide[short])
            if answer is None or not self._visit(seat, whole(answer[1])):
                return
            left = seat.book.short(needed)
            if len(left) > 0.97 * len(short):
                return
            short = left

    def _aside(self, seat: Seat, model: Model, target: int, needed: Ints) -> None:
        """Push one target up, and among the corners where it is high the others that lack, a little."""
        others = seat.book.short(needed)
        if not self.work.spend():
            return
        lean = self._random.uniform(-0.1, 0.3, len(others)) @ self.wide[others]
        answer = model.maximise(self.wide[target] + lean)
        if answer is not None:
            self._visit(seat, whole(answer[1]))

    def _widen(self, seat: Seat, model: Model, target: int, needed: int) -> None:
        """Ask for both ends of a target's range."""
        book = seat.book
        if not book.lacks(target, needed):
            return
        ends, slope = 0.0, np.zeros(len(seat.own))
        for sign in (1.0, -1.0):
            if not self.work.spend():
                return
            direction = sign * self.wide[target]
            answer = model.maximise(direction)
            if answer is None:
                return
            ends += answer[0]
            slope += model.slopes(seat.own)
            corner = whole(answer[1])
            self._visit(seat, self._branch(seat, direction) if corner is None else corner)
            if not book.lacks(target, needed):
                return
        book.outer[target] = int(np.floor(ends + NEAR))
        book.slopes[target] = (ends, slope)

    def _branch(self, seat: Seat, direction: Floats) -> Ints | None:
        """A whole world far in a direction where the corner is not whole."""
        lower, upper = self.part.lower.copy(), self.part.upper.copy()
        lower[seat.own] = upper[seat.own] = seat.world[seat.own]
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
