"""Settings of odd shapes for Hypothesis: whatever a programme allows, small enough to be enumerated.

Lists of several codes, levels, one contributor or none, tables without the contributor, nobody at all, a single cell,
contributors that did not deliver, sensitive lists, stricter tables, and a past of any of these shapes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from hypothesis import strategies as st

from anonymisation import Counts, Programme, Release
from tests.oracle.adapter import publish
from tests.oracle.small import MOST_PEOPLE, TABLES, Setting, draw_pattern, draw_policy, programme_text

CODES = {"place": ("A", "B", "C"), "kind": ("K", "L", "M"), "list": ("X", "Y")}
CROSSES = (("place",), ("kind",), ("place", "kind"), ("list",), ("place", "list"), ("kind", "list"))
FEW_PEOPLE = 6
Person = dict[str, tuple[int, ...]]
"""For each dimension the places on its axis where the person is counted."""


@dataclass(frozen=True)
class Shape:
    """How many codes each dimension has, and whether there are levels, a complete list, contributors."""

    sizes: dict[str, int]
    levels: bool
    complete: bool
    owned: bool

    def programme(self, tables: Sequence[str], policy: str, name: str) -> Programme:
        """A programme of tables (their TOML) over the dimensions that they need."""
        used = [one for one in CODES if f'"{one}"' in "".join(tables) or (self.owned and one == "place")]
        head = f'[programme]\nid = "{name}"\nperiod = "2026"\npopulation = "people"\n'
        head += 'contributor = "place"\n' if self.owned else ""
        return Programme.parse(head + f"[policy]\n{policy}\n" + "".join(map(self._dimension, used)) + "".join(tables))

    def _dimension(self, name: str) -> str:
        codes = CODES[name][: self.sizes[name]]
        text = f'[dimensions.{name}]\ntotal = "ALL"\ncodes = {_array(codes)}\n'
        if name == "list":
            return text + f"multi = true\ncomplete = {str(self.complete).lower()}\n"
        if self.levels and len(codes) > 1:
            text += f"levels = {{ part = {{ P = {_array(codes[:-1])}, Q = {_array(codes[-1:])} }} }}\n"
        return text

    def table(self, draw: st.DrawFn, cross: tuple[str, ...]) -> str:
        """A table over some dimensions, published at some levels, perhaps stricter than the policy."""
        text = table_of(*cross)
        chosen = []
        for name in cross:
            every = ["code", *(["part"] if self.levels and name != "list" and self.sizes[name] > 1 else []), "total"]
            some = draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
            chosen.append(f"{name} = {_array(sorted(some, key=every.index))}")
        if draw(st.booleans()):
            text += f"levels = {{ {', '.join(chosen)} }}\n"
        stricter = draw(st.sampled_from(["", "threshold = 3\n", 'zeros = "hide"\n']))
        return text + stricter + f"sensitive = {str(draw(st.booleans())).lower()}\n"


def table_of(*cross: str) -> str:
    """The TOML of a table of the policy's own rules, with all its levels published."""
    return f'[[tables]]\nid = "{"_".join(cross)}"\ndimensions = {_array(cross)}\n'


def _array(codes: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Any shape; most have contributors."""
    sizes = {"place": draw(st.integers(1, 3)), "kind": draw(st.integers(1, 3)), "list": draw(st.integers(1, 2))}
    return Shape(sizes, draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from([True, True, True, False])))


@st.composite
def odd_settings(draw: st.DrawFn, *, past: bool = False) -> Setting:
    """A programme of any shape with its people and a release of any pattern; with a `past` that may not fit."""
    shape = draw(shapes())
    people = [draw_person(draw, shape) for _ in range(draw(st.integers(0, FEW_PEOPLE)))]
    programme = draw_programme(draw, shape)
    absent = draw(st.sampled_from(["", "", "", "A", "B"]))
    counts = tabulate(programme, people, absent)
    setting = Setting(counts, publish(counts, draw_pattern(draw, programme) | waiting(counts)))
    if not past:
        return setting
    return replace(setting, **_past(draw, shape, people, programme, absent))


def _past(
    draw: st.DrawFn, shape: Shape, people: list[Person], programme: Programme, absent: str
) -> dict[str, tuple[Release, ...] | tuple[Counts, ...]]:
    """An earlier release: of the same tables or others, the same contributors or not, the same people or not."""
    other = draw(st.sampled_from(["same", "tables", "joined", "people"]))
    before = programme if other != "tables" else draw_programme(draw, shape, name="q")
    before = replace(before, id="q")
    gone = absent if other != "joined" else draw(st.sampled_from(["", "A", "B"]))
    others = people if other != "people" else [draw_person(draw, shape) for _ in range(draw(st.integers(0, 2)))]
    counts = tabulate(before, others, gone)
    return {
        "earlier": (publish(counts, draw_pattern(draw, before) | waiting(counts)),),
        "earlier_counts": (counts,),
    }


def draw_programme(draw: st.DrawFn, shape: Shape, *, name: str = "p") -> Programme:
    """One or two tables of a shape under a policy of small numbers."""
    crosses = draw(st.lists(st.sampled_from(CROSSES), min_size=1, max_size=2, unique=True))
    return shape.programme([shape.table(draw, cross) for cross in crosses], draw_policy(draw), name)


def draw_person(draw: st.DrawFn, shape: Shape) -> Person:
    """Somebody who may have several codes on a list, or none where it is not complete."""
    person: Person = {name: (draw(st.integers(0, shape.sizes[name] - 1)),) for name in ("place", "kind")}
    size = shape.sizes["list"]
    has = draw(st.sets(st.integers(0, size - 1), min_size=int(shape.complete)))
    return {**person, "list": (*sorted(has), size)}


def tabulate(programme: Programme, people: Sequence[Person], absent: str = "") -> Counts:
    """The people counted one by one in each table, but those of a contributor that did not deliver."""
    owner = programme.contributor
    left = [code for code in programme.contributors if code != absent or len(programme.contributors) == 1]
    tables = {}
    for table in programme.tables:
        axes = table.axes(programme)
        array = np.zeros([programme.dimension(name).size for name in axes], dtype=np.int64)
        for person in people:
            if owner is None or programme.contributors[person[owner][0]] in left:
                for spot in product(*(person[name] for name in axes)):
                    array[spot] += 1
        tables[table.id] = array
    return Counts.from_tables(programme, tables, contributors=left if owner else None)


def waiting(counts: Counts) -> set[tuple[str, tuple[str, ...]]]:
    """The published cells that are about none of those who delivered."""
    programme = counts.programme
    owner = programme.contributor
    if owner is None:
        return set()
    members = programme.dimension(owner).members
    present = {programme.contributors.index(code) for code in counts.contributors}
    return {
        (table.id, key)
        for table, key in programme.cells()
        if owner in table.dimensions and not present & set(members[key[table.dimensions.index(owner)]])
    }


@st.composite
def crossed_before(draw: st.DrawFn, *, rule_aware: bool | None = None) -> Setting:
    """Places by kinds in an earlier release, and now a table of places alone, which cannot tell all that was told."""
    shape = {"places": draw(st.integers(1, 3)), "kinds": 2}
    now, before = draw_policy(draw, rule_aware=rule_aware), draw_policy(draw)
    here = Programme.parse(programme_text(tables=TABLES["places"], policy=now, **shape))
    sensitive = f"sensitive = {str(draw(st.booleans())).lower()}\n"
    there = Programme.parse(programme_text(tables=TABLES["crossed"] + sensitive, policy=before, name="q", **shape))
    people = draw(st.lists(st.tuples(st.integers(0, shape["places"] - 1), st.integers(0, 1)), max_size=MOST_PEOPLE))
    crossed = np.zeros((shape["places"], 2), dtype=np.int64)
    for person in people:
        crossed[person] += 1
    counts = Counts.from_tables(here, {"places": crossed.sum(axis=1)})
    earlier = Counts.from_tables(there, {"crossed": crossed})
    return Setting(
        counts, publish(counts, draw_pattern(draw, here)), (publish(earlier, draw_pattern(draw, there)),), (earlier,)
    )
