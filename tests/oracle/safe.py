"""*Safe* of FORMATS.md section 1, read aloud over all worlds."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from tests.oracle.region import Key, Publication, Region, Table
from tests.oracle.worlds import Unknown, full_key, members, unknowns


@dataclass(frozen=True)
class Quantity:
    """A sum of unknowns that an attacker wants to know. `margin` names the dimension of a group quantity."""

    publication: int
    table: Table
    key: Key
    margin: str | None
    plus: tuple[Unknown, ...]
    minus: tuple[Unknown, ...]
    per_contributor: tuple[tuple[Unknown, ...], ...] = ()
    """For a published cell that sums over contributors: the whole cell, split by contributor."""


@dataclass(frozen=True)
class Finding:
    """What an attacker knows about a small quantity: its least and greatest value in all witness worlds."""

    who: str
    quantity: Quantity
    lower: int
    upper: int


def attackers(region: Region) -> list[str]:
    """The public, and each contributor."""
    inside = sorted({c for pub in region.publications() for c in pub.delivered}) if region.insiders else []
    return ["public", *inside]


def quantities(region: Region, who: str) -> list[Quantity]:
    """All quantities of an attacker, over the tables of all publications."""
    return [
        q
        for p, pub in enumerate(region.publications())
        for table in pub.tables
        for key in product(*(pub.positions(name) for name in pub.axes(table)))
        for q in _of_cell(p, pub, table, key, who)
    ]


def _of_cell(p: int, pub: Publication, table: Table, key: Key, who: str) -> list[Quantity]:
    axes = pub.axes(table)
    at = axes.index(pub.contributor) if pub.contributor else None

    def rest(cell: list[Unknown]) -> tuple[Unknown, ...]:
        return tuple(u for u in cell if at is None or u[2][at] != who)

    whole = members(p, pub, table, key)
    if not rest(whole):
        return []
    split: tuple[tuple[Unknown, ...], ...] = ()
    if at is not None and len(pub.dim(axes[at]).positions()[key[at]]) > 1:
        published = {full_key(pub, table, k) for t, k in pub.published if t == table.id}
        if key in published:
            split = tuple(tuple(u for u in whole if u[2][at] == c) for c in pub.delivered)
    found = [Quantity(p, table, key, None, rest(whole), (), split)]
    if table.sensitive:
        for i, name in enumerate(axes):
            total = pub.dim(name).total
            if name != pub.contributor and key[i] != total:
                margin = members(p, pub, table, (*key[:i], total, *key[i + 1 :]))
                found.append(Quantity(p, table, key, name, rest(margin), rest(whole)))
    return found


class Verdict:
    """Judges one region in one true world, given all its worlds (rows over `unknowns(region)`)."""

    def __init__(self, region: Region, worlds: np.ndarray) -> None:
        self.region = region
        self.worlds = worlds
        self.names = unknowns(region)
        self.place = {name: i for i, name in enumerate(self.names)}
        self.by_attacker = {who: quantities(region, who) for who in attackers(region)}
        self.values = {
            who: self._stack([self._sum(q.plus) - self._sum(q.minus) for q in found])
            for who, found in self.by_attacker.items()
        }
        self.own = {who: self._own(who) for who in self.by_attacker}

    def _sum(self, cell: tuple[Unknown, ...]) -> np.ndarray:
        return self.worlds[:, [self.place[u] for u in cell]].sum(axis=1)

    def _stack(self, columns: list[np.ndarray]) -> np.ndarray:
        """Columns side by side; none for the only contributor, whom there is nothing left to ask about."""
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.worlds), 0), dtype=np.int64)

    def _own(self, who: str) -> np.ndarray:
        """The columns that this attacker knows because they are its own counts."""
        columns = []
        for i, (p, table_id, key) in enumerate(self.names):
            pub = self.region.publications()[p]
            table = next(t for t in pub.tables if t.id == table_id)
            if pub.contributor and key[pub.axes(table).index(pub.contributor)] == who:
                columns.append(i)
        return np.array(columns, dtype=int)

    def small(self, who: str) -> np.ndarray:
        """For each world and quantity of the attacker: is it small there? Shape (worlds, quantities)."""
        found = []
        for i, q in enumerate(self.by_attacker[who]):
            value = self.values[who][:, i]
            below = (value >= 1) & (value < q.table.threshold)
            if q.margin is not None:
                found.append((below | (value == 0)) & (self._sum(q.plus) > 0))
                continue
            if q.table.zeros_small:
                below |= value == 0
            least = self.region.publications()[q.publication].min_contributors
            if q.per_contributor:
                above = np.stack([self._sum(cell) > 0 for cell in q.per_contributor]).sum(axis=0)
                below |= (above > 0) & (above < least)
            found.append(below)
        return self._stack(found).astype(bool)

    def groups(self, who: str) -> dict[tuple[int, ...], np.ndarray]:
        """The worlds that look alike to an attacker: same shown values (all do) and the same own counts."""
        alike: dict[tuple[int, ...], list[int]] = {}
        for w, row in enumerate(self.worlds[:, self.own[who]]):
            alike.setdefault(tuple(int(v) for v in row), []).append(w)
        return {own: np.array(rows) for own, rows in alike.items()}

    def would_be_safe(self) -> np.ndarray:
        """(iii) For each world: would this release be safe there, with (i) and (ii) only?"""
        good = np.ones(len(self.worlds), dtype=bool)
        for who, found in self.by_attacker.items():
            small = self.small(who)
            width = np.array([q.table.width for q in found])
            for rows in self.groups(who).values():
                values = self.values[who][rows]
                narrow = values.max(axis=0) - values.min(axis=0) < width
                good[rows] &= ~(small[rows] & narrow).any(axis=1)
        return good

    @cached_property
    def safe_there(self) -> np.ndarray:
        """The same, worked out once."""
        return self.would_be_safe()

    def ranges(self, truth: np.ndarray, who: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Least and greatest value of each quantity over the attacker's witness worlds; None without any."""
        keep = (self.worlds[:, self.own[who]] == truth[self.own[who]]).all(axis=1)
        if self.region.rule_aware:
            keep &= self.safe_there
        if not keep.any():
            return None
        return self.values[who][keep].min(axis=0), self.values[who][keep].max(axis=0)

    def findings(self, truth: np.ndarray) -> list[Finding]:
        """Every small quantity without two witness worlds far enough apart; empty: the release is safe."""
        at = np.flatnonzero((self.worlds == truth).all(axis=1))
        if len(at) != 1:
            msg = "the truth is not one of the worlds"
            raise ValueError(msg)
        found = []
        for who, asked in self.by_attacker.items():
            small = self.small(who)[at[0]]
            ranges = self.ranges(truth, who)
            for i, q in enumerate(asked):
                if not small[i]:
                    continue
                low, high = (0, 0) if ranges is None else (int(ranges[0][i]), int(ranges[1][i]))
                if high - low < q.table.width:
                    found.append(Finding(who, q, low, high))
        return found
