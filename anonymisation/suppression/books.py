"""What an attacker could find out in a world of one unit: it depends on its own part of what is shown there alone.

So there is a book for each attacker and own part of the rows that others are in too: how far each quantity, less the
own part, is seen to range over the worlds of the others. A world is safe by clauses (i) and (ii) if the books show each
quantity that is small in it wide enough.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from anonymisation.suppression.solver import INFINITY, NEAR, Floats, Rows, Work, pass_model, simplex
from anonymisation.suppression.sums import Sums
from anonymisation.suppression.system import Bools, Ints
from anonymisation.suppression.unit import Unit

Small = NDArray[np.int32]
MOST_MOVES = 2500
PRIMAL = 4
"""The strategy in which the last corner is a start when only the objective changes."""
SIGNS = (-1.0, 1.0)
FEW = 2
"""Up to so many quantities are asked for one by one; of more, all at once first."""


@dataclass
class Book:
    """The largest and smallest value (w,) seen of each quantity.

    `dead` are those that are too narrow, with the shown quantities that this rests on.
    """

    most: Ints
    least: Ints
    dead: dict[int, frozenset[int]] = field(default_factory=dict)

    def see(self, values: Ints) -> None:
        """Take in the values (w,) of one more world."""
        np.maximum(self.most, values, out=self.most)
        np.minimum(self.least, values, out=self.least)


class Stock:
    """Moves (k, u) of a unit that keep what is shown, with their effects (k, w) and whom they touch (k, a).

    `tried` (k,) are those whose world was looked at as a witness.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.moves: Small = np.zeros((256, len(unit.columns)), np.int32)
        self.effects: Small = np.zeros((256, len(unit.where)), np.int32)
        self.touched: Bools = np.zeros((256, len(unit.attackers)), bool)
        self.tried: Bools = np.zeros(256, bool)
        self.size = 0
        self.known: dict[bytes, int] = {}

    def add(self, moves: Small, *, asked: bool = False) -> Ints:
        """Keep moves (j, u) that are new and keep what is shown; return the places of all that are kept now.

        Once there are `MOST_MOVES`, new ones are kept only if they were `asked` for.
        """
        if not len(moves):
            return np.zeros(0, np.int64)
        keeps = self.unit.keeps(moves) & moves.any(axis=1)
        places: list[int] = []
        fresh: list[Small] = []
        for move in moves[keeps]:
            name = move.tobytes()
            if name not in self.known and (asked or len(self.known) < MOST_MOVES):
                self.known[name] = self.size + len(fresh)
                fresh.append(move)
            if name in self.known:
                places.append(self.known[name])
        if fresh:
            while self.size + len(fresh) > len(self.moves):
                self.moves, self.effects, self.touched, self.tried = (
                    np.concatenate([part, np.zeros_like(part)])
                    for part in (self.moves, self.effects, self.touched, self.tried)
                )
            found = np.array(fresh)
            new = slice(self.size, self.size + len(fresh))
            self.moves[new] = found
            self.effects[new] = self.unit.sums.of(found.T).T
            self.touched[new] = (found != 0).astype(np.float32) @ self.unit.mine.T.astype(np.float32) > 0
            self.size += len(fresh)
        return np.array(places, dtype=np.int64)


class Line:
    """The worlds that share an attacker's own counts, as a linear programme kept warm between questions."""

    def __init__(self, unit: Unit, attacker: int, work: Work) -> None:
        self.unit = unit
        self.work = work
        self.free = np.flatnonzero(~unit.mine[attacker])
        whole = sparse.vstack([unit.rows, unit.lists[0]], format="csr")
        inside = whole[:, self.free]
        self.kept = np.flatnonzero(np.diff(inside.indptr))
        self.even = self.kept < unit.rows.shape[0]
        self.whole = Sums(whole[self.kept])
        self.growth = np.concatenate([np.zeros(unit.rows.shape[0], np.int64), unit.lists[1]])[self.kept]
        matrix = inside[self.kept]
        self.base = matrix @ unit.truth[self.free]
        self.highs = simplex(simplex_strategy=PRIMAL)
        rows = np.full(matrix.shape[0], -INFINITY), np.full(matrix.shape[0], INFINITY)
        columns = np.zeros(matrix.shape[1]), np.full(matrix.shape[1], INFINITY)
        pass_model(self.highs, columns[0], Rows.of(matrix), rows, columns)
        self.all = np.arange(len(self.free), dtype=np.int32)

    def around(self, world: Ints) -> None:
        """Ask from now on about worlds that share the attacker's own counts with `world` (u,)."""
        # Moves keep the rows; in the world itself they come to what they come to in truth.
        own = world - self.unit.truth
        own[self.free] = 0
        base = self.base - self.whole.of(own)
        low = np.where(self.even, base, -INFINITY)
        high = np.asarray(base + self.growth, dtype=float)
        self.highs.changeRowsBounds(len(low), np.arange(len(low), dtype=np.int32), low.astype(float), high)

    def farthest(self, target: Floats) -> tuple[Ints | None, bool]:
        """Return the counts of the free unknowns where `target` (over the unit) is largest.

        None where that end is not whole; the second value tells that there is no end.
        """
        self.highs.changeColsCost(len(self.all), self.all, -target[self.free])
        self.highs.run()
        self.work.spent += max(self.highs.getInfoValue("simplex_iteration_count")[1], 0) + 1
        status = self.highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            # The world asked about is one, so what is not optimal has no end.
            ends = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)
            return None, status in ends
        x = np.array(self.highs.getSolution().col_value)
        near = np.rint(x)
        return (None if np.abs(x - near).max(initial=0) > NEAR else near.astype(np.int64)), False

    def duals(self) -> Floats:
        """Return the duals (r,) of the unit's rows at the end found last."""
        found = np.zeros(self.unit.rows.shape[0])
        told = np.array(self.highs.getSolution().row_dual)
        found[self.kept[self.even]] = told[self.even] if len(told) else 0.0
        return found


class Shelf:
    """The books of one unit under one pattern."""

    def __init__(self, unit: Unit, work: Work) -> None:
        self.unit = unit
        self.work = work
        self.stock = Stock(unit)
        self.books: dict[tuple[int, bytes], Book] = {}
        self.lines: dict[int, Line] = {}
        self.verdicts: dict[bytes, frozenset[int] | None] = {}
        self.fresh: list[Small] = []
        self.random = np.random.default_rng(2026)

    def inherit(self, other: Shelf) -> None:
        """Take over the books of a unit that lies in this one, where more was shown: their worlds are some of these."""
        unit, before = self.unit, other.unit
        places = np.searchsorted(unit.where, before.where)
        if not np.isin(before.where, unit.where).all():
            return
        start = unit.look(unit.truth)[0]
        for attacker in range(len(unit.attackers)):
            old, new = before.shared_names[attacker], unit.shared_names[attacker]
            place = {int(name): at for at, name in enumerate(old)}
            if not all(int(name) in place for name in new):
                continue
            kept = np.array([place[int(name)] for name in new], dtype=np.int64)
            # Unknowns that were fixed then count in these rows now, with their true counts.
            more = unit.shared[attacker] @ unit.truth - (before.shared[attacker] @ before.truth)[kept]
            for (who, key), book in other.books.items():
                if who != attacker:
                    continue
                name = attacker, (np.frombuffer(key, np.int64)[kept] + more).tobytes()
                if name not in self.books:
                    most, least = start[attacker].copy(), start[attacker].copy()
                    most[places], least[places] = book.most, book.least
                    self.books[name] = Book(most, least)
                else:
                    mine = self.books[name]
                    mine.most[places] = np.maximum(mine.most[places], book.most)
                    mine.least[places] = np.minimum(mine.least[places], book.least)

    def verify(self, world: Ints) -> frozenset[int] | None:
        """Return None if this release would be safe in `world` (u,), else the shown quantities that are in the way."""
        mark = world.tobytes()
        if mark not in self.verdicts:
            self.verdicts[mark] = self._verify(world)
        return self.verdicts[mark]

    def _verify(self, world: Ints) -> frozenset[int] | None:
        value, small = self.unit.look(world)
        # What is shown, or the same in every world, is known to all: no need to ask how far it ranges.
        told = (small & self.unit.clear).any(axis=0)
        if told.any():
            return frozenset(int(q) for q in self.unit.where[told] if self.unit.pattern.shown[q])
        small &= ~self.unit.outside
        # Those whose own counts are not the true ones first: they are likelier to find something.
        changed = self.unit.mine[:, world != self.unit.truth].any(axis=1)
        own = self.unit.own(world)
        for at in np.argsort(~changed, kind="stable").tolist():
            stops = self._narrow(at, own[at].tobytes(), np.flatnonzero(small[at]), world, value[at])
            if stops is not None:
                return stops
        return None

    def _narrow(self, attacker: int, own: bytes, need: Ints, world: Ints, value: Ints) -> frozenset[int] | None:
        """Return what lets the attacker narrow one of `need` too far in `world`, or None if nothing does.

        `own` names its book there.
        """
        if not len(need):
            return None
        key = attacker, own
        book = self.books.get(key)
        if book is None:
            book = self.books[key] = Book(value.copy(), value.copy())
        width = self.unit.width
        short = need[book.most[need] - book.least[need] < width[need]]
        if not len(short):
            return None
        for place in short:
            if int(place) in book.dead:
                return book.dead[int(place)]
        self._learn()
        self._from_stock(attacker, book, world, value)
        short = short[book.most[short] - book.least[short] < width[short]]
        if not len(short):
            return None
        line = self._line(attacker)
        line.around(world)
        short = self._together(book, line, world, value, short)
        for place in short:
            if book.most[place] - book.least[place] >= width[place]:
                continue
            stops: frozenset[int] = frozenset()
            for sign in (1, -1):
                self._look(book, line, world, value, np.array([place]), np.array([sign]), int(place))
                if book.most[place] - book.least[place] >= width[place]:
                    break
                stops |= self.unit.stops(attacker, int(place), -sign * line.duals())
            else:
                book.dead[int(place)] = stops
                return stops
        return None

    def _learn(self) -> None:
        """Keep the moves seen since last time, and their reverses."""
        if self.fresh and len(self.stock.known) < MOST_MOVES:
            found = np.stack(self.fresh)
            self.stock.add(np.concatenate([found, -found]))
        self.fresh.clear()

    def _together(self, book: Book, line: Line, world: Ints, value: Ints, short: Ints) -> Ints:
        """One corner serves many: ask in directions over all that lack, as long as it helps."""
        # Most small counts have more room above than below.
        upwards = True
        while len(short) > FEW:
            signs = self.random.uniform(0.5, 1.0, len(short)) if upwards else self.random.choice(SIGNS, len(short))
            if not self._look(book, line, world, value, short, signs, None):
                return short
            left = short[book.most[short] - book.least[short] < self.unit.width[short]]
            if len(left) == len(short):
                if not upwards:
                    return short
                upwards = False
            short = left
        return short

    def _look(
        self, book: Book, line: Line, world: Ints, value: Ints, places: Ints, signs: Floats | Ints, place: int | None
    ) -> bool:
        """See the world farthest in the direction of some quantities together; tell whether it is whole."""
        target = self.unit.sums.together(places, signs)
        if not target[line.free].any():
            return False
        found, endless = line.farthest(target)
        if endless and place is not None:
            book.most[place] = book.least[place] + self.unit.width[place]
        if found is None:
            return False
        move = np.zeros(len(world), np.int32)
        move[line.free] = found - world[line.free]
        book.see(value + self.unit.sums.of(move))
        self.fresh.append(move)
        return True

    def _line(self, attacker: int) -> Line:
        if attacker not in self.lines:
            self.lines[attacker] = Line(self.unit, attacker, self.work)
        return self.lines[attacker]

    def _from_stock(self, attacker: int, book: Book, world: Ints, value: Ints) -> None:
        """Widen a book by the kept moves that lead on from `world`."""
        stock = self.stock
        rows = np.flatnonzero(~stock.touched[: stock.size, attacker])
        fits = rows[self.unit.leads(stock.moves[rows], world)]
        if len(fits):
            effects = stock.effects[fits]
            book.see(value + effects.max(axis=0))
            book.see(value + effects.min(axis=0))
