"""From the package's plain values (programme, counts, release) to the oracle's own words."""

import numpy as np

from anonymisation import Counts, Programme, Release
from anonymisation.programme import Zeros
from anonymisation.release import Cell, Why
from tests.oracle.region import Dim, Key, Publication, Region, Table
from tests.oracle.worlds import unknowns


def publication(release: Release) -> Publication:
    """A release as the oracle sees it."""
    programme = release.programme
    dims = tuple(
        Dim(
            d.name,
            d.total,
            d.codes,
            tuple(group for level in d.levels for group in level.groups),
            d.multi,
            d.complete,
        )
        for d in programme.dimensions
    )
    tables = tuple(
        Table(t.id, t.dimensions, t.threshold, t.width, t.zeros is Zeros.HIDE, t.sensitive) for t in programme.tables
    )
    return Publication(
        dims,
        tables,
        programme.contributor,
        release.contributors,
        frozenset((t.id, c.key) for t, c in release),
        {place: told(release, value) for place, value in release.values.items()},
        programme.policy.min_contributors,
    )


def told(release: Release, value: int) -> tuple[int, int]:
    """What a shown value says: itself, or within the stated deviation; where zeros are kept, only 0 may be 0."""
    off = int(release.stated.get("max_deviation", 0))
    least = 1 if release.stated.get("zeros") == "kept" and value > 0 else 0
    return max(least, value - off), value + off


def region(release: Release, *earlier: Release) -> Region:
    """A release and earlier ones about the same people."""
    policy = release.programme.policy
    insiders = policy.insiders and release.programme.contributor is not None
    return Region(publication(release), tuple(publication(r) for r in earlier), insiders, policy.rule_aware)


def true_world(where: Region, counts: list[Counts]) -> np.ndarray:
    """The true world over `unknowns(region)`; `counts` of each publication, the current one first."""
    return np.array([_count(counts[p], table_id, key) for p, table_id, key in unknowns(where)], dtype=np.int64)


def _count(counts: Counts, table_id: str, key: Key) -> int:
    programme = counts.programme
    axes = programme.table(table_id).axes(programme)
    place = []
    for name, code in zip(axes, key, strict=True):
        dimension = programme.dimension(name)
        place.append(dimension.members[code][0])
    return int(counts.tables[table_id][tuple(place)])


def publish(counts: Counts, hidden: set[tuple[str, Key]], *, revision: int = 0) -> Release:
    """A release of true values with a given pattern: what a careless publisher would print."""
    programme = counts.programme
    cells = {}
    for table in programme.tables:
        found = []
        for key in table.published(programme):
            if (table.id, key) in hidden:
                found.append(Cell(key, None, Why.PROTECTED))
            else:
                found.append(Cell(key, true_value(counts, table.id, key)))
        cells[table.id] = tuple(found)
    return Release(programme, counts.contributors, cells, revision)


def true_value(counts: Counts, table_id: str, key: Key) -> int:
    """The true value of a published cell."""
    programme = counts.programme
    table = programme.table(table_id)
    axes = table.axes(programme)
    full = key if len(axes) == len(key) else (*key, programme.dimension(axes[-1]).total)
    picks = [list(programme.dimension(name).members[code]) for name, code in zip(axes, full, strict=True)]
    return int(counts.tables[table_id][np.ix_(*picks)].sum())


def programme_of(text: str) -> Programme:
    """A programme from TOML."""
    return Programme.parse(text)
