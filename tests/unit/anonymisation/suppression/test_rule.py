"""From safe to safe against whoever knows the rule: against all worlds of small regions."""

from collections.abc import Callable

import numpy as np
import pytest

from anonymisation import Counts
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.pattern import Pattern
from anonymisation.suppression.rule import Rule
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.system import build
from anonymisation.suppression.unit import units
from tests.oracle.adapter import publish, region, true_world
from tests.oracle.safe import Verdict
from tests.oracle.worlds import enumerate_worlds
from tests.unit.anonymisation.programmes import COARSE, NEEDS, counts, programme

AWARE = "threshold = 2\nrule_aware = true"
TWO = 'codes = ["A", "B"]'


def row(*values: int, threshold: int = 2) -> Callable[[], Counts]:
    """Places in a row; for a threshold of 2 a single person is small."""
    codes = ", ".join(f'"{code}"' for code in "ABCDE"[: len(values)])
    told = programme("place", place=f"codes = [{codes}]", policy=f"threshold = {threshold}\nrule_aware = true")
    return lambda: counts(told, list(values))


def crossed() -> Counts:
    return counts(programme("place kind", place=TWO, kind=COARSE, policy=AWARE), [[1, 2], [2, 3]])


def four_by_kind() -> Counts:
    told = programme("place kind", place='codes = ["A", "B", "C", "D"]', kind=COARSE, policy=AWARE)
    return counts(told, [[1, 2], [1, 2], [1, 1], [2, 0]])


def needs() -> Counts:
    return counts(programme("place need", place=TWO, need=NEEDS, policy=AWARE), [[1, 3], [2, 3]])


REGIONS = {
    "one small": row(1, 2, 3),
    "two small": row(1, 1, 3),
    "all small": row(1, 1, 1),
    "nobody": row(0, 1, 4),
    "large": row(4, 3, 2),
    "four": row(1, 1, 1, 2),
    "four with a large one": row(1, 1, 2, 4),
    "four, up to two small": row(1, 2, 2, 3, threshold=3),
    "five": row(1, 1, 1, 2, 3),
    "kinds": crossed,
    "a list": needs,
}


def rule(known: Counts) -> tuple[Rule, Pattern]:
    """The rule, and the pattern that is safe by clauses (i) and (ii)."""
    greedy = Greedy(build(known.programme, known), Solver(Work()), b"")
    assert greedy.repair() is None
    return Rule(greedy), greedy.pattern


def hidden(known: Counts, pattern: Pattern) -> set:
    cells = [[(table.id, key) for key in table.published(known.programme)] for table in known.programme.tables]
    return {
        cells[table][at]
        for q, places in enumerate(pattern.system.published)
        for table, at in places
        if not pattern.shown[q]
    }


def verdict(known: Counts, pattern: Pattern) -> tuple[bool, set]:
    """Whether the pattern is safe by all clauses, and the worlds in which it would be by (i) and (ii)."""
    where = region(publish(known, hidden(known, pattern)))
    every = enumerate_worlds(where, 10, limit=20_000)
    assert every is not None
    judged = Verdict(where, every)
    safe = not judged.findings(true_world(where, [known]))
    return safe, {tuple(world) for world in every[judged.would_be_safe()].tolist()}


@pytest.mark.parametrize("name", REGIONS)
def test_pattern_is_safe_to_whoever_knows_the_rule(name: str):
    known = REGIONS[name]()
    found, before = rule(known)
    pattern = found.run()
    assert pattern is not None
    assert (pattern.shown <= before.shown).all()
    safe, good = verdict(known, pattern)
    assert safe
    truth = pattern.system.truth
    witnesses = {tuple(world) for world in (truth + found.witnesses()).tolist()}
    assert witnesses <= good


@pytest.mark.parametrize(
    ("values", "threshold"), [((1, 1, 1, 2), 2), ((1, 1, 1, 4), 2), ((1, 1, 2, 3), 2), ((1, 2, 2, 3), 3)]
)
def test_what_stands_in_the_way_of_cover_is_hidden_and_no_more(values: tuple[int, ...], threshold: int):
    known = row(*values, threshold=threshold)()
    found, before = rule(known)
    names = [{key for _, (key,) in hidden(known, one)} for one in (before, found.run())]
    # Three places are safe to whoever does not know the rule. Whoever does rules out so much that a fourth is hidden.
    assert names == [{"A", "B", "C"}, {"A", "B", "C", "D"}]
    assert not verdict(known, before)[0]


def test_what_was_hidden_in_vain_is_shown_again():
    known = four_by_kind()
    found, before = rule(known)
    pattern = found.run()
    assert pattern is not None
    # The kinds of D stood in the way; how many there are in each place was hidden with them, and did not.
    assert len(found.idle) == 6
    more = {key for _, key in hidden(known, pattern) - hidden(known, before)}
    assert more == {("D", "IN"), ("D", "OUT")}
    assert not verdict(known, before)[0]
    assert verdict(known, pattern)[0]


def test_empty_pattern_hides_all_that_was_not_told_before():
    known = row(1, 1, 1, 2)()
    found, _ = rule(known)
    pattern = found.empty()
    assert pattern is not None
    assert not pattern.shown.any()
    assert len(found.witnesses()) > 0


def test_once_the_work_is_spent_half_of_what_is_near_is_hidden_at_once():
    known = row(1, 1, 1, 2)()
    found, _ = rule(known)
    found.greedy.solver.work.limit = 1
    assert found.greedy.solver.work.over
    pattern = found.run()
    assert pattern is not None
    assert verdict(known, pattern)[0]
    # With all the work it may need it shows no less.
    whole = rule(known)[0].run()
    assert whole is not None
    assert pattern.shown.sum() <= whole.shown.sum()


def test_hasty_hiding_tries_nothing_and_takes_the_cheaper_half():
    found, before = rule(row(1, 1, 1, 2)())
    found.greedy.solver.work.limit = 1
    cover = found._cover(before, units(before)[0], [])
    near = [int(q) for q in np.flatnonzero(before.shown)]
    hasty, around = found._hide(before, cover, (0, int(cover.unit.where[0])))
    gone = [q for q in near if not hasty.shown[q]]
    assert len(gone) == (len(near) + 1) // 2
    assert max(found.cost[gone]) <= min((found.cost[q] for q in near if hasty.shown[q]), default=np.inf)
    assert np.isin(cover.unit.columns, around.unit.columns).all()
