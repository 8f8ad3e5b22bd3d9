"""Large programmes: each small quantity gets the cheapest move around the truth, and what that changes is hidden.

A question here is about a few neighbours and hides a whole circuit at a time, where the search by cuts (`greedy`) asks
about everything for each cell. So the work grows with what is small, not with its square. Afterwards what was hidden
is shown again where other moves remain, or are found; and at the very end everything is proven anew from the moves.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

import numpy as np
from scipy import sparse

from anonymisation.suppression.areas import Areas
from anonymisation.suppression.circuits import Move
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.population import peel
from anonymisation.suppression.solver import Floats
from anonymisation.suppression.someone import more_people
from anonymisation.suppression.stock import Kept, Stock
from anonymisation.suppression.swaps import Swaps, can_swap
from anonymisation.suppression.system import PUBLIC, Bools, Ints
from anonymisation.suppression.walks import Question

LARGE = 2_500
"""Unknowns from which on programmes are protected this way."""
AGAIN, AT_LAST = 2, 8
"""Times that a question is asked, with other prices, where no answer is whole; and about all unknowns together."""
MOST_NEEDS = 2_000_000
"""What is small, times those to whom it is, up to which moves are looked for; some hours' work."""
SHARE = 1.0
"""Showing again may cost this part of the work that hiding cost."""


def is_large(greedy: Greedy) -> bool:
    """Tell whether a programme is better protected by circuits than by cuts."""
    system = greedy.system
    return len(system.truth) >= LARGE and not system.programme.policy.rule_aware


def cover(greedy: Greedy) -> sparse.csr_matrix | None:
    """Give `greedy` a safe pattern and its proof; return the moves (k, n) that prove it, None where none was proven.

    Moves are circuits; where something has none of those, they are swaps; and where it has neither whatever is hidden,
    or more is needed than can be asked for one by one, everything is hidden that was not told before.
    """
    few = np.count_nonzero(greedy.proof.needs) <= MOST_NEEDS
    for covering in attempts(greedy) if few else (Covering(greedy, empty=True),):
        if covering.hide():
            covering.show()
            return covering.settle()
    return None


def attempts(greedy: Greedy) -> Iterator[Covering]:
    """Give the ways to protect a programme, the one that shows most first."""
    yield Covering(greedy)
    if can_swap(greedy.system):
        chance = np.random.default_rng(int.from_bytes(hmac.digest(greedy.key, b"swaps", "sha256"), "big"))
        population = peel(greedy.system, chance)
        yield Covering(greedy, swaps=Swaps(greedy.system, population, chance, greedy.solver.work))
    yield Covering(greedy, empty=True)


class Covering:
    """What is shown, and a stock of moves that prove it safe."""

    def __init__(self, greedy: Greedy, *, swaps: Swaps | None = None, empty: bool = False) -> None:
        """Begin with everything shown that is small for nobody, or if `empty` with what was told before.

        With `swaps` all moves are of these, but where one of more people will do.
        """
        self.greedy, self.swaps = greedy, swaps
        system = self.system = greedy.system
        self.needs, self.attackers = greedy.proof.needs, greedy.proof.attackers
        self.small: Bools = np.asarray(self.needs.any(axis=0))
        published = np.array([bool(cells) for cells in system.published])
        self.shown: Bools = greedy.told | (published & ~self.small & ~greedy.barred & (not empty))
        self.first = self.shown.copy()
        self.areas = Areas(system, greedy.told, self.small)
        self.stock = Stock(system, self.attackers)
        # A little of chance, by the key: among equals nobody without it knows which one is taken.
        chance = [int.from_bytes(greedy.tie(q)[:2], "big") / 2**16 for q in range(len(system.people))]
        self.prices: Floats = (greedy.cost + 1.0) * (1 + np.array(chance) / 10)
        self.prices[greedy.told] = np.inf
        self.failed: list[int] = []
        """Quantities that stood in the way of showing something, the latest last."""

    def open(self, quantity: int) -> Ints:
        """Return the attackers' places for which a quantity is small and not yet wide."""
        width = self.stock.high[:, quantity] - self.stock.low[:, quantity]
        found: Ints = np.flatnonzero(self.needs[:, quantity] & (width < self.system.width[quantity]))
        return found

    def hide(self) -> bool:
        """Hide until everything is proven; tell whether it is."""
        for quantity in self._order():
            while len(places := self.open(quantity)):
                moves = self._cheapest(quantity, int(places[0]), np.where(self.shown, self.prices, 0.0))
                if not moves:
                    return False
                for kept in moves:
                    self.shown[kept.changed] = False
                    self.stock.keep(kept)
        return True

    def _order(self) -> list[int]:
        """Return what is small, in the order in which it gets its moves."""
        small: list[int] = np.flatnonzero(self.small).tolist()
        if self.swaps is None:
            return small
        # What is no sum over contributors first: its swaps leave the dear sums alone, and serve many of these too.
        sums, size = set(self.system.sums.tolist()), np.diff(self.system.matrix.indptr)
        return sorted(small, key=lambda q: (q in sums, -size[q]))

    def _cheapest(self, quantity: int, at: int, prices: Floats, *, near: bool = False) -> list[Kept]:
        """Return a move that widens a quantity for an attacker upwards or downwards, the cheaper, or one of each.

        Nothing where there is none. `near`: only among the nearest, and once.
        """
        attacker, width = int(self.attackers[at]), int(self.system.width[quantity])
        still: Bools = np.asarray(self.system.owner == attacker) & (attacker != PUBLIC)
        high, low = int(self.stock.high[at, quantity]), int(self.stock.low[at, quantity])
        ways = (width + low, high - width)
        plain = self._far(more_people(self.system, quantity, ways[0], still), quantity, ways[0], still, prices)
        if plain is not None and not prices[plain.changed].any():
            return [plain]
        if self.swaps is not None:
            swapped = self._swapped(self.swaps, quantity, at, still, prices)
            return swapped or ([] if plain is None else [plain])
        for area in self.areas.around(quantity, still):
            turns = AGAIN if len(area.columns) < len(self.system.truth) else AT_LAST
            for turn in range(1 if near else turns):
                work = self.greedy.solver.work
                asked = [(area.find(quantity, way, prices, still, work, float(turn)), way) for way in ways]
                found = [self._far(move, quantity, way, still, prices) for move, way in asked]
                some = [kept for kept in found if kept is not None]
                if some:
                    return [min(some, key=lambda kept: float(prices[kept.changed].sum()))]
            if near:
                break
        return []

    def _swapped(self, swaps: Swaps, quantity: int, at: int, still: Bools, prices: Floats) -> list[Kept]:
        """Return swaps that widen a quantity for an attacker; others who attack it are left alone where they can be."""
        high, low, width = self.stock.high[at, quantity], self.stock.low[at, quantity], self.system.width[quantity]
        shy = np.isin(np.arange(len(self.system.contributors)), self.attackers[self.open(quantity)])
        question = Question(prices, int(self.attackers[at]), shy)
        moves = swaps.find(quantity, int(width), (int(high), int(-low)), question)
        kept = [one for move in moves if (one := self._checked(move, still, prices)) is not None]
        effects = [one.on(quantity) for one in kept]
        return kept if max([high, *effects]) - min([low, *effects]) >= width else []

    def _far(self, move: Move | None, quantity: int, way: int, still: Bools, prices: Floats) -> Kept | None:
        """Return a move with what it changes, if it changes a quantity by `way` or more."""
        kept = None if move is None else self._checked(move, still, prices)
        return None if kept is None or kept.on(quantity) * np.sign(way) < abs(way) else kept

    def _checked(self, move: Move, still: Bools, prices: Floats) -> Kept | None:
        """Return a move with what it changes, if in whole numbers it leaves what stays."""
        if (self.system.truth[move.columns] + move.weights < 0).any() or still[move.columns].any():
            return None
        kept = self.stock.effects(move)
        return None if np.isinf(prices[kept.changed]).any() else kept

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
        stock = self.stock
        gone = stock.about(quantity, self.shown)
        self.shown[quantity] = True
        affected = np.unique(np.concatenate([np.zeros(0, np.int64), *(kept.changed for kept in gone)]))
        affected = affected[self.small[affected]]
        before = stock.high[:, affected], stock.low[:, affected]
        stock.read(affected, self.shown)
        prices = np.where(self.shown, np.inf, 0.0)
        # What failed lately is asked first: it fails again, as a rule, and nothing else need be asked then.
        late = {one: at for at, one in enumerate(self.failed)}
        for one in sorted(affected.tolist(), key=lambda one: -late.get(one, -1)):
            while len(places := self.open(one)):
                moves = self._cheapest(one, int(places[0]), prices, near=True)
                if not moves:
                    self.shown[quantity] = False
                    self.failed = [*(q for q in self.failed if q != one), one]
                    # Moves found on the way leave it alone, so they hold as well.
                    stock.high[:, affected] = np.maximum(before[0], stock.high[:, affected])
                    stock.low[:, affected] = np.minimum(before[1], stock.low[:, affected])
                    return
                for kept in moves:
                    stock.keep(kept)

    def settle(self) -> sparse.csr_matrix | None:
        """Hand over the pattern and the moves that hold under it, if by these alone everything is proven."""
        system, greedy = self.system, self.greedy
        alive = [kept.move for kept in self.stock.alive(self.shown)]
        ends = np.cumsum([0, *(len(move.columns) for move in alive)])
        nothing = np.zeros(0, np.int64)
        columns = np.concatenate([nothing, *(move.columns for move in alive)])
        weights = np.concatenate([nothing, *(move.weights for move in alive)])
        moves = sparse.csr_matrix((weights, columns, ends), shape=(len(alive), len(system.truth)))
        effects = (moves @ self.stock.across).tocsr()
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
