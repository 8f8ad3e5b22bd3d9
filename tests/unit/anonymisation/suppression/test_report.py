"""The private report: for each hidden cell a reason and two worlds, possible by all clauses that the policy asks."""

from dataclasses import replace

import numpy as np
import pytest

from anonymisation import Counts, Programme, Release, protect
from anonymisation.programme import EXAMPLE
from anonymisation.release import Cell
from tests.oracle.compare import oracle
from tests.oracle.small import Setting

TRUTH = np.array([[2, 1], [1, 2], [0, 3]])
TEXT = EXAMPLE.replace("threshold = 5", "threshold = 2\nwidth = 2")


def possible(world: dict) -> np.ndarray:
    """The counts of a world as the report tells it: the leaves that differ from the truth."""
    found = TRUTH.copy()
    for leaf in world["changed"]:
        assert leaf["dimensions"] == ["place", "situation"]
        found["ABC".index(leaf["key"][0]), ("INNE", "UTE").index(leaf["key"][1])] = leaf["n"]
    return found


def value(counts: np.ndarray, key: tuple[str, ...]) -> int:
    rows = range(3) if key[0] == "REGION" else ["ABC".index(key[0])]
    columns = range(2) if key[1] == "ALL" else [("INNE", "UTE").index(key[1])]
    return int(counts[np.ix_(list(rows), list(columns))].sum())


@pytest.mark.parametrize("aware", [False, True])
def test_worlds_are_possible_and_apart(aware: bool):
    programme = Programme.parse(TEXT)
    programme = replace(programme, policy=replace(programme.policy, rule_aware=aware))
    done = protect(programme, Counts.from_tables(programme, {"situation": TRUTH}))
    hidden = {cell.key for _, cell in done.release if cell.value is None}
    assert {tuple(entry["key"]) for entry in done.report["why"]} == hidden
    assert hidden
    seen: set[tuple[int, ...]] = set()
    for entry in done.report["why"]:
        low, high = (possible(world) for world in entry["worlds"])
        for counts, told in zip((low, high), entry["worlds"], strict=True):
            assert (counts >= 0).all()
            assert all(value(counts, key) == shown for (_, key), shown in done.release.values.items())
            assert value(counts, tuple(entry["key"])) == told["n"]
            seen.add(tuple(int(n) for n in counts.ravel()))
        if entry["why"] == "small":
            assert value(high, tuple(entry["key"])) - value(low, tuple(entry["key"])) >= 2
    # By clause (iii) each of them is a world in which this very release would have been safe by (i) and (ii).
    if aware:
        for world in seen:
            assert not oracle(Setting(*_elsewhere(programme, done.release, np.array(world).reshape(3, 2)))), world


def _elsewhere(programme: Programme, release: Release, world: np.ndarray) -> tuple[Counts, Release]:
    """The same release in another world, judged by clauses (i) and (ii)."""
    plain = replace(programme, policy=replace(programme.policy, rule_aware=False))
    cells = {name: tuple(Cell(c.key, c.value, c.why) for c in row) for name, row in release.cells.items()}
    return Counts.from_tables(plain, {"situation": world}), Release(plain, release.contributors, cells)
