"""Moves of one person: suggested only where values are ranges, and every one of them keeps every rule."""

import numpy as np

from anonymisation import Counts, audit
from anonymisation.attack import people, quantities, sight, system, truth
from anonymisation.attack.attacker import prepare
from anonymisation.attack.insight import Work
from anonymisation.attack.moves import Moves
from anonymisation.cells import of
from tests.unit.anonymisation.regions import count, programme

PEOPLE = (
    [("A", "OWN", frozenset("X"))] * 6
    + [("B", "RENT", frozenset("XY"))] * 5
    + [("B", "NONE", frozenset())] * 2
    + [("C", "OWN", frozenset("Y"))] * 7
)


def seen(counts: Counts, stated: dict[str, object]) -> tuple[Moves, system.System, np.ndarray]:
    """The moves that the attacker starts with, the system, and the true world."""
    cells = of(counts)
    release = cells.release(cells.sums(counts.tables), stated)
    linked = system.build([sight.publication(release)])
    work = Work(1_000)
    known = truth.read(linked, counts, cap=200, work=work)
    return prepare(quantities.build(linked), 200, work).moves, linked, known.world


def test_every_move_leads_from_the_truth_to_worlds_that_keep_every_rule():
    moves, linked, world = seen(count(programme(), PEOPLE), {"max_deviation": 3, "exact": [[]]})
    before = len(moves)
    people.suggest(moves, linked, world)
    assert len(moves) > before
    place, still = moves.frame.place(world), np.zeros(moves.frame.size, dtype=bool)
    led = 0
    for number in range(before, len(moves)):
        forwards, backwards = moves.steps(number, place, still)
        led += forwards + backwards
        for step in (forwards, -backwards):
            there = place.copy()
            there[moves.columns[number]] += step * moves.weights[number]
            assert linked.rows.hold(moves.frame.world(there))
    assert led > 0


def test_every_move_is_of_one_person():
    moves, linked, world = seen(count(programme(), PEOPLE), {"max_deviation": 3})
    before = len(moves)
    people.suggest(moves, linked, world)
    for number in range(before, len(moves)):
        inside = moves.columns[number] < len(moves.frame.free)
        assert set(np.abs(moves.weights[number][inside]).tolist()) == {1}
        assert moves.weights[number][inside].sum() == 0


def test_exact_values_leave_no_such_move():
    told = programme(method="suppress")
    moves, linked, world = seen(count(told, PEOPLE), {})
    before = len(moves)
    people.suggest(moves, linked, world)
    assert len(moves) == before


def test_verdict_is_that_of_the_solver_alone(monkeypatch):
    """What the moves prove, linear programmes prove too."""
    counts = count(programme(insiders=True), PEOPLE)
    cells = of(counts)
    reports = []
    for suggest in (people.suggest, lambda *_: None):
        monkeypatch.setattr(people, "suggest", suggest)
        found = []
        for deviation in (1, 3, 6):
            stated = {"max_deviation": deviation, "exact": [[]], "zeros": "kept"}
            release = cells.release(cells.sums(counts.tables), stated)
            found.append(audit(release, counts=counts))
        reports.append([(r.safe, [sorted(e.key for e in a.disclosed) for a in r.attackers]) for r in found])
    assert reports[0] == reports[1]
    assert {safe for safe, _ in reports[0]} == {True, False}
