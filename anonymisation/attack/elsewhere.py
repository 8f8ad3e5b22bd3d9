"""What changes for all attackers at once when one part of the world changes: values, smallness, what must be wide."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import Ints
from anonymisation.attack.quantities import Flags


class Everyone:
    """The truth as every attacker sees it.

    Columns of two-dimensional arrays are attackers: the contributors in their order, then the public. Rows are the
    public's targets; for a contributor each stands for the target without the contributor's own part.
    """

    def __init__(self, attackers: dict[int, Attacker], base: Ints) -> None:
        public = attackers[PUBLIC]
        self.eyes, self.base = public.eyes, base
        self.quantities = public.eyes.quantities
        self.who = (*sorted(who for who in attackers if who != PUBLIC), PUBLIC)
        owner = self.quantities.system.owner()
        contributors = int(owner.max()) + 1 if len(owner) else 0
        one = np.zeros((len(base), contributors), dtype=np.int64)
        held = np.flatnonzero(owner >= 0)
        one[held, owner[held]] = base[held]
        targets = public.eyes.targets
        self.by_owner: Ints = np.asarray(targets @ one)
        whole = np.asarray(targets @ base)
        self.values: Ints = np.stack([whole - (self.by_owner[:, w] if w >= 0 else 0) for w in self.who], axis=1)
        self.kept: Flags = np.zeros((len(public.eyes.kept), len(self.who)), dtype=bool)
        self.needed: Ints = np.zeros(self.values.shape, dtype=np.int64)
        place = {int(number): at for at, number in enumerate(public.eyes.kept)}
        self.target_of: dict[int, Ints] = {}
        for column, who in enumerate(self.who):
            attacker = attackers[who]
            rows = np.array([place[int(number)] for number in attacker.eyes.kept], dtype=np.int64)
            self.kept[rows, column] = True
            self.target_of[who] = public.eyes.target[rows]
            widths = np.where(attacker.small, self.quantities.width[attacker.eyes.kept], 0)
            np.maximum.at(self.needed[:, column], self.target_of[who], widths)
        cell_target = dict(
            zip(self.quantities.cell[public.eyes.kept].tolist(), public.eyes.target.tolist(), strict=True)
        )
        grouped = self.quantities.margin[public.eyes.kept]
        # A group quantity has another target than its cell: the cell's plain quantity comes before it in each table.
        plain = {
            int(cell): int(target)
            for cell, target, margin in zip(
                self.quantities.cell[public.eyes.kept], public.eyes.target, grouped, strict=True
            )
            if margin < 0
        }
        cell_target.update(plain)
        self.margin_target = np.array([cell_target.get(int(m), -1) if m >= 0 else -1 for m in grouped], dtype=np.int64)


@dataclass(frozen=True)
class Change:
    """A part changed: the targets it touches (`rows`), their values for each attacker, and what must now be wide.

    `needed` runs over `asked` (numbers of targets), which begin with `rows`.
    """

    values: Ints
    needed: Ints


class Corner:
    """The quantities that a part touches, ready to be valued for any change of it."""

    def __init__(self, everyone: Everyone, part: Part, rows: Ints, targets: Ints) -> None:
        self.everyone, self.part, self.rows = everyone, part, rows
        self._targets = targets.astype(float)
        eyes, quantities = everyone.eyes, everyone.quantities
        inside = np.zeros(len(everyone.values), dtype=bool)
        inside[rows] = True
        margin = everyone.margin_target
        # A sum that is fixed as a whole can still come to be made by fewer contributors.
        block = sparse.csr_matrix(eyes.targets[:, part.columns])
        touched = np.diff(block.indptr) > 0
        splits = quantities.split[eyes.kept] & touched[eyes.target]
        self.chosen = np.flatnonzero(inside[eyes.target] | ((margin >= 0) & inside[np.maximum(margin, 0)]) | splits)
        mine = eyes.kept[self.chosen]
        asked = eyes.target[self.chosen]
        more = np.setdiff1d(np.concatenate([asked, margin[self.chosen][margin[self.chosen] >= 0]]), rows)
        self.asked: Ints = np.concatenate([rows, more])
        place = np.full(len(everyone.values), -1)
        place[self.asked] = np.arange(len(self.asked))
        self._at = place[asked]
        self._grouped = np.flatnonzero(margin[self.chosen] >= 0)
        self._margin_at = place[margin[self.chosen][self._grouped]]
        self._threshold = quantities.threshold[mine][:, np.newaxis]
        self._width = quantities.width[mine][:, np.newaxis]
        zeros = quantities.zeros_small[mine] | (margin[self.chosen] >= 0)
        self._least = np.where(zeros, 0, 1)[:, np.newaxis]
        self._split = np.flatnonzero(quantities.split[mine])
        self._few = quantities.least_contributors[mine[self._split]]
        self._kept = everyone.kept[self.chosen]
        self._split_targets = asked[self._split]
        self._splits = np.asarray(block[self._split_targets].toarray(), dtype=float)
        self._owners = np.zeros((len(part.columns), everyone.by_owner.shape[1]))
        held = np.flatnonzero(part.owner >= 0)
        self._owners[held, part.owner[held]] = 1

    def change(self, move: Ints) -> Change:
        """The world after `move` (over the part's columns) as everyone sees it."""
        everyone = self.everyone
        by_owner = np.rint(self._targets @ (self._owners * move[:, np.newaxis])).astype(np.int64)
        whole = np.rint(self._targets @ move).astype(np.int64)
        values = everyone.values[self.asked]
        count = len(self.rows)
        for column, who in enumerate(everyone.who):
            values[:count, column] += whole - (by_owner[:, who] if who >= 0 else 0)
        found = values[self._at]
        small = (found >= self._least) & (found < self._threshold)
        if len(self._grouped):
            small[self._grouped] &= values[self._margin_at] > 0
        if len(self._split):
            parted = np.rint(self._splits @ (self._owners * move[:, np.newaxis])).astype(np.int64)
            above = (everyone.by_owner[self._split_targets] + parted > 0).sum(axis=1)
            small[self._split] |= ((above > 0) & (above < self._few))[:, np.newaxis]
        small &= self._kept
        needed = np.zeros(values.shape, dtype=np.int64)
        np.maximum.at(needed, self._at, np.where(small, self._width, 0))
        return Change(values[:count], needed)
