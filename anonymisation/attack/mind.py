"""What one attacker would make of another world: clause (iii) of *Safe* asks whether the release is safe there too.

An attacker's ranges depend on its own counts only, and on those part by part. So each is worked out once for every set of
own counts in a part that turns up, and worlds that differ in one part share all that was found in the others.
"""

import numpy as np
from scipy import sparse

from anonymisation.attack.attacker import Attacker, Case
from anonymisation.attack.insight import Insight
from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import Ints, NoWorldError, Polytope, Rows


class View:
    """One attacker's ranges within one part, for one set of own counts."""

    def __init__(self, polytope: Polytope, targets: sparse.csr_matrix, rows: Ints, case: Case) -> None:
        self.rows = rows
        """Numbers of the attacker's targets that the part touches."""
        self.insight = Insight(targets, polytope, case.work)

    def width(self) -> Ints:
        """Seen width within the part, over `rows`."""
        return self.insight.seen_high - self.insight.seen_low


class Mind:
    """One attacker in any world. `parts` are the public's; `who` is -1 for the public."""

    def __init__(self, attacker: Attacker, parts: list[Part], base: Ints) -> None:
        self.attacker, self.parts, self.base = attacker, parts, base
        self.who = attacker.who
        self.case = attacker.case
        truth = self.case.truth
        if truth is None:
            own = np.empty(0, dtype=np.int64)
            self._cells = sparse.csr_matrix((0, len(base)), dtype=np.int64)
        else:
            own = np.flatnonzero(truth.owner == self.who) if self.who >= 0 else np.empty(0, dtype=np.int64)
            self._cells = sparse.csr_matrix(truth.cells[own])
        self._targets: list[sparse.csr_matrix] = []
        self._rows: list[Ints] = []
        self._own: list[sparse.csr_matrix] = []
        for part in parts:
            local = sparse.csr_matrix(attacker.eyes.targets[:, part.columns])
            rows = np.flatnonzero(np.diff(local.indptr) > 0)
            self._targets.append(sparse.csr_matrix(local[rows]))
            self._rows.append(rows)
            mine = sparse.csr_matrix(self._cells[:, part.columns])
            self._own.append(sparse.csr_matrix(mine[np.flatnonzero(np.diff(mine.indptr) > 0)]))
        self._views: dict[tuple[int, bytes], View] = {}
        self._usual = np.zeros((len(parts), attacker.eyes.targets.shape[0]), dtype=np.int64)
        for number in range(len(parts)):
            view = self.view(number, base)
            for world in attacker.insight.worlds:
                view.insight.witness(world[parts[number].columns])
            self._usual[number, view.rows] = view.width()

    def own(self, number: int, world: Ints) -> Ints:
        """The attacker's own counts in a part of a world (without those that the part leaves out)."""
        return np.asarray(self._own[number] @ world[self.parts[number].columns])

    def knows(self, world: Ints) -> bool:
        """Whether the attacker's own counts in a world are those of the truth."""
        return bool(np.array_equal(self._cells @ world, self._cells @ self.base))

    def polytope(self, number: int, world: Ints, *, lower: Ints | None = None, upper: Ints | None = None) -> Polytope:
        """All that the part can be, for this attacker with its own counts of `world`."""
        part = self.parts[number]
        own = self.own(number, world)
        rows = part.rows.and_also(Rows(self._own[number], own, own))
        low = part.lower if lower is None else np.maximum(part.lower, lower)
        high = part.upper if upper is None else np.minimum(part.upper, upper)
        return Polytope(rows, low, high, cap=self.case.cap)

    def view(self, number: int, world: Ints) -> View:
        """Ranges within a part for the own counts of `world`; made at the first asking, seeded by moves known before."""
        key = (number, self.own(number, world).tobytes())
        known = self._views.get(key)
        if known is not None:
            return known
        view = View(self.polytope(number, world), self._targets[number], self._rows[number], self.case)
        self._views[key] = view
        columns = self.parts[number].columns
        view.insight.witness(world[columns])
        usual = self._views.get((number, self.own(number, self.base).tobytes()))
        if usual is not None and usual is not view and usual.insight.worlds:
            # What leads from the truth to a world leads from here to another, unless something falls below zero.
            moved = np.array(usual.insight.worlds) - self.base[columns] + world[columns]
            for candidate in moved[view.insight.polytope.contains_all(moved)]:
                view.insight.witness(candidate)
        return view

    def fails(self, world: Ints, changed: list[int]) -> tuple[int, Ints] | None:
        """Which targets are small in `world` and not proven wide: (a part where it fails, their numbers); None if none.

        `changed` are the parts in which the world differs from the truth.
        """
        eyes = self.attacker.eyes
        needed = eyes.needed(eyes.small(world[np.newaxis, :])[0])
        width = self._usual.sum(axis=0)
        views = {}
        for number in changed:
            view = self.view(number, world)
            width[view.rows] += view.width() - self._usual[number, view.rows]
            views[number] = view
        lacking = needed > width
        if not lacking.any():
            return None
        for number in self._touching(lacking):
            view = views[number] if number in views else self.view(number, world)
            before = view.width()
            missing = np.where(lacking, needed - width, 0)[view.rows]
            try:
                view.insight.prove(np.where(missing > 0, before + missing, 0))
            except NoWorldError:
                return number, np.flatnonzero(lacking)
            width[view.rows] += view.width() - before
            if number not in views:
                self._usual[number, view.rows] = view.width()
            lacking = needed > width
            if not lacking.any():
                return None
        return next(iter(self._touching(lacking)), -1), np.flatnonzero(lacking)

    def elsewhere(self, number: int) -> Ints:
        """Width that each target has from all parts but one, with the own counts of the truth."""
        return np.asarray(self._usual.sum(axis=0) - self._usual[number])

    def _touching(self, lacking: np.ndarray) -> list[int]:
        return [number for number, rows in enumerate(self._rows) if lacking[rows].any()]
