"""Which earlier releases count the same people, and what everyone knows from them already."""

from dataclasses import replace

import numpy as np
import pytest

from anonymisation import Counts, Programme, Release
from anonymisation.errors import HistoryError, NoSafeRelease
from anonymisation.programme import Method
from anonymisation.suppression.earlier import known, same_people
from anonymisation.suppression.system import build
from tests.oracle.adapter import publish
from tests.unit.anonymisation.programmes import COARSE, NEEDS, counts, programme

THREE = 'codes = ["A", "B", "C"]'
HERE = programme("place kind", place=THREE, kind=COARSE)
PEOPLE = [[3, 1], [5, 2], [6, 0]]


def before(told: Programme, *tables: list, hidden: str = "", revision: int = 0) -> Release:
    """An earlier release of true values; of the places in `hidden` only the totals are told."""
    given = counts(told, *(tables or [PEOPLE]))
    cells = {("place kind", (place, kind)) for place in hidden for kind in ("IN", "OUT")}
    return publish(given, cells, revision=revision)


def other(**changes) -> Programme:
    return programme("place kind", **{"name": "before", "place": THREE, "kind": COARSE, **changes})


def test_releases_of_the_same_period_count_the_same_people():
    same, another_year = before(other()), before(replace(other(), period="2025"))
    assert same_people(HERE, [another_year, same]) == (same,)
    assert same_people(HERE, []) == ()


def test_what_is_corrected_counts_other_people():
    first = before(HERE)
    assert same_people(HERE, [first, before(other())]) == ()


@pytest.mark.parametrize(
    ("here", "there", "overlap"),
    [
        ("2026", "2025", False),
        ("2026", "2027", False),
        ("2026", "2026-H1", True),
        ("2026-H2", "2026", True),
        ("2026-H1", "2026-H2", False),
        ("2026-H1", "2025-H1", False),
        ("2025", "2026-H1", False),
    ],
)
def test_periods_may_not_overlap(here: str, there: str, overlap: bool):
    current, release = replace(HERE, period=here), before(replace(other(), period=there))
    if not overlap:
        assert same_people(current, [release]) == ()
        return
    with pytest.raises(HistoryError) as refused:
        same_people(current, [release])
    assert refused.value.problems == (f"history 1 (before {there}): its period overlaps with {here}",)


def test_every_release_that_cannot_be_linked_is_named():
    kinds = before(other(kind='codes = ["IN", "UNKNOWN"]'))
    nobodys = before(other(owned=False))
    others = before(replace(other(), population="others"))
    with pytest.raises(HistoryError) as refused:
        same_people(HERE, [before(other()), kinds, nobodys, others])
    assert refused.value.problems == (
        "history 2 (before 2026): dimension kind cannot be linked",
        "history 3 (before 2026): another contributor dimension",
        "history 4 (before 2026): another population",
    )


def needs(*tables: str) -> Release:
    bodies = {"place": THREE, "kind": COARSE, "need": NEEDS}
    used = {name: body for name, body in bodies.items() if name in " ".join(tables)}
    told = programme(*tables, name="before", **used)
    arrays = {"place need": [[1, 4], [0, 7], [2, 6]], "place kind": PEOPLE, "place": [4, 7, 6]}
    return before(told, *(arrays[table] for table in tables))


def test_tables_that_these_cannot_tell_apart_are_refused():
    for tables in (["place need"], ["place kind", "place need"]):
        with pytest.raises(NoSafeRelease, match=f"the earlier release of tables {', '.join(tables)}$"):
            same_people(HERE, [before(other()), needs(*tables)])
    # Tables that a table here holds as margins, and dimensions that nothing here speaks of, are no obstacle.
    fewer = needs("place")
    assert same_people(HERE, [fewer]) == (fewer,)


def test_perturbed_releases_of_the_same_people_are_refused():
    told = other()
    rounded = before(replace(told, policy=replace(told.policy, method=Method.ROUND)))
    with pytest.raises(NoSafeRelease, match="tables place kind"):
        same_people(HERE, [rounded])


def names(now: Counts, *earlier: Release) -> set:
    """Who is counted by what is known already."""
    system = build(HERE, now)
    told = known(system, now, earlier)
    assert told.shape == system.value.shape
    return {system.people[q] for q in np.flatnonzero(told)}


def test_shown_values_are_known():
    now = counts(HERE, PEOPLE)
    assert names(now) == set()
    place, kind = [("place", (at,)) for at in range(3)], [("kind", (at,)) for at in range(2)]
    every = {(), *((one,) for one in (*place, *kind)), *((k, p) for k in kind for p in place)}
    assert names(now, before(other())) == every
    # Of A and B only the totals were told.
    hidden = {(k, p) for k in kind for p in place[:2]}
    assert names(now, before(other(), hidden="AB")) == every - hidden
    assert names(now, before(other(), hidden="AB"), before(other(name="third"))) == every


def refused(now: Counts, *earlier: Release) -> str:
    with pytest.raises(HistoryError) as error:
        known(build(HERE, now), now, earlier)
    return str(error.value)


def test_numbers_that_these_people_cannot_have_are_refused():
    now = counts(HERE, PEOPLE)
    wrong = before(other(), [[3, 1], [5, 2], [6, 1]])
    assert refused(now, before(other()), wrong) == (
        "history 2 (before 2026): table place kind: holds a number that these people cannot have"
    )


def test_releases_to_which_others_delivered_are_refused():
    now = counts(HERE, [[3, 1], [5, 2], [0, 0]], contributors=("A", "B"))
    assert refused(now, before(other())) == "history 1 (before 2026): other contributors delivered to it"


def test_cells_of_people_who_are_not_counted_here_are_refused():
    told = programme("place kind", "place age", name="before", place=THREE, kind=COARSE, age='codes = ["x", "y"]')
    release = before(told, PEOPLE, [[4, 0], [7, 0], [6, 0]])
    assert refused(counts(HERE, PEOPLE), release) == "history 1 (before 2026): table place age: a cell cannot be linked"
