"""Small regions for the perturbing methods: programmes with every kind of dimension, and the people in them."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from anonymisation import Counts, Programme, Release

TEXT = """
[programme]
id = "{name}"
period = "2026"
population = "people"
contributor = "place"
[policy]
threshold = {threshold}
insiders = {insiders}
method = "{method}"
{options}
[dimensions.place]
total = "REGION"
codes = ["A", "B", "C"]
[dimensions.place.levels.side]
WEST = ["A", "B"]
EAST = ["C"]
[dimensions.home]
total = "ALL"
codes = ["OWN", "RENT", "NONE"]
[dimensions.home.levels.roof]
ROOF = ["OWN", "RENT"]
NO_ROOF = ["NONE"]
[dimensions.need]
total = "ALL"
codes = ["X", "Y"]
multi = true
complete = {complete}
[[tables]]
id = "home"
dimensions = ["place", "home"]
[[tables]]
id = "need"
dimensions = ["home", "need"]
levels = {{ home = ["roof", "total"] }}
"""


def programme(*, name="p", threshold=3, insiders=False, method="round", options="", complete=False) -> Programme:
    """A programme over three places, three homes and two needs."""
    flags = {"insiders": str(insiders).lower(), "complete": str(complete).lower()}
    return Programme.parse(TEXT.format(name=name, threshold=threshold, method=method, options=options, **flags))


def count(told: Programme, people: list[tuple[str, str, frozenset[str]]], contributors=None) -> Counts:
    """Tabulate people one by one: the slow, obvious way."""
    tables = {t.id: np.zeros([told.dimension(n).size for n in t.axes(told)], dtype=int) for t in told.tables}
    for place, home, needs in people:
        spots = {
            "place": [told.dimension("place").codes.index(place)],
            "home": [told.dimension("home").codes.index(home)],
            "need": [*(told.dimension("need").codes.index(n) for n in needs), 2],
        }
        for table in told.tables:
            for at in product(*(spots[name] for name in table.axes(told))):
                tables[table.id][at] += 1
    return Counts.from_tables(told, tables, contributors=contributors)


def persons(*, complete=False, most=25, places="ABC"):
    """A strategy for lists of people."""
    needs = st.frozensets(st.sampled_from("XY"), min_size=int(complete))
    one = st.tuples(st.sampled_from(places), st.sampled_from(["OWN", "RENT", "NONE"]), needs)
    return st.lists(one, max_size=most)


def truth(counts: Counts) -> dict[tuple[str, tuple[str, ...]], int]:
    """Every published cell's true count, summed leaf by leaf."""
    told, found = counts.programme, {}
    for table, key in told.cells():
        axes, total = table.axes(told), 0
        for at, n in np.ndenumerate(counts.tables[table.id]):
            inside = all(
                at[axes.index(name)] in told.dimension(name).members[code]
                for name, code in zip(table.dimensions, key, strict=True)
            )
            total += int(n) if inside else 0
        found[table.id, key] = total
    return found


def contradictions(release: Release) -> list[str]:
    """Where a release does not add up, within a table or between tables."""
    wrong, value = [], release.values
    for table in release.programme.tables:
        for at, name in enumerate(table.dimensions):
            dimension = release.programme.dimension(name)
            for key in {c.key[:at] + c.key[at + 1 :] for c in release.cells[table.id]}:
                line = {c: value.get((table.id, (*key[:at], c, *key[at:]))) for c in dimension.members}
                total = line[dimension.total]
                if dimension.multi:
                    wrong += [f"{table.id} {key} {c}" for c in dimension.codes if (line[c] or 0) > (total or 0)]
                    if dimension.complete and sum(line[c] or 0 for c in dimension.codes) < (total or 0):
                        wrong.append(f"{table.id} {key} complete")
                    continue
                for names in [table.levels[at]]:
                    for level in names:
                        codes = dimension.at_level(level)
                        if sum(line[c] or 0 for c in codes) != (total or 0):
                            wrong.append(f"{table.id} {key} {level}")
    both = [("home", ("REGION", h), "need", (h, "ALL")) for h in ("ROOF", "NO_ROOF", "ALL")]
    return wrong + [f"{a} {b}" for t, a, u, b in both if value.get((t, a)) != value.get((u, b))]
