"""What the auditor knows: which sums the true counts decide, whose they are, and one world that has them."""

from collections.abc import Sequence

import numpy as np
import pytest

from anonymisation import Counts
from anonymisation.attack import quantities, sight, system, truth
from anonymisation.attack.insight import Work
from anonymisation.attack.polytope import Rows
from anonymisation.attack.quantities import Eyes
from anonymisation.attack.system import System
from anonymisation.attack.truth import Truth
from anonymisation.errors import CountsError
from tests.oracle.adapter import publish
from tests.unit.anonymisation.programmes import COARSE, FINE, NEEDS, PLACES, counts, programme, seen

Place = tuple[str, tuple[str, ...]]
TWO = 'codes = ["A", "B"]'


def now(*tables: str, **others) -> Counts:
    """A and B: 3 and 5 people inside, 1 and 2 outside."""
    return counts(programme(*(tables or ["place kind!"]), place=TWO, kind=COARSE, **others), [[3, 1], [5, 2]])


def finer() -> Counts:
    """The same people in an earlier release, in which some inside own and others rent."""
    told = programme("place kind!", place=TWO, kind=FINE, name="before")
    return counts(told, [[1, 2, 1], [5, 0, 2]])


def also_needs() -> Counts:
    """The same people in an earlier release about something else: one in A has a need."""
    told = programme("place need!", place=TWO, need=NEEDS, name="before")
    return counts(told, [[1, 4], [0, 7]])


def read(known: Counts, *earlier: Counts, hidden: Sequence[Place] = ()) -> tuple[System, Truth]:
    """The truth beside earlier releases that show all but what is `hidden`."""
    linked = system.build([seen(known), *(seen(one, *hidden) for one in earlier)])
    return linked, truth.read(linked, known, cap=100, work=Work(100))


def knows(found: Truth, linked: System, who: int) -> Rows:
    return found.own(Eyes(quantities.build(linked), who))


def hiding(table: str, codes: str) -> list[Place]:
    """The cells of some codes in both places and together."""
    return [(table, (place, code)) for place in ("A", "B", "ALL") for code in codes.split()]


def decided(known: Counts, *earlier: Counts, hidden: Sequence[Place] = ()) -> dict[str, set]:
    """For the current release and an earlier one the keys (and margins) that the truth decides."""
    linked, found = read(known, *earlier, hidden=hidden)
    asked = quantities.build(linked)
    told = [label for label, sure in zip(asked.labels, found.decides(asked), strict=True) if sure]
    return {
        name: {(*label.key, label.margin) for label in told if label.publication == number}
        for number, name in enumerate(["now", "before"])
    }


EVERY = {(a, b, None) for a in ("A", "B", "ALL") for b in ("IN", "OUT", "ALL")}
GROUPS = {(a, b, "kind") for a in ("A", "B", "ALL") for b in ("IN", "OUT")}


def test_truth_is_the_world_where_each_unknown_is_a_count():
    linked, found = read(now())
    assert linked.unknowns == 4
    assert found.world.tolist() == [3, 1, 5, 2]
    assert found.values.tolist() == [3, 1, 5, 2]
    assert found.cells.toarray().tolist() == np.eye(4).tolist()


def test_truth_decides_every_quantity_of_its_own_programme():
    assert decided(now()) == {"now": EVERY | GROUPS, "before": set()}


def test_truth_does_not_decide_what_only_an_earlier_release_tells_apart():
    found = decided(now(), finer(), hidden=hiding("place kind", "OWN RENT"))
    assert found["now"] == EVERY | GROUPS
    both = {(a, b, None) for a in ("A", "B", "ALL") for b in ("IN", "NO_ROOF", "OUT", "ALL")}
    assert found["before"] == both | {(a, b, "kind") for a in ("A", "B", "ALL") for b in ("IN", "NO_ROOF", "OUT")}


def test_truth_does_not_decide_another_table_of_the_same_people():
    found = decided(now(), also_needs(), hidden=hiding("place need", "X"))
    assert found == {"now": EVERY | GROUPS, "before": {("A", "ALL", None), ("B", "ALL", None), ("ALL", "ALL", None)}}


def test_truth_does_not_decide_sums_over_contributors_that_it_has_no_counts_of():
    three = {"place": PLACES, "kind": COARSE}
    absent = counts(programme("place kind", **three), [[3, 1], [5, 2], [0, 0]], contributors=("A", "B"))
    earlier = counts(programme("place kind", **three, name="before"), [[3, 1], [5, 2], [4, 4]])
    alone = [("place kind", (a, b)) for a in ("C", "EAST", "ALL") for b in ("IN", "OUT", "ALL")]
    found = decided(absent, earlier, hidden=alone)
    assert {key[0] for key in found["now"]} == {"A", "B", "WEST", "ALL"}
    # WEST is A and B; the total of the earlier release holds C as well.
    assert {key[0] for key in found["before"]} == {"A", "B", "WEST"}
    assert len(decided(absent, earlier)["before"]) > len(found["before"])


def test_truth_decides_what_it_fixes_together_with_what_was_shown():
    # Of the five inside in B five own their home, as is shown: so none of them inside.
    only = [place for place in hiding("place kind", "OWN RENT") if place != ("place kind", ("B", "OWN"))]
    found = decided(now(), finer(), hidden=only)["before"]
    assert {key for key in found if key[1] in {"OWN", "RENT"}} == {
        ("B", code, margin) for code in ("OWN", "RENT") for margin in (None, "kind")
    }


def test_truth_knows_own_counts_that_it_fixes_together_with_what_was_shown():
    only = [place for place in hiding("place kind", "OWN RENT") if place != ("place kind", ("A", "OWN"))]
    linked, found = read(now(), finer(), hidden=only)
    inside = knows(found, linked, 0)
    assert sorted(inside.matrix.indices[inside.matrix.indptr[:-1][np.diff(inside.matrix.indptr) == 1]].tolist()) == [
        0,
        1,
        2,
    ]
    assert sorted(inside.low.tolist()) == [1, 1, 2, 3]
    assert inside.hold(found.world)
    # Of B's five inside nothing more is known.
    assert knows(found, linked, 1).low.tolist() == [5, 2]


def test_truth_limits_weighted_sums():
    linked, found = read(now(), finer(), hidden=hiding("place kind", "OWN RENT"))
    assert linked.lines["kind"].leaves == ("OWN", "RENT", "OUT")
    # Three inside in A: 0 to 3 of them own, 0 to 3 rent.
    assert found.limits(np.array([0]), np.array([1])) == (0, 3)
    assert found.limits(np.array([0, 1]), np.array([1, -1])) == (-3, 3)
    assert found.limits(np.array([2, 5]), np.array([1, 1])) == (3, 3)


def test_truth_knows_sums_where_unknowns_are_finer():
    linked, found = read(now(), finer())
    assert linked.lines["kind"].leaves == ("OWN", "RENT", "OUT")
    assert found.cells.toarray().tolist() == [
        [1, 1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ]
    assert found.values.tolist() == [3, 1, 5, 2]
    # Everything was shown in the earlier release.
    assert found.world.tolist() == [1, 2, 1, 5, 0, 2]


def test_truth_is_a_world_of_all_releases_where_they_leave_something_open():
    earlier = finer()
    hidden = [("place kind", (a, b)) for a in ("A", "B", "ALL") for b in ("OWN", "RENT")]
    linked = system.build([seen(now()), seen(earlier, *hidden)])
    found = truth.read(linked, now(), cap=100, work=Work(100))
    assert linked.rows.hold(found.world)
    assert (found.cells @ found.world).tolist() == [3, 1, 5, 2]
    assert (found.world >= 0).all()


def test_truth_fills_in_what_its_tables_do_not_count():
    linked, found = read(now(), also_needs())
    assert linked.unknowns == 8
    assert len(found.values) == 4
    assert found.world.tolist() == [3, 1, 5, 2, 1, 4, 0, 7]


def test_truth_counts_people_and_codes_of_a_list():
    _, found = read(also_needs())
    assert found.world.tolist() == [1, 4, 0, 7]


def test_truth_knows_whose_each_count_is_wherever_the_contributor_stands():
    told = programme("kind place", place=TWO, kind=COARSE)
    linked, found = read(counts(told, [[3, 5], [1, 2]]))
    assert found.owner.tolist() == [0, 1, 0, 1]
    own = knows(found, linked, 1)
    assert own.low.tolist() == own.high.tolist() == [5, 2]
    assert (own.matrix @ found.world).tolist() == [5, 2]
    assert linked.owner()[own.matrix.indices].tolist() == [1, 1]


def test_truth_of_a_table_without_its_contributor_is_known_for_each():
    told = programme("kind", place=TWO, kind=COARSE)
    linked, found = read(counts(told, [[3, 5], [1, 2]]))
    assert found.owner.tolist() == [0, 1, 0, 1]
    assert knows(found, linked, 0).low.tolist() == [3, 1]


def test_truth_of_whoever_delivered_alone():
    told = programme("place", place=PLACES)
    linked, found = read(counts(told, [3, 0, 4], contributors=("A", "C")))
    assert linked.lines["place"].leaves == ("A", "C")
    assert (found.values.tolist(), found.owner.tolist()) == ([3, 4], [0, 1])


def test_truth_leaves_out_who_delivered_before_but_not_now():
    before = counts(programme("place", place=PLACES, name="before"), [3, 5, 4])
    linked, found = read(counts(programme("place", place=PLACES), [3, 0, 4], contributors=("A", "C")), before)
    assert linked.lines["place"].leaves == ("A", "C", "B")
    assert (found.values.tolist(), found.owner.tolist()) == ([3, 4], [0, 1])
    assert found.world.tolist() == [3, 4, 5]


def test_truth_without_contributors_is_nobodys():
    _, found = read(counts(programme("kind", kind=COARSE, owned=False), [3, 5]))
    assert (found.values.tolist(), found.owner.tolist()) == ([3, 5], [-1, -1])


def test_truth_takes_each_table_by_its_own_axes():
    told = programme("place kind", "place need", place=TWO, kind=COARSE, need=NEEDS)
    _, found = read(counts(told, [[3, 1], [5, 2]], [[1, 4], [0, 7]]))
    assert sorted(found.world.tolist()) == [0, 1, 1, 2, 3, 4, 5, 7]


def refused(known: Counts, *published: Counts) -> str:
    linked = system.build([sight.publication(publish(one, set())) for one in published])
    with pytest.raises(CountsError) as error:
        truth.read(linked, known, cap=100, work=Work(100))
    return str(error.value)


def test_truth_that_the_release_contradicts_is_refused():
    other = counts(now().programme, [[3, 1], [5, 3]])
    assert refused(other, now()) == "truth: the release does not fit the counts"


def test_truth_that_an_earlier_release_contradicts_is_refused():
    other = counts(finer().programme, [[1, 2, 1], [5, 1, 2]])
    assert refused(now(), now(), other) == "truth: no counts of all tables were found that fit both it and the releases"
