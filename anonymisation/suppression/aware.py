"""Clause (iii) of *Safe*: a world is a witness only if this release would itself be safe in that world.

Whoever knows that every release is safe rules out the worlds in which this one would not have been. So each witness is
itself proven safe, with clauses (i) and (ii), before it counts. What a contributor could find out in a world depends on
its own counts there alone: these ranges are kept in books, one for each component, contributor and own counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from anonymisation.suppression.line import Line
from anonymisation.suppression.moves import Moves, Small
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.search import Part, Search
from anonymisation.suppression.smallness import Smallness
from anonymisation.suppression.solver import Solver
from anonymisation.suppression.system import PUBLIC, Bools, Ints, System


@dataclass
class Book:
    """The largest and smallest value (q,) seen of each quantity over worlds that share an attacker's own counts."""

    most: Ints
    least: Ints
    dead: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Open:
    """A quantity without two proven witnesses for an attacker."""

    attacker: int
    quantity: int


class Aware:
    """Proves clause (iii) of one pattern, component by component."""

    def __init__(
        self,
        pattern: Pattern,
        smallness: Smallness,
        moves: Moves,
        solver: Solver,
        books: dict[tuple[object, ...], Book],
    ) -> None:
        self.pattern = pattern
        self.system: System = pattern.system
        self.smallness = smallness
        self.moves = moves
        self.solver = solver
        self.search = Search(pattern, solver)
        self.guarded = Search(pattern, solver, guarded=True)
        self.books = books
        self.lines: dict[tuple[tuple[int, ...], int], Line] = {}
        self.truth = self.system.truth
        self.small = np.array([smallness.small(self.truth, a) for a in self.system.attackers])
        self.whole = self.system.matrix @ self.truth
        self.bare = np.flatnonzero(np.diff(self.system.matrix.indptr) == 0)
        self.verdicts: dict[bytes, tuple[int, int] | None] = {}
        self.labels: list[frozenset[int]] = []
        self.spans: dict[int, tuple[int, ...]] = {}
        self.stock: dict[tuple[tuple[int, ...], int], tuple[Ints, Ints, Small, Small, Part]] = {}
        self.kept: dict[int, tuple[Ints, tuple[bytes, bytes]]] = {}

    # Components --------------------------------------------------------------------------------------------------

    def components(self) -> list[int]:
        """Return the numbers of the components."""
        return [int(c) for c in np.unique(self.pattern.component) if c >= 0]

    def quantities(self, component: int) -> Ints:
        """Return the quantities that some unknown of the component is in."""
        return self._known(component)[0]

    def name(self, component: int) -> tuple[bytes, bytes]:
        """Return what identifies a component and all that binds it: its unknowns, and the shown quantities on them."""
        return self._known(component)[1]

    def _known(self, component: int) -> tuple[Ints, tuple[bytes, bytes]]:
        if component not in self.kept:
            inside = self.pattern.component == component
            touched = np.flatnonzero(abs(self.system.matrix) @ inside.astype(np.int64))
            self.kept[component] = touched, (inside.tobytes(), touched[self.pattern.shown[touched]].tobytes())
        return self.kept[component]

    def span(self, quantity: int) -> tuple[int, ...]:
        """Return the components that a quantity counts in: what is bound apart still adds up."""
        if quantity not in self.spans:
            labels = np.unique(self.pattern.component[self.search.row(quantity)[0]])
            self.spans[quantity] = tuple(int(x) for x in labels if x >= 0)
        return self.spans[quantity]

    # One world ---------------------------------------------------------------------------------------------------

    def verify(self, world: Ints) -> tuple[int, int] | None:
        """Return None if this release would be safe in `world`, else which attacker narrows which quantity."""
        mark = world.tobytes()
        if mark not in self.verdicts:
            self.verdicts[mark] = self._verify(world)
        return self.verdicts[mark]

    def _verify(self, world: Ints) -> tuple[int, int] | None:
        # Elsewhere the world is the truth, around which the pattern is proven.
        changed = np.unique(self.pattern.component[np.flatnonzero(world != self.truth)])
        columns = np.unique(np.concatenate([self.bare, *(self.quantities(int(c)) for c in changed)]))
        value = self.system.matrix @ world
        needs = []
        for attacker in self.system.attackers:
            small = self.smallness.small(world, attacker)[columns]
            # What is shown, or the same in every world, is known to all: no need to ask how far it ranges.
            clear = columns[small & (self.pattern.shown[columns] | np.isin(columns, self.bare))]
            if len(clear):
                return attacker, int(clear[0])
            needs.append(columns[small])
        for attacker, need in zip(self.system.attackers, needs, strict=True):
            spans: dict[tuple[int, ...], list[int]] = {}
            for quantity in need:
                spans.setdefault(self.span(int(quantity)), []).append(int(quantity))
            for span, quantities in spans.items():
                narrow = self._ranges(span, attacker, np.array(quantities), world, value)
                if narrow is not None:
                    return attacker, narrow
        return None

    def _ranges(self, span: tuple[int, ...], attacker: int, need: Ints, world: Ints, value: Ints) -> int | None:
        """Return the first of `need` that the attacker would narrow too far in `world`, or None."""
        inside = np.isin(self.pattern.component, span)
        own = world[inside & (self.system.owner == attacker)] if attacker != PUBLIC else world[:0]
        key = (*(self.name(component) for component in span), attacker, own.tobytes())
        book = self.books.get(key)
        if book is None:
            book = self.books[key] = Book(value.copy(), value.copy())
        width = self.system.width
        short = need[book.most[need] - book.least[need] < width[need]]
        if not len(short):
            return None
        dead = [int(q) for q in short if int(q) in book.dead]
        if dead:
            return dead[0]
        self._from_moves(span, attacker, book, world, value)
        line = None
        for quantity in short:
            if book.most[quantity] - book.least[quantity] >= width[quantity]:
                continue
            if line is None:
                line = self._line(span, attacker)
                line.around(world)
            target = self.search.target(line.part, int(quantity))
            for sign in (1, -1):
                found, endless = line.extreme(target, sign) if target.any() else (None, False)
                if endless:
                    book.most[quantity] = book.least[quantity] + width[quantity]
                if found is not None:
                    other = world.copy()
                    other[line.part.columns] = found
                    seen = self.system.matrix @ other
                    np.maximum(book.most, seen, out=book.most)
                    np.minimum(book.least, seen, out=book.least)
                if book.most[quantity] - book.least[quantity] >= width[quantity]:
                    break
            else:
                book.dead.add(int(quantity))
                return int(quantity)
        return None

    def _line(self, span: tuple[int, ...], attacker: int) -> Line:
        if (span, attacker) not in self.lines:
            part = self.search.span_part(span, attacker)
            self.lines[span, attacker] = Line(self.system, part, self.solver.work)
        return self.lines[span, attacker]

    def _from_moves(self, span: tuple[int, ...], attacker: int, book: Book, world: Ints, value: Ints) -> None:
        """Widen a book by the kept moves of these components that lead on from `world`."""
        if (span, attacker) not in self.stock:
            rows = np.flatnonzero(self.within(span) & self.moves.open_to(attacker))
            columns = np.flatnonzero(np.isin(self.pattern.component, span))
            where = np.unique(np.concatenate([self.quantities(component) for component in span]))
            inside = self.moves.moves[np.ix_(rows, columns)]
            part = self.search.span_part(span, PUBLIC)
            self.stock[span, attacker] = (columns, where, inside, self.moves.effects[np.ix_(rows, where)], part)
        columns, where, inside, effects, part = self.stock[span, attacker]
        fits: Bools = np.asarray((inside >= -world[columns]).all(axis=1))
        if len(part.most) and fits.any():
            fits[fits] = (part.upper @ inside[fits].T <= part.room(world)[:, None]).all(axis=0)
        if fits.any():
            book.most[where] = np.maximum(book.most[where], value[where] + effects[fits].max(axis=0))
            book.least[where] = np.minimum(book.least[where], value[where] + effects[fits].min(axis=0))

    def _label(self) -> None:
        """Note for each kept move the components that it changes; nothing if it changes what is shown."""
        label, begin = self.pattern.component, len(self.labels)
        shown = np.flatnonzero(self.pattern.shown)
        keeps = ~(self.moves.effects[begin : self.moves.size][:, shown] != 0).any(axis=1)
        for keep, move in zip(keeps, self.moves.moves[begin : self.moves.size], strict=True):
            found = np.unique(label[np.flatnonzero(move)]) if keep else ()
            self.labels.append(frozenset(int(x) for x in found))

    def within(self, span: tuple[int, ...]) -> Bools:
        """Tell which kept moves keep what is shown and change these components only."""
        self._label()
        inside = set(span)
        return np.array([bool(labels) and labels <= inside for labels in self.labels], dtype=bool)

    def touching(self, component: int) -> Ints:
        """Return the places of the kept moves that keep what is shown and change this component."""
        self._label()
        return np.array([at for at, labels in enumerate(self.labels) if component in labels], dtype=np.int64)

    # All that is small -------------------------------------------------------------------------------------------

    def cover(self, component: int, *, first: tuple[int, int] | None = None) -> Open | None:
        """Find two proven witnesses for all that is small in a component; return the first that has none.

        `first` is an attacker's place and a quantity to look at before the others: what failed lately.
        """
        cover = _Cover(self, component)
        if first is not None and not cover.settle(*first):
            return Open(self.system.attackers[first[0]], first[1])
        cover.try_moves(self.touching(component))
        for at, column in np.argwhere(cover.lacking()):
            if not cover.settle(int(at), int(cover.where[column])):
                return Open(self.system.attackers[at], int(cover.where[column]))
        return None


class _Cover:
    """Which proven witnesses a component has so far: the ranges (attackers, columns) they span."""

    def __init__(self, aware: Aware, component: int) -> None:
        self.aware = aware
        self.component = component
        self.where = aware.quantities(component)
        self.need = aware.small[:, self.where]
        self.width = aware.system.width[self.where]
        self.high = np.zeros(self.need.shape, np.int64)
        self.low = np.zeros(self.need.shape, np.int64)
        self.tried: set[int] = set()

    def lacking(self) -> Bools:
        """Return (attackers, columns) what has no two witnesses yet."""
        return self.need & (self.high - self.low < self.width)

    def try_moves(self, rows: Ints, only: tuple[int, int] | None = None) -> None:
        """Prove the worlds these kept moves lead to, the most useful first, until all (or `only` one) is covered."""
        moves, attackers = self.aware.moves, self.aware.system.attackers
        rows = np.array([row for row in rows if int(row) not in self.tried], dtype=np.int64)
        if not len(rows):
            return
        size = np.abs(moves.moves[rows]).sum(axis=1)
        effects = moves.effects[np.ix_(rows, self.where)]
        fits = np.array([moves.open_to(a)[rows] for a in attackers])
        left = np.ones(len(rows), bool)
        while left.any():
            lacking = self.lacking()
            if only is not None:
                if not lacking[only]:
                    return
                lacking = np.zeros_like(lacking)
                lacking[only] = True
            gain = np.zeros(len(rows))
            for at in np.flatnonzero(lacking.any(axis=1)):
                mask = lacking[at]
                e, high, low = effects[:, mask], self.high[at, mask], self.low[at, mask]
                closes = (np.maximum(e, high) - np.minimum(e, low)) >= self.width[mask]
                helps = (e > high) | (e < low)
                gain += fits[at] * (closes.sum(axis=1) + 0.01 * helps.sum(axis=1))
            gain[~left] = 0
            best = int(np.lexsort((size, -gain))[0])
            if gain[best] <= 0:
                return
            left[best] = False
            self.tried.add(int(rows[best]))
            if self.aware.verify(self.aware.truth + moves.moves[rows[best]]) is None:
                for at in np.flatnonzero(fits[:, best]):
                    np.maximum(self.high[at], effects[best], out=self.high[at])
                    np.minimum(self.low[at], effects[best], out=self.low[at])

    def settle(self, at: int, quantity: int) -> bool:
        """Find two witnesses for one quantity and attacker; tell whether it worked."""
        place = np.flatnonzero(self.where == quantity)
        if not len(place) or not self.need[at, place[0]]:
            return True
        spot = (at, int(place[0]))
        aware, attacker = self.aware, self.aware.system.attackers[at]
        self.try_moves(aware.touching(self.component), spot)
        width = int(self.width[spot[1]])
        for also, share, up in self._ways(attacker):
            if not self.lacking()[spot]:
                return True
            change = width + int(self.low[spot]) if up else int(self.high[spot]) - width
            move = aware.guarded.shortest(aware.truth, attacker, quantity, change, also=also, share=share)
            if move is None and not up:
                move = aware.guarded.shortest(aware.truth, attacker, quantity, -1, also=also, share=share)
            if move is not None:
                self.try_moves(np.array([aware.moves.add(move)]), spot)
        return not self.lacking()[spot]

    def _ways(self, attacker: int) -> Iterator[tuple[tuple[int, ...], float, bool]]:
        """Give ways to look for a world: whose counts stay as well, the share that may go from one count, up or down.

        Worlds that take a little from many are more often safe themselves than those that empty a cell.
        """
        others = [c for c in range(len(self.aware.system.contributors)) if c != attacker]
        for share in (0.5, 1.0, 0.34):
            yield (), share, True
            yield (), share, False
            for frozen in others:
                yield (frozen,), share, True
