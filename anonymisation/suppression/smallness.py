"""Which quantities are small in a world, for each attacker (FORMATS.md, *Safe*)."""

from __future__ import annotations

import numpy as np

from anonymisation.suppression.system import Bools, Ints, System


class Smallness:
    """Asks of any world what is small in it; the world need not be the truth."""

    def __init__(self, system: System) -> None:
        self.system = system
        # By columns: by rows each contributor's part would be as long as the list of quantities.
        columns = system.matrix.tocsc()
        self._mine = [np.flatnonzero(system.owner == a) for a in range(len(system.contributors))]
        self._own = [columns[:, mine] for mine in self._mine]
        # A quantity is one for an attacker only if something besides its own part is in it.
        every = system.matrix.getnnz(axis=1)
        self.others = [every > np.bincount(own.indices, minlength=len(every)) for own in self._own]
        self.group = np.flatnonzero(system.margin_of >= 0)

    def values(self, world: Ints, attacker: int) -> Ints:
        """Return every quantity (q,) in `world`, less the attacker's own part."""
        value: Ints = self.system.matrix @ world
        return value if attacker < 0 else value - self._own[attacker] @ world[self._mine[attacker]]

    def small(self, world: Ints, attacker: int) -> Bools:
        """Return (q,) whether each quantity is small in `world` for the attacker."""
        system = self.system
        value = self.values(world, attacker)
        small: Bools = (value >= system.small_from) & (value < system.small_to)
        small[self.group] &= value[system.margin_of[self.group]] > 0
        small[self.few(world)] = True
        if attacker >= 0:
            small &= self.others[attacker]
        return small

    def few(self, world: Ints) -> Ints:
        """Return the published sums that are above 0 from too few contributors in `world`."""
        system = self.system
        if system.fewest.max(initial=1) <= 1:
            return np.zeros(0, np.int64)
        shares = (system.parts @ world).reshape(-1, len(system.sums)) > 0
        number = shares.sum(axis=0)
        found: Ints = system.sums[(number > 0) & (number < system.fewest)]
        return found
