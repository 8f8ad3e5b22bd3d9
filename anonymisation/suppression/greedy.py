"""The fast pattern: all shown that is small for nobody, then hidden one by one until all is safe, then shown again.

Showing more can only narrow what an attacker does not know (clauses (i) and (ii) of *Safe*). So what is proven while
things are hidden stays proven; and each bound that is too narrow rests on shown quantities, a *cut*: any safe pattern
hides at least one of them, here the cheapest (Fischetti and Salazar, Mathematical Programming 84, 1999).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

import numpy as np

from anonymisation.suppression.moves import Moves, Small
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.proof import Gap, Proof
from anonymisation.suppression.search import Search
from anonymisation.suppression.smallness import Smallness
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import Bools, Ints, System

Costs = Mapping[tuple[str, tuple[str, ...]], int]


def costs(system: System, own: Costs) -> Ints:
    """Return (q,) what hiding a published quantity costs, over all cells that publish it.

    A total over contributors costs most; then large counts: 100 + the count up to 900. A zero costs 30. `own` are costs
    of single cells, by table and key, in place of these.
    """
    value = system.matrix @ system.truth
    one = np.where(value > 0, 100 + np.minimum(value, 900), 30)
    one[system.sums] *= np.where(value[system.sums] > 0, 1000, 100)
    cost: Ints = one * np.array([len(cells) for cells in system.published])
    if own:
        tables = system.programme.tables
        keys = [table.published(system.programme) for table in tables]
        place = {cell: q for q, cells in enumerate(system.published) for cell in cells}
        for (number, at), q in place.items():
            told = own.get((tables[number].id, keys[number][at]))
            if told is not None:
                cost[q] += told - one[q]
    return cost


class Greedy:
    """Shows quantities while the proof around the truth holds; remembers each refusal as a cut."""

    def __init__(
        self,
        system: System,
        solver: Solver,
        key: bytes,
        told: Bools | None = None,
        *,
        barred: Bools | None = None,
        own: Costs | None = None,
    ) -> None:
        """Begin with what was `told` (q,) before, or nothing; what is `barred` (q,) is never shown."""
        self.system = system
        self.solver = solver
        self.key = key
        self.smallness = Smallness(system)
        self.moves = Moves(system)
        self.told: Bools = np.zeros(system.matrix.shape[0], bool) if told is None else told
        self.barred: Bools = np.zeros(system.matrix.shape[0], bool) if barred is None else barred
        self.cost = costs(system, own or {})
        self.pattern = Pattern(system, self.told)
        self.search = Search(system, solver, self.told)
        self.proof = Proof(system, self.smallness, self.moves, system.truth)
        self.cuts: list[frozenset[int]] = []
        """What could not be shown together."""
        self.proven: list[frozenset[int]] = []
        """Those of which no safe pattern can show all."""
        self.failed: list[tuple[int, int]] = []
        self._ties: dict[int, bytes] = {}

    def tie(self, quantity: int) -> bytes:
        """Return what decides between equals: an HMAC of its name, which nobody without the key can replay."""
        if quantity not in self._ties:
            name = repr(self.system.people[quantity]).encode()
            self._ties[quantity] = hmac.digest(self.key, name, "sha256")
        return self._ties[quantity]

    def witnesses(self) -> Small:
        """Return the moves (k, n) found so far that lead from the truth to another world."""
        found: Small = self.moves.moves[np.flatnonzero(self.moves.from_world(self.system.truth))]
        return found

    @property
    def candidates(self) -> list[int]:
        """Published quantities that are small for nobody, dearest first."""
        cost = self.cost
        fine = np.asarray(~self.proof.needs.any(axis=0) & ~self.barred)
        found = [q for q, cells in enumerate(self.system.published) if cells and fine[q] and not self.told[q]]
        # What several tables share comes first: shown, it takes the tables apart, and all that follows is small work.
        shared = {q for _, _, q in self.system.links}
        return sorted(found, key=lambda q: (q not in shared, -cost[q], self.tie(q)))

    def repair(self, hidden: Sequence[int] = ()) -> Gap | None:
        """Show all candidates but `hidden` and hide until all is proven; return the gap that nothing closes.

        Past the limits the fast pattern is made anew: at each gap half of what is shown is hidden, the cheapest.
        """
        gap = self._repair(hidden)
        if not self.solver.work.over:
            return gap
        work, self.solver.work = self.solver.work, Work()
        self.pattern, self.cuts, self.proven = Pattern(self.system, self.told), [], []
        self.moves = Moves(self.system)
        self.proof = Proof(self.system, self.smallness, self.moves, self.system.truth)
        gap = self._repair(whole=False)
        self.solver.work = work
        return gap

    def again(self, hidden: Sequence[int]) -> None:
        """Begin anew with these hidden, show again what can be, and keep what comes of it if it is cheaper."""
        price, before = self.price, (self.pattern, self.proof, self.moves)
        self.moves = self.moves.copy()
        self.moves.drop(~self._usable(self.every.hiding(*hidden)))
        self.proof = Proof(self.system, self.smallness, self.moves, self.system.truth)
        self.proof.read()
        gap = self._repair(hidden)
        if gap is None:
            self.extend()
        if gap is not None or self.price >= price:
            self.pattern, self.proof, self.moves = before

    def extend(self) -> None:
        """Show again what can be, dearest first."""
        gone = [q for q in self.candidates if not self.pattern.shown[q]]
        for quantity in sorted(gone, key=lambda q: (-self.cost[q], self.tie(q))):
            if self.solver.work.over:
                return
            self.show(quantity)

    @property
    def price(self) -> int:
        """What the pattern costs: all that is published and hidden."""
        published = np.array([bool(cells) for cells in self.system.published])
        return int(self.cost[published & ~self.pattern.shown].sum())

    @property
    def every(self) -> Pattern:
        """The pattern that shows all candidates."""
        return Pattern(self.system, self.told).showing(*self.candidates)

    def _usable(self, pattern: Pattern) -> Bools:
        """Tell which of the kept moves (k,) a pattern allows from the truth."""
        moves, truth = self.moves, self.system.truth
        matrix, most, _ = pattern.ceilings
        fits = moves.from_world(truth)
        fits &= ~(moves.effects[: moves.size, pattern.shown] != 0).any(axis=1)
        room = most - matrix @ truth
        fits &= (matrix @ moves.moves[: moves.size].T <= room[:, None]).all(axis=0)
        return fits

    def _repair(self, hidden: Sequence[int] = (), *, whole: bool = True) -> Gap | None:
        """Hide more than `hidden` until all is proven; not `whole`: half of what is shown at once."""
        cost, open_to = self.cost, set(self.candidates).difference(hidden)
        pattern, first = self.every.hiding(*hidden), list[tuple[int, int]]()
        while (gap := self.proof.close(self.search.under(pattern), first=first)) is not None:
            self.cut(gap)
            choices = [q for q in gap.stops if q in open_to] if whole else []
            order = sorted(choices or open_to, key=lambda q: (cost[q], self.tie(q)))
            if not order or (whole and self.solver.work.over):
                return gap
            gone = order[:1] if whole else order[: (len(order) + 1) // 2]
            open_to.difference_update(gone)
            pattern = pattern.hiding(*gone)
            first = [(int(np.flatnonzero(self.proof.attackers == gap.attacker)[0]), gap.quantity)]
        self.pattern = pattern
        return None

    def cut(self, gap: Gap, *also: int) -> None:
        """Remember what narrows too far, and whether that is proven of it alone."""
        self.cuts.append(gap.stops.union(also))
        if gap.proven:
            self.proven.append(gap.stops)

    def show(self, quantity: int) -> bool:
        """Show a quantity if all stays proven."""
        would = {*np.flatnonzero(self.pattern.shown).tolist(), quantity}
        if any(cut <= would for cut in self.cuts if quantity in cut):
            return False
        trial = self.pattern.showing(quantity)
        size = self.moves.size
        gone: Bools = np.asarray(self.moves.effects[:size, quantity] != 0)
        matrix, most, sources = trial.ceilings
        new = np.flatnonzero([quantity in some for some in sources])
        if len(new):
            # What the new sum, and what it leaves of others, leaves to each must stay clear of small values.
            room = most[new] - matrix[new] @ self.system.truth
            gone |= (matrix[new] @ self.moves.moves[:size].T > room[:, None]).any(axis=0)
        before = self.proof.high.copy(), self.proof.low.copy()
        columns = np.flatnonzero((self.moves.effects[:size][gone] != 0).any(axis=0) & self.proof.needs.any(axis=0))
        self.proof.read(columns, usable=~gone)
        gap = self.proof.close(self.search.under(trial), first=self.failed[:8])
        if gap is not None:
            self.cut(gap, quantity)
            spot = (int(np.flatnonzero(self.proof.attackers == gap.attacker)[0]), gap.quantity)
            self.failed = [spot, *(f for f in self.failed if f != spot)]
            # Moves found on the way keep everything that is shown, so they stay.
            self.proof.high, self.proof.low = (
                np.maximum(before[0], self.proof.high),
                np.minimum(before[1], self.proof.low),
            )
            return False
        self.pattern = trial
        self.moves.drop(np.concatenate([gone, np.zeros(self.moves.size - size, bool)]))
        return True
