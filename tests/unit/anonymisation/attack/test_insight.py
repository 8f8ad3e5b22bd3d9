"""An attacker's ranges against all its worlds: what is seen is reached, what bounds is never passed."""

import numpy as np
import pytest

from anonymisation import Counts
from anonymisation.attack import auditing, exhaustive, system
from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.insight import Insight, Work, first_world
from anonymisation.attack.polytope import NoWorldError
from tests.unit.anonymisation.programmes import COARSE, NEEDS, PLACES, counts, programme, seen

ALL = 10_000


def region() -> tuple[Counts, list]:
    """Three places by kind, of which A and B hide theirs behind shown sums."""
    told = programme("place kind!", place=PLACES, kind=COARSE)
    hidden = [("place kind", (place, kind)) for place in "AB" for kind in ("IN", "OUT", "ALL")]
    return counts(told, [[2, 1], [1, 3], [4, 0]]), hidden


def lists() -> tuple[Counts, list]:
    """How many have a need is hidden in each place."""
    told = programme("place need!", place=PLACES, need=NEEDS)
    return counts(told, [[1, 2], [0, 1], [2, 3]]), [("place need", (place, "X")) for place in "ABC"] + [
        ("place need", ("WEST", "X")),
        ("place need", ("EAST", "X")),
    ]


def attackers(*, work: int, truth: bool = True, of=region) -> list[Attacker]:
    known, hidden = of()
    linked = system.build([seen(known, *hidden)])
    case = auditing._case(linked, known if truth else None, Work(work))
    return [Attacker(case, who) for who in ((0, 1, 2, PUBLIC) if truth else (PUBLIC,))]


def ends(insight: Insight) -> tuple[np.ndarray, np.ndarray]:
    """The least and greatest value of each target over all of the attacker's worlds."""
    worlds = exhaustive.worlds(insight.polytope)
    assert worlds is not None
    values = insight.eyes.values(worlds)
    return values.min(axis=0), values.max(axis=0)


def sound(insight: Insight) -> None:
    low, high = ends(insight)
    met = insight.seen_low <= insight.seen_high
    assert (insight.seen_low >= low)[met].all()
    assert (insight.seen_high <= high)[met].all()
    assert (insight.outer_low <= low).all()
    assert (insight.outer_high >= high).all()


@pytest.mark.parametrize("of", [region, lists])
@pytest.mark.parametrize("work", [0, 1, 2, 3, 5, 8, 13, ALL])
def test_ranges_are_true_however_little_work_there_was(of, work: int):
    for one in attackers(work=work, of=of):
        one.attack()
        sound(one.insight)
        for world in one.insight.far:
            assert one.insight.polytope.contains(world)


@pytest.mark.parametrize("of", [region, lists])
@pytest.mark.parametrize("truth", [True, False])
def test_settled_ranges_are_those_of_all_worlds(of, truth: bool):
    for one in attackers(work=ALL, truth=truth, of=of):
        insight = one.insight
        insight.prove(np.full(len(insight.seen_low), 100))
        insight.settle(np.arange(len(insight.seen_low)))
        low, high = ends(insight)
        assert insight.seen_low.tolist() == insight.outer_low.tolist() == low.tolist()
        assert insight.seen_high.tolist() == insight.outer_high.tolist() == high.tolist()


@pytest.mark.parametrize("of", [region, lists])
def test_whatever_is_asked_for_is_seen_wide_or_proven_narrow(of):
    for needed in (1, 2, 3, 4):
        for one in attackers(work=ALL, of=of):
            insight = one.insight
            asked = np.full(len(insight.seen_low), needed)
            insight.prove(asked)
            low, high = ends(insight)
            assert insight.wide(asked).tolist() == (high - low >= needed).tolist()
            assert insight.narrow(asked).tolist() == (high - low < needed).tolist()


def test_what_is_not_asked_for_is_wide():
    (public,) = attackers(work=ALL, truth=False)
    insight = public.insight
    insight.witness(first_world(insight.polytope, Work(10)))
    nothing = np.zeros(len(insight.seen_low), dtype=np.int64)
    assert insight.wide(nothing).all()
    assert not insight.wide(nothing + 1).any()
    assert not insight.narrow(nothing).any()


def test_first_witness_is_where_walks_begin():
    (public,) = attackers(work=ALL, truth=False)
    insight = public.insight
    with pytest.raises(NoWorldError):
        insight.start()
    worlds = exhaustive.worlds(insight.polytope)
    assert worlds is not None
    insight.witness(worlds[0])
    insight.witness(worlds[-1])
    assert insight.start().tolist() == worlds[0].tolist()
    values = insight.eyes.values(worlds[[0, -1]])
    assert insight.base_values.tolist() == values[0].tolist()
    assert insight.seen_low.tolist() == values.min(axis=0).tolist()
    assert insight.seen_high.tolist() == values.max(axis=0).tolist()


def test_work_is_counted_and_then_over():
    work = Work(2)
    assert [work.spend() for _ in range(4)] == [True, True, False, False]


def test_no_world_is_found_without_work():
    (public,) = attackers(work=ALL, truth=False)
    with pytest.raises(NoWorldError):
        first_world(public.insight.polytope, Work(0))
    found = first_world(public.insight.polytope, Work(1))
    assert public.insight.polytope.contains(found)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("of", [region, lists])
def test_ends_that_the_solver_gives_bound_all_worlds_and_are_reached(of, whole: bool):
    for one in attackers(work=ALL, of=of):
        insight = one.insight
        for target in range(len(insight.seen_low)):
            for sign in (1, -1):
                insight._ask(target, sign, whole=whole)
        low, high = ends(insight)
        assert insight.outer_low.tolist() == insight.seen_low.tolist() == low.tolist()
        assert insight.outer_high.tolist() == insight.seen_high.tolist() == high.tolist()


@pytest.mark.parametrize("needed", [1, 2, 3, 4])
def test_range_is_asked_for_until_it_is_wide_or_proven_narrow(needed: int):
    for one in attackers(work=ALL):
        insight = one.insight
        low, high = ends(insight)
        for target, wide in enumerate(high - low >= needed):
            insight._ask_both_ways(target, needed)
            seen, bound = (
                int(most[target] - least[target])
                for most, least in ((insight.seen_high, insight.seen_low), (insight.outer_high, insight.outer_low))
            )
            assert (seen >= needed, bound < needed) == (wide, not wide)
