"""Large programmes: each small quantity gets the cheapest move around the truth, and what that changes is hidden.

A question here is about a few neighbours and hides a whole circuit at a time, where the search by cuts (`greedy`) asks
about everything for each cell. So the work grows with what is small, not with its square. Afterwards what was hidden
is shown again where other moves remain, or are found; and at the very end everything is proven anew from the moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.suppression.areas import Areas
from anonymisation.suppression.circuits import Area, Move
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.solver import Floats
from anonymisation.suppression.someone import more_people
from anonymisation.suppression.system import PUBLIC, Bools, Ints

LARGE = 2_500
"""Unknowns from which on programmes are protected this way."""
AGAIN, AT_LAST = 2, 8
"""Times that a question is asked, with other prices, where no answer is whole; and about all unknowns together."""
MOST_NEEDS = 2_000_000
"""What is small, times those to whom it is, up to which moves are looked for; some hours' work."""
SHARE = 1.0
"""Showing again may cost this part of the work that hiding cost."""


@dataclass(frozen=True)
class Kept:
    """A move, the quantities it changes with by how much, and the contributors whose own counts it changes."""

    move: Move
    changed: Ints
    effect: Ints
    touched: Ints


def is_large(greedy: Greedy) -> bool:
    """Tell whether a programme is better protected by circuits than by cuts."""
    system = greedy.system
    return len(system.truth) >= LARGE and not system.programme.policy.rule_aware


def cover(greedy: Greedy) -> sparse.csr_matrix | None:
    """Give `greedy` a safe pattern and its proof; return the moves (k, n) that prove it, None where none was proven.

    Where something has no move whatever is hidden, moves do not hold, or more is needed than can be asked for one by
    one, everything is hidden that was not told before.
    """
    for empty in (bool(np.count_nonzero(greedy.proof.needs) > MOST_NEEDS), True):
        covering = Covering(greedy, empty=empty)
        if covering.hide():
            covering.show()
            return covering.settle()
    return None


class Covering:
    """A growing stock of moves, and how far they are known to take each quantity for each attacker."""

    def __init__(self, greedy: Greedy, *, empty: bool = False) -> None:
        """Begin with everything shown that is small for nobody, or if `empty` with what was told before."""
        self.greedy = greedy
        system = self.system = greedy.system
        self.needs, self.attackers = greedy.proof.needs, greedy.proof.attackers
        self.high = np.zeros(self.needs.shape, np.int32)
        self.low = np.zeros(self.needs.shape, np.int32)
        self.small: Bools = np.asarray(self.needs.any(axis=0))
        published = np.array([bool(cells) for cells in system.published])
        self.shown: Bools = greedy.told | (published & ~self.small & ~greedy.barred & (not empty))
        self.first = self.shown.copy()
        self.areas = Areas(system, greedy.told, self.small)
        self.across = system.matrix.T.tocsr()
        # A little of chance, by the key: among equals nobody without it knows which one is taken.
        chance = [int.from_bytes(greedy.tie(q)[:2], "big") / 2**16 for q in range(len(system.people))]
        self.prices: Floats = (greedy.cost + 1.0) * (1 + np.array(chance) / 10)
        self.prices[greedy.told] = np.inf
        self.stock: list[Kept] = []
        self.about: dict[int, list[int]] = {}
        """For each quantity that is hidden the places in the stock of the moves that change it."""

    def open(self, quantity: int) -> Ints:
        """Return the attackers' places for which a quantity is small and not yet wide."""
        width = self.high[:, quantity] - self.low[:, quantity]
        found: Ints = np.flatnonzero(self.needs[:, quantity] & (width < self.system.width[quantity]))
        return found

    def hide(self) -> bool:
        """Hide until everything is proven; tell whether it is."""
        for quantity in np.flatnonzero(self.small).tolist():
            while len(places := self.open(quantity)):
                kept = self._cheapest(quantity, int(places[0]), self._current())
                if kept is None:
                    return False
                self.shown[kept.changed] = False
                self._keep(kept)
        return True

    def _current(self) -> Floats:
        return np.where(self.shown, self.prices, 0.0)

    def _cheapest(self, quantity: int, at: int, prices: Floats, *, near: bool = False) -> Kept | None:
        """Return the cheaper of the moves that widen a quantity for an attacker upwards and downwards, if any.

        `near`: only among the nearest, and once.
        """
        system, attacker = self.system, int(self.attackers[at])
        still: Bools = np.asarray(system.owner == attacker) & (attacker != PUBLIC)
        width = int(system.width[quantity])
        ways = (width + int(self.low[at, quantity]), int(self.high[at, quantity]) - width)
        plain = more_people(system, quantity, ways[0], still)
        kept = None if plain is None else self._checked(plain, quantity, ways[0], still, prices)
        if kept is not None and not prices[kept.changed].any():
            return kept
        for area in self.areas.around(quantity, still):
            turns = AGAIN if len(area.columns) < len(system.truth) else AT_LAST
            for turn in range(1 if near else turns):
                found = [self._ask(area, quantity, way, prices, still, turn) for way in ways]
                some = [kept for kept in found if kept is not None]
                if some:
                    return min(some, key=lambda kept: float(prices[kept.changed].sum()))
            if near:
                break
        return None

    def _ask(self, area: Area, quantity: int, way: int, prices: Floats, still: Bools, turn: int) -> Kept | None:
        move = area.find(quantity, way, prices, still, self.greedy.solver.work, float(turn))
        return None if move is None else self._checked(move, quantity, way, still, prices)

    def _checked(self, move: Move, quantity: int, way: int, still: Bools, prices: Floats) -> Kept | None:
        """Return the move with what it changes, if in whole numbers it does what was asked and leaves what stays."""
        system = self.system
        if (system.truth[move.columns] + move.weights < 0).any() or still[move.columns].any():
            return None
        row = sparse.csr_matrix((move.weights, move.columns, [0, len(move.columns)]), shape=(1, len(system.truth)))
        effects = row @ self.across
        effects.eliminate_zeros()
        effects.sort_indices()
        changed, effect = effects.indices.astype(np.int64), effects.data
        done = int(effect[changed == quantity].sum())
        if np.isinf(prices[changed]).any() or (done < way if way > 0 else done > way):
            return None
        owners = np.unique(system.owner[move.columns])
        return Kept(move, changed, effect, owners[owners >= 0])

    def _keep(self, kept: Kept) -> None:
        place = len(self.stock)
        self.stock.append(kept)
        for quantity in kept.changed.tolist():
            self.about.setdefault(quantity, []).append(place)
        self._widen(kept, kept.changed, kept.effect)

    def _widen(self, kept: Kept, quantities: Ints, effect: Ints) -> None:
        rows = np.flatnonzero(~np.isin(self.attackers, kept.touched))
        where = np.ix_(rows, quantities)
        self.high[where] = np.maximum(self.high[where], effect)
        self.low[where] = np.minimum(self.low[where], effect)

    def show(self) -> None:
        """Show again, dearest first, what can be without a gap; within the work, and not at all if time runs out.

        (Where time ran out would be another place on another machine.)
        """
        work, cost, tie = self.greedy.solver.work, self.greedy.cost, self.greedy.tie
        before = self.shown.copy()
        hidden = np.flatnonzero(self.first & ~self.shown).tolist()
        end = work.spent + int(SHARE * work.spent)
        for quantity in sorted(hidden, key=lambda q: (-cost[q], tie(q))):
            if work.over:
                self.shown = before
                return
            if work.spent > end:
                return
            self._try(quantity)

    def _try(self, quantity: int) -> None:
        """Show a quantity if all remains proven, by other moves or new ones."""
        gone = {place for place in self.about.get(quantity, ()) if self._alive(place)}
        self.shown[quantity] = True
        affected = np.unique(np.concatenate([self.stock[p].changed for p in gone])) if gone else np.zeros(0, np.int64)
        affected = affected[self.small[affected]]
        for one in affected.tolist():
            self._read(one)
        prices = np.where(self.shown, np.inf, 0.0)
        for one in affected.tolist():
            while len(places := self.open(one)):
                kept = self._cheapest(one, int(places[0]), prices, near=True)
                if kept is None:
                    self.shown[quantity] = False
                    for other in affected.tolist():
                        self._read(other)
                    return
                self._keep(kept)

    def _alive(self, place: int) -> bool:
        return not self.shown[self.stock[place].changed].any()

    def _read(self, quantity: int) -> None:
        """Read off the stock how far a quantity is known to go."""
        self.high[:, quantity] = self.low[:, quantity] = 0
        one = np.array([quantity])
        for place in self.about.get(quantity, ()):
            kept = self.stock[place]
            if self._alive(place):
                self._widen(kept, one, kept.effect[kept.changed == quantity])

    def settle(self) -> sparse.csr_matrix | None:
        """Hand over the pattern and the moves that hold under it, if by these alone everything is proven."""
        system, greedy = self.system, self.greedy
        alive = [kept.move for place, kept in enumerate(self.stock) if self._alive(place)]
        ends = np.cumsum([0, *(len(move.columns) for move in alive)])
        nothing = np.zeros(0, np.int64)
        columns = np.concatenate([nothing, *(move.columns for move in alive)])
        weights = np.concatenate([nothing, *(move.weights for move in alive)])
        moves = sparse.csr_matrix((weights, columns, ends), shape=(len(alive), len(system.truth)))
        effects = (moves @ self.across).tocsr()
        fits = (system.truth[columns] + weights >= 0).all()
        fits &= not (moves @ self.areas.tied.T).data.any() and not effects[:, np.flatnonzero(self.shown)].data.any()
        if system.lists.shape[0]:
            room = -(system.lists @ system.truth)
            fits &= ((moves @ system.lists.T).toarray() <= room[None, :]).all()
        greedy.pattern = Pattern(system, self.shown)
        proof = greedy.proof
        touched = _touched(moves, system.owner, len(system.contributors))
        for at, attacker in enumerate(self.attackers):
            mine = effects if attacker == PUBLIC else effects[~touched[:, attacker]]
            if mine.shape[0]:
                proof.high[at] = np.maximum(mine.max(axis=0).toarray().ravel(), 0)
                proof.low[at] = np.minimum(mine.min(axis=0).toarray().ravel(), 0)
        return moves if fits and not proof.open().any() else None


def _touched(moves: sparse.csr_matrix, owner: Ints, contributors: int) -> Bools:
    """Return (k, c) whose own counts a move changes."""
    found = np.zeros((moves.shape[0], contributors + 1), bool)
    rows = np.repeat(np.arange(moves.shape[0]), np.diff(moves.indptr))
    found[rows, owner[moves.indices]] = True
    return found[:, :contributors]
