"""Small programmes, counts and patterns for Hypothesis: few enough worlds to enumerate, every clause of *Safe*."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from anonymisation import Counts, Programme, Release
from tests.oracle.adapter import publish

PLACES = ("A", "B", "C", "D")
MOST_PEOPLE = 9


@dataclass(frozen=True)
class Setting:
    """A programme with true counts and a release of some pattern, and earlier releases with their counts."""

    counts: Counts
    release: Release
    earlier: tuple[Release, ...] = ()
    earlier_counts: tuple[Counts, ...] = ()


def programme_text(
    *, places: int, kinds: int, tables: str, policy: str, multi: str = "", levels: bool = False, name: str = "p"
) -> str:
    """The TOML of a small programme: places, kinds (perhaps with levels), and perhaps a list with several codes."""
    codes = ["K", "L", "M"][:kinds]
    text = f"""
[programme]
id = "{name}"
period = "2026"
population = "people"
contributor = "place"
[policy]
{policy}
[dimensions.place]
total = "ALL"
codes = {list(PLACES[:places])}
"""
    if levels:
        text += f"[dimensions.place.levels.part]\nWEST = {list(PLACES[: places - 1])}\nEAST = {[PLACES[places - 1]]}\n"
    if "kind" in tables:
        text += f'[dimensions.kind]\ntotal = "ALL"\ncodes = {codes}\n'
    if "list" in tables:
        text += f'[dimensions.list]\ntotal = "ALL"\ncodes = ["X"]\nmulti = true\n{multi}\n'
    return text.replace("'", '"') + tables


def draw_policy(draw: st.DrawFn, *, width: int | None = None, rule_aware: bool | None = None) -> str:
    """A policy of small numbers."""
    aware = draw(st.booleans()) if rule_aware is None else rule_aware
    return "\n".join(
        [
            f"threshold = {draw(st.integers(2, 3))}",
            f"width = {draw(st.integers(1, 3)) if width is None else width}",
            f'zeros = "{draw(st.sampled_from(["publish", "publish", "hide"]))}"',
            f"insiders = {str(draw(st.sampled_from([True, True, False]))).lower()}",
            f"rule_aware = {str(aware).lower()}",
            f"min_contributors = {draw(st.integers(1, 3))}",
        ]
    )


TABLES = {
    "places": '[[tables]]\nid = "places"\ndimensions = ["place"]\n',
    "crossed": '[[tables]]\nid = "crossed"\ndimensions = ["place", "kind"]\n',
    "region": '[[tables]]\nid = "region"\ndimensions = ["kind"]\n',
    "pair": '[[tables]]\nid = "pair"\ndimensions = ["kind", "list"]\n',
    "list": '[[tables]]\nid = "list"\ndimensions = ["list"]\n',
}


@st.composite
def settings(draw: st.DrawFn, *, rule_aware: bool | None = None, history: bool = False) -> Setting:
    """A whole setting. The people are few, and the grand total is usually shown, so that the worlds are finite."""
    chosen = draw(st.sampled_from([("places",), ("crossed",), ("region",), ("places", "region"), ("list",), ("pair",)]))
    kinds = draw(st.integers(1, 2)) if {"crossed", "region", "pair"} & set(chosen) else 1
    places = draw(st.integers(2, 4 if kinds * len(chosen) == 1 and not {"list", "pair"} & set(chosen) else 3))
    width = draw(st.integers(1, 3))
    more = f"sensitive = {str(draw(st.booleans())).lower()}\n"
    # A table that does not say so itself has no width below its threshold.
    more += draw(st.sampled_from(["", f"width = {width}\n"]))
    tables = "".join(TABLES[name] + more for name in chosen)
    complete = draw(st.sampled_from(["", "complete = true"]))
    levels = places > 2 and draw(st.booleans())
    shape = {"places": places, "kinds": kinds, "multi": complete, "levels": levels}
    policy = draw_policy(draw, width=width, rule_aware=rule_aware)
    programme = Programme.parse(programme_text(tables=tables, policy=policy, **shape))
    counts = draw_counts(draw, programme)
    release = publish(counts, draw_pattern(draw, programme))
    if not history:
        return Setting(counts, release)
    # An earlier release over the same tables under another name and pattern: the same people twice.
    before = Programme.parse(programme_text(tables=tables, policy=policy, name="q", **shape))
    same = Counts.from_tables(before, dict(counts.tables))
    return Setting(counts, release, (publish(same, draw_pattern(draw, before)),), (same,))


def draw_counts(draw: st.DrawFn, programme: Programme) -> Counts:
    """People one by one, so that all tables agree."""
    places = programme.contributors
    people = draw(st.lists(st.integers(0, 10**6), max_size=MOST_PEOPLE))
    tables = {}
    for table in programme.tables:
        dimensions = [programme.dimension(name) for name in table.axes(programme)]
        array = np.zeros([d.size for d in dimensions], dtype=np.int64)
        for person in people:
            spots: list[tuple[int, ...]] = [()]
            for d in dimensions:
                if d.name == programme.contributor:
                    held = [person % len(places)]
                elif d.multi:
                    held = [len(d.codes)]
                    if d.complete or person // 7 % 2:
                        held.append(0)
                else:
                    held = [person // 11 % len(d.codes)]
                spots = [(*spot, at) for spot in spots for at in held]
            for spot in spots:
                array[spot] += 1
        tables[table.id] = array
    return Counts.from_tables(programme, tables)


def draw_pattern(draw: st.DrawFn, programme: Programme) -> set[tuple[str, tuple[str, ...]]]:
    """Which published cells are hidden: at random, the grand totals seldom."""
    hidden = set()
    for table, key in programme.cells():
        grand = all(code == programme.dimension(name).total for name, code in zip(table.dimensions, key, strict=True))
        if not grand and draw(st.sampled_from([True, True, False])):
            hidden.add((table.id, key))
    return hidden
