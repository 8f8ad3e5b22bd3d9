"""What the oracle works on: a region small enough to be enumerated, in the plainest words of FORMATS.md section 1."""

from dataclasses import dataclass
from itertools import product

Key = tuple[str, ...]


@dataclass(frozen=True)
class Dim:
    """A dimension. `levels` are groups of codes: (group code, member codes); all named levels in one list."""

    name: str
    total: str
    codes: tuple[str, ...]
    levels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    multi: bool = False
    complete: bool = False

    def leaves(self) -> tuple[str, ...]:
        """The codes that have an unknown of their own: people in a multi dimension are counted in the total too."""
        return (*self.codes, self.total) if self.multi else self.codes

    def positions(self) -> dict[str, tuple[str, ...]]:
        """Every code of the full cross with all margins and levels, and the leaves that it sums."""
        if self.multi:
            return {code: (code,) for code in self.leaves()}
        return {**{code: (code,) for code in self.codes}, **dict(self.levels), self.total: self.codes}


@dataclass(frozen=True)
class Table:
    """A table of a publication with its own rules."""

    id: str
    dims: Key
    threshold: int = 3
    width: int = 3
    zeros_small: bool = False
    sensitive: bool = False


@dataclass(frozen=True)
class Publication:
    """One release: what its programme publishes, and the values that it shows as (table, key) to (low, high)."""

    dims: tuple[Dim, ...]
    tables: tuple[Table, ...]
    contributor: str | None
    delivered: tuple[str, ...]
    published: frozenset[tuple[str, Key]]
    shown: dict[tuple[str, Key], tuple[int, int]]
    min_contributors: int = 1

    def dim(self, name: str) -> Dim:
        """The dimension of that name."""
        return next(d for d in self.dims if d.name == name)

    def axes(self, table: Table) -> Key:
        """The table's dimensions and the contributor's."""
        if self.contributor is None or self.contributor in table.dims:
            return table.dims
        return (*table.dims, self.contributor)

    def leaves(self, name: str) -> tuple[str, ...]:
        """Leaf codes of a dimension; of the contributor's only those that delivered."""
        return self.delivered if name == self.contributor else self.dim(name).leaves()

    def positions(self, name: str) -> dict[str, tuple[str, ...]]:
        """All codes of a dimension with the leaves they sum; sums over contributors are over those that delivered."""
        found = self.dim(name).positions()
        if name != self.contributor:
            return found
        return {
            code: kept for code, leaves in found.items() if (kept := tuple(c for c in leaves if c in self.delivered))
        }

    def cells(self, table: Table) -> list[Key]:
        """The leaf cells of the table's full cross: its unknowns."""
        return list(product(*(self.leaves(name) for name in self.axes(table))))


@dataclass(frozen=True)
class Region:
    """This release and the earlier ones about the same people, and how the attackers think."""

    current: Publication
    earlier: tuple[Publication, ...] = ()
    insiders: bool = True
    rule_aware: bool = False

    def publications(self) -> tuple[Publication, ...]:
        """All of them; the current one first."""
        return (self.current, *self.earlier)
