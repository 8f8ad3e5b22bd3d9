"""What changes for all attackers at once when one part of the world changes: values, smallness, what must be wide."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.chamber import Demand
from anonymisation.attack.parts import Part
from anonymisation.attack.polytope import Ints
from anonymisation.attack.quantities import Flags


class Everyone:
    """The truth as every attacker sees it.

    Columns of two-dimensional arrays are attackers: the contributors in their order, then the public. Rows are the
    public's targets; for a contributor each stands for the target without the contributor's own part.
    """

    def __init__(self, attackers: dict[int, Attacker], base: Ints) -> None:
        self.eyes = attackers[PUBLIC].eyes
        self.quantities = self.eyes.quantities
        self.who = (*sorted(who for who in attackers if who != PUBLIC), PUBLIC)
        owner = self.quantities.system.owner()
        contributors = np.unique(owner[owner >= 0])
        targets = self.eyes.targets
        own = np.where(owner[:, np.newaxis] == contributors, base[:, np.newaxis], 0)
        self.by_owner: Ints = np.asarray(targets @ own)
        whole = np.asarray(targets @ base)
        self.values: Ints = np.stack([whole - (self.by_owner[:, w] if w >= 0 else 0) for w in self.who], axis=1)
        self.kept: Flags = np.zeros((len(self.quantities.cell), len(self.who)), dtype=bool)
        self.needed: Ints = np.zeros(self.values.shape, dtype=np.int64)
        self.target_of: dict[int, Ints] = {}
        for column, who in enumerate(self.who):
            attacker = attackers[who]
            self.kept[attacker.eyes.kept, column] = True
            self.target_of[who] = attacker.eyes.target
            self.needed[:, column] = attacker.eyes.needed(attacker.small)


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
        self._targets = sparse.csr_matrix(targets)
        quantities, margin = everyone.quantities, everyone.quantities.margin
        inside = np.zeros(len(everyone.values), dtype=bool)
        inside[rows] = True
        # A sum that is fixed as a whole can still come to be made by fewer contributors.
        block = sparse.csr_matrix(everyone.eyes.targets[:, part.columns])
        splits = quantities.split & (np.diff(block.indptr) > 0)[quantities.target]
        # A margin is a cell too, and the first targets are the cells.
        self.chosen = np.flatnonzero(inside[quantities.target] | ((margin >= 0) & inside[margin]) | splits)
        asked = quantities.target[self.chosen]
        self._grouped = np.flatnonzero(margin[self.chosen] >= 0)
        margins = margin[self.chosen][self._grouped]
        self.asked: Ints = np.concatenate([rows, np.setdiff1d(np.concatenate([asked, margins]), rows)])
        place = np.zeros(len(everyone.values), dtype=np.int64)
        place[self.asked] = np.arange(len(self.asked))
        self._at, self._margin_at = place[asked], place[margins]
        self._threshold = quantities.threshold[self.chosen][:, np.newaxis]
        self._width = quantities.width[self.chosen][:, np.newaxis]
        self._least = np.where(quantities.zeros_small[self.chosen], 0, 1)[:, np.newaxis]
        self._least[self._grouped] = 0
        self._split = np.flatnonzero(quantities.split[self.chosen])
        self._few = quantities.least_contributors[self.chosen[self._split]]
        self._kept = everyone.kept[self.chosen]
        self._split_targets = asked[self._split]
        self._splits = sparse.csr_matrix(block[self._split_targets])
        contributors = np.arange(everyone.by_owner.shape[1])
        self._owners = (part.owner[:, np.newaxis] == contributors).astype(np.int64)

    def change(self, move: Ints) -> Change:
        """The world after `move` (over the part's columns) as everyone sees it."""
        everyone = self.everyone
        parted = self._owners * move[:, np.newaxis]
        by_owner, whole = self._targets @ parted, self._targets @ move
        values = everyone.values[self.asked]
        count = len(self.rows)
        for column, who in enumerate(everyone.who):
            values[:count, column] += whole - (by_owner[:, who] if who >= 0 else 0)
        found = values[self._at]
        small = (found >= self._least) & (found < self._threshold)
        small[self._grouped] &= values[self._margin_at] > 0
        above = (everyone.by_owner[self._split_targets] + self._splits @ parted > 0).sum(axis=1)
        small[self._split] |= ((above > 0) & (above < self._few))[:, np.newaxis]
        small &= self._kept
        needed = np.zeros(values.shape, dtype=np.int64)
        np.maximum.at(needed, self._at, np.where(small, self._width, 0))
        return Change(values[:count], needed)

    def too_few(self, base: Ints, move: Ints) -> list[Demand]:
        """For each sum that too few contributors make after a move a rule: one of the others must be in it, too.

        `base` is the truth and `move` the change, both over the columns of the part.
        """
        found = []
        parted = self._splits @ (self._owners * move[:, np.newaxis])
        before = self.everyone.by_owner[self._split_targets]
        above = before + parted > 0
        count = above.sum(axis=1)
        for at in np.flatnonzero((count > 0) & (count < self._few)):
            weights = self._splits[[at]].toarray()[0] * (self._owners @ ~above[at])
            used = np.flatnonzero(weights)
            elsewhere = before[at][~above[at]].sum() - weights @ base
            found.append(Demand(used, weights[used].astype(float), float(1 - elsewhere)))
        return found
