"""What changes for all attackers when one part of the world does: the same as asking each of them anew."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from anonymisation import Counts
from anonymisation.attack import auditing, exhaustive, system
from anonymisation.attack.attacker import PUBLIC, Attacker
from anonymisation.attack.chamber import varying
from anonymisation.attack.elsewhere import Corner, Everyone
from anonymisation.attack.insight import Work
from anonymisation.attack.parts import Part, split
from tests.unit.anonymisation.programmes import COARSE, NEEDS, PLACES, counts, programme, seen


@dataclass(frozen=True)
class Scene:
    """Everyone at the truth, the parts that the release leaves open, and every world that fits it."""

    attackers: dict[int, Attacker]
    everyone: Everyone
    base: np.ndarray
    parts: list[Part]
    worlds: np.ndarray

    def corner(self, number: int) -> Corner:
        public = self.attackers[PUBLIC]
        return Corner(self.everyone, self.parts[number], *varying(public.eyes.targets, self.parts[number]))

    def moves(self, number: int) -> list[np.ndarray]:
        """Every way to change one part."""
        columns = self.parts[number].columns
        return list(np.unique(self.worlds[:, columns] - self.base[columns], axis=0))

    def moved(self, number: int, move: np.ndarray) -> np.ndarray:
        world = self.base.copy()
        world[self.parts[number].columns] += move
        return world


def scene(known: Counts, *hidden: tuple[str, tuple[str, ...]]) -> Scene:
    linked = system.build([seen(known, *hidden)])
    case = auditing._case(linked, known, Work(1_000))
    assert case.truth is not None
    leaves = linked.lines["place"].leaves if linked.contributor else ()
    attackers = {who: Attacker(case, who) for who in (PUBLIC, *range(len(leaves)))}
    public, base = attackers[PUBLIC], case.truth.world
    worlds = exhaustive.worlds(public.insight.polytope)
    assert worlds is not None
    parts = split(public.insight.polytope, linked.owner(), case.truth.cells)
    return Scene(attackers, Everyone(attackers, base), base, parts, worlds)


KINDS = {"place": PLACES, "kind": COARSE}


@cache
def two_parts(policy: str) -> Scene:
    """A and B hide who is in and who is out; what they have together of each kind is shown."""
    known = counts(programme("place kind!", policy=policy, **KINDS), [[2, 1], [1, 3], [4, 0]])
    table = "place kind"
    return scene(known, *((table, (place, kind)) for place in "AB" for kind in ("IN", "OUT", "ALL")))


@cache
def one_part() -> Scene:
    """A, B and C hide everything but the total of those inside and what A has of all."""
    told = programme("place kind!", policy='threshold = 3\nwidth = 2\nzeros = "hide"', **KINDS)
    known = counts(told, [[1, 1], [0, 2], [2, 0]])
    hidden = [(place, kind) for place in ("A", "B", "C", "WEST", "EAST") for kind in ("IN", "OUT", "ALL")]
    return scene(known, *(("place kind", key) for key in hidden if key != ("A", "ALL")), ("place kind", ("ALL", "OUT")))


@cache
def a_list() -> Scene:
    """How many have a need is hidden in each place, how many people there are is shown."""
    told = programme("place need!", policy="threshold = 2\nmin_contributors = 3", place=PLACES, need=NEEDS)
    known = counts(told, [[1, 2], [0, 1], [2, 3]])
    places = ("A", "B", "C", "WEST", "EAST")
    return scene(known, *(("place need", (place, "X")) for place in places))


@cache
def nobodys() -> Scene:
    """Counts without contributors."""
    known = counts(programme("kind!", kind=COARSE, owned=False), [1, 3])
    return scene(known, ("kind", ("IN",)), ("kind", ("OUT",)))


PLAIN, FEW = "threshold = 3\nwidth = 2", "threshold = 2\nmin_contributors = 2"
SCENES = {
    "two parts": lambda: two_parts(PLAIN),
    "few contributors": lambda: two_parts(FEW),
    "zeros are small": one_part,
    "a list": a_list,
    "nobody's": nobodys,
}


@pytest.fixture(params=SCENES)
def where(request) -> Scene:
    return SCENES[request.param]()


def test_truth_as_each_attacker_sees_it(where: Scene):
    everyone = where.everyone
    assert everyone.who[-1] == PUBLIC
    assert sorted(everyone.who) == sorted(where.attackers)
    for column, who in enumerate(everyone.who):
        eyes = where.attackers[who].eyes
        assert everyone.values[:, column].tolist() == eyes.values(where.base).tolist()
        assert everyone.needed[:, column].tolist() == eyes.needed(eyes.small(where.base[np.newaxis, :])[0]).tolist()
        assert np.flatnonzero(everyone.kept[:, column]).tolist() == eyes.kept.tolist()
        assert everyone.target_of[who].tolist() == eyes.target.tolist()


def test_counts_of_each_contributor_add_up_to_what_the_public_sees(where: Scene):
    if len(where.everyone.who) > 1:
        assert where.everyone.by_owner.sum(axis=1).tolist() == where.everyone.values[:, -1].tolist()


def steps(where: Scene):
    """Every change of one part, for every attacker: the corner, what it says of it, and what the attacker would see."""
    for number in range(len(where.parts)):
        corner = where.corner(number)
        for move in where.moves(number):
            change, world = corner.change(move), where.moved(number, move)
            for column, who in enumerate(where.everyone.who):
                eyes = where.attackers[who].eyes
                needed = np.zeros(len(where.everyone.values), dtype=np.int64)
                needed[corner.asked] = change.needed[:, column]
                yield corner, change.values[:, column], needed, eyes, world


def test_change_has_the_values_that_each_attacker_would_see(where: Scene):
    for corner, values, _, eyes, world in steps(where):
        assert values.tolist() == eyes.values(world)[corner.rows].tolist()


def test_change_asks_for_all_that_would_be_small_then(where: Scene):
    for corner, _, needed, eyes, world in steps(where):
        now, before = (eyes.needed(eyes.small(one[np.newaxis, :])[0]) for one in (world, where.base))
        assert needed[corner.rows].tolist() == now[corner.rows].tolist()
        # Elsewhere too what this change makes small is asked for, and nothing that is not.
        more = now > before
        assert needed[more].tolist() == now[more].tolist()
        assert (needed <= now).all()


def test_corner_looks_only_at_what_its_part_is_in(where: Scene):
    asked = where.everyone.quantities
    for number, part in enumerate(where.parts):
        corner = where.corner(number)
        inside = np.asarray(abs(asked.targets[:, part.columns]).sum(axis=1)).ravel() > 0
        assert corner.asked[: len(corner.rows)].tolist() == corner.rows.tolist()
        assert (inside[asked.target] | ((asked.margin >= 0) & inside[asked.margin]))[corner.chosen].all()
        assert len(set(corner.asked.tolist())) == len(corner.asked)


def makers(where: Scene, target: int, world: np.ndarray) -> set[int]:
    """Return which contributors are in a target, in some world."""
    system = where.everyone.quantities.system
    inside = where.everyone.eyes.targets[[target]].toarray()[0] * world
    return {who for who in range(len(where.everyone.who) - 1) if inside[system.owner() == who].sum() > 0}


@pytest.mark.parametrize("scene_", [lambda: two_parts(FEW), a_list, one_part], ids=["few", "a list", "any"])
def test_what_too_few_make_asks_for_one_of_the_others(scene_):
    where = scene_()
    asked, demanded = where.everyone.quantities, 0
    for number, part in enumerate(where.parts):
        corner, moves = where.corner(number), where.moves(number)
        varied = np.asarray(abs(asked.targets[:, part.columns]).sum(axis=1)).ravel() > 0
        sums = [n for n in np.flatnonzero(asked.split) if varied[asked.target[n]]]
        for move in moves:
            by = {n: makers(where, int(asked.target[n]), where.moved(number, move)) for n in sums}
            broken = [n for n in sums if 0 < len(by[n]) < asked.least_contributors[n]]
            found = corner.too_few(where.base[part.columns], move)
            assert len(found) == len(broken)
            demanded += len(found)
            for demand, n in zip(found, broken, strict=True):
                # Another world of the part has it if and only if somebody is in the sum who was not.
                held = [demand.keeps(where.base[part.columns] + one) for one in moves]
                joined = [bool(makers(where, int(asked.target[n]), where.moved(number, one)) - by[n]) for one in moves]
                assert held == joined
    assert bool(demanded) == (scene_ is not one_part)
