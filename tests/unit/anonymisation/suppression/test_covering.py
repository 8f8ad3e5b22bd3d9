"""Circuits instead of cuts: as safe to the oracle and the attacker, whatever the size they are used for."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from anonymisation import Counts, Programme, Release, audit, protect
from anonymisation.errors import NoSafeRelease
from anonymisation.suppression import areas, covering
from anonymisation.suppression.circuits import Area, Move
from anonymisation.suppression.covering import Covering, cover, is_large
from anonymisation.suppression.greedy import Greedy
from anonymisation.suppression.protecting import write
from anonymisation.suppression.solver import Solver, Work
from anonymisation.suppression.stock import Kept
from anonymisation.suppression.system import System, build
from tests.oracle.compare import attacker, oracle
from tests.oracle.small import Setting, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
MANY = """
[programme]
id = "many"
period = "2026"
population = "many"
{contributor}
[policy]
threshold = 4
width = {width}
[dimensions.place]
total = "ALL"
codes = [{places}]
[dimensions.place.levels.part]
{parts}
[dimensions.home]
total = "ALL"
codes = ["OWN", "RENT", "KIN", "TEMP", "NONE"]
[dimensions.need]
total = "ALL"
codes = ["LOW", "SOME", "HIGH", "UNKNOWN"]
[[tables]]
id = "places"
dimensions = ["place", "home", "need"]
"""
SHAS = {
    "circuits": "517cd67ea5e3804dfde566e33b3e2fac28ba971595228ed8dd4853cccb9fb8cf",
    "swaps": "5360742098b5edb33fa27023a632b56406f79e6e5e4f7d097151ee4603b84b98",
}
WRITE = """
import hashlib, sys
from tests.unit.anonymisation.suppression.test_covering import Area, areas, covering, many, protect
covering.LARGE, areas.TOGETHER, areas.IN_A_GROUP = 0, 0, 200
if sys.argv[1] == "swaps":
    Area.find = lambda *_: None
counts = many(30, insiders=sys.argv[1] == "swaps")
print(hashlib.sha256(protect(counts.programme, counts, key=b"sameness").release.to_bytes()).hexdigest(), end="")
"""


def many(places: int, *, width: int = 1, insiders: bool = False) -> Counts:
    """Counts of many places, most of them small."""
    codes = [f"P{at:03d}" for at in range(places)]
    parts = "\n".join(f"PART{at} = {codes[at::5]}".replace("'", '"') for at in range(5))
    quoted = ", ".join(f'"{code}"' for code in codes)
    contributor = 'contributor = "place"' if insiders else ""
    programme = Programme.parse(MANY.format(contributor=contributor, width=width, places=quoted, parts=parts))
    random = np.random.default_rng(5)
    means = random.gamma(0.6, 12, size=(places, 1, 1)) * random.gamma(0.5, 1, size=(1, 5, 4))
    return Counts.from_tables(programme, {"places": random.poisson(means)})


@pytest.fixture
def circuits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large enough for circuits, and nothing small enough for a single area."""
    monkeypatch.setattr(covering, "LARGE", 0)
    monkeypatch.setattr(areas, "TOGETHER", 0)
    monkeypatch.setattr(areas, "IN_A_GROUP", 1)
    monkeypatch.setattr(areas, "LEAST", 1)


@pytest.fixture
def swaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large enough, and no circuit is ever found, as where many dimensions hang together."""
    monkeypatch.setattr(covering, "LARGE", 0)
    monkeypatch.setattr(Area, "find", lambda *_: None)


def protected(setting: Setting) -> Release | None:
    try:
        return protect(setting.counts.programme, setting.counts, history=setting.earlier).release
    except NoSafeRelease:
        event("no safe release")
        return None


@pytest.mark.usefixtures("circuits")
@given(settings(rule_aware=False))
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
def test_safe_to_the_oracle_and_the_attacker(setting: Setting):
    release = protected(setting)
    if release is None:
        # As with cuts: a list of one code that everyone has tells of everyone.
        assert any(len(d.codes) == 1 for d in setting.counts.programme.dimensions if d.name != "place")
        return
    assert not oracle(Setting(setting.counts, release))
    assert attacker(Setting(setting.counts, release)) == (True, True, {})
    assert protect(setting.counts.programme, setting.counts).release.to_bytes() == release.to_bytes()


@pytest.mark.usefixtures("swaps")
@given(settings(rule_aware=False))
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
def test_swaps_are_safe_to_the_oracle_and_the_attacker(setting: Setting):
    release = protected(setting)
    if release is not None:
        event("shows something" if any(cell.value for _, cell in release) else "shows nothing")
        assert not oracle(Setting(setting.counts, release))
        assert attacker(Setting(setting.counts, release)) == (True, True, {})


@pytest.mark.usefixtures("swaps")
@given(settings(rule_aware=False, history=True))
@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
def test_swaps_with_history_are_safe_to_the_oracle(setting: Setting):
    release = protected(setting)
    assert release is None or not oracle(Setting(setting.counts, release, setting.earlier, setting.earlier_counts))


@pytest.mark.usefixtures("swaps")
@pytest.mark.parametrize("width", [1, 4])
def test_where_no_circuit_is_found_swaps_show_something(width: int):
    counts = many(8, width=width, insiders=True)
    greedy = greedy_of(counts)
    moves = cover(greedy)
    assert moves is not None
    assert moves.shape[0] > 0
    system = greedy.system
    release = write(system, greedy.pattern.shown, counts, revision=0)
    report = audit(release, counts=counts)
    assert report.safe
    assert report.complete
    assert len(report.attackers) == 9
    assert sum(bool(cell.value) for _, cell in release) > 10
    # The total of all is the dearest, and no exchange changes it.
    assert greedy.pattern.shown[system.people.index(())]


@pytest.mark.usefixtures("swaps")
def test_showing_again_shows_more_and_stays_proven():
    greedy = greedy_of(many(12, width=4, insiders=True))
    covering_ = next(one for one in covering.attempts(greedy) if one.swaps is not None)
    assert covering_.hide()
    before = covering_.shown.copy()
    covering_.show()
    assert (covering_.shown >= before).all()
    assert covering_.shown.sum() > before.sum()
    assert covering_.settle() is not None
    ranges = covering_.stock.high.copy(), covering_.stock.low.copy()
    covering_.stock.read(np.arange(len(covering_.shown)), covering_.shown)
    needed = covering_.needs
    width = np.broadcast_to(greedy.system.width, needed.shape)
    assert (covering_.stock.high - covering_.stock.low >= width)[needed].all()
    assert (ranges[0] - ranges[1] >= width)[needed].all()


@pytest.mark.usefixtures("circuits")
@given(settings(rule_aware=False, history=True))
@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
def test_safe_with_history_to_the_oracle(setting: Setting):
    release = protected(setting)
    assert release is None or not oracle(Setting(setting.counts, release, setting.earlier, setting.earlier_counts))


def greedy_of(counts: Counts, work: Work | None = None) -> Greedy:
    return Greedy(build(counts.programme, counts), Solver(work or Work()), b"")


@given(settings(rule_aware=False), st.data())
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_cheapest_move_costs_no_less_than_the_programme_built_anew(setting: Setting, data: st.DataObject):
    greedy = greedy_of(setting.counts)
    system, covering_ = greedy.system, Covering(greedy)
    quantity = data.draw(st.integers(0, system.matrix.shape[0] - 1))
    contributor = data.draw(st.sampled_from(system.attackers))
    change = data.draw(st.sampled_from([-2, -1, 1, 2]))
    still = (system.owner == contributor) & (contributor >= 0)
    prices = np.where(covering_.shown, covering_.prices, 0.0)
    everything = covering_.areas.everything()
    move = everything.find(quantity, change, prices, still, Work(), 0.0)
    least = cheapest(covering_, quantity, change, still)
    if move is None:
        event("not whole" if np.isfinite(least) else "impossible")
        return
    whole = np.zeros(len(system.truth), np.int64)
    whole[move.columns] = move.weights
    assert (system.truth + whole >= 0).all()
    assert not whole[still].any()
    assert not (covering_.areas.tied @ whole).any()
    assert (system.lists @ (system.truth + whole) <= 0).all()
    effect = system.matrix @ whole
    assert effect[quantity] >= change if change > 0 else effect[quantity] <= change
    assert price(covering_, whole) >= least - 1e-6


def price(covering_: Covering, whole: np.ndarray) -> float:
    """What a move costs: what it changes of what is shown, and a little for every step."""
    effect = abs(covering_.system.matrix @ whole)
    return float((effect * covering_.prices)[covering_.shown].sum() + abs(whole).sum())


def cheapest(covering_: Covering, quantity: int, change: int, still: np.ndarray) -> float:
    """The least that any change costs, in fractions: absolute values by one variable each, one after another."""
    system = covering_.system
    n, shown = len(system.truth), np.flatnonzero(covering_.shown)
    rows = system.matrix[shown].toarray()
    unit, sums = np.eye(n), np.eye(len(shown))
    blank, none = np.zeros((len(shown), n)), np.zeros((n, len(shown)))
    above = [
        np.hstack([unit, -unit, none]),
        np.hstack([-unit, -unit, none]),
        np.hstack([rows, blank, -sums]),
        np.hstack([-rows, blank, -sums]),
    ]
    ask = system.matrix[quantity].toarray() * (-1 if change > 0 else 1)
    wide = np.zeros((system.lists.shape[0], n + len(shown)))
    above += [
        np.hstack([ask, np.zeros((1, n + len(shown)))]),
        np.hstack([system.lists.toarray(), wide]),
    ]
    most = np.concatenate([np.zeros(2 * n + 2 * len(shown)), [-abs(change)], -(system.lists @ system.truth)])
    tied = covering_.areas.tied
    equal = np.hstack([tied.toarray(), np.zeros((tied.shape[0], n + len(shown)))]) if tied.shape[0] else None
    found = linprog(
        np.concatenate([np.zeros(n), np.ones(n), covering_.prices[shown]]),
        A_ub=np.vstack(above),
        b_ub=most,
        A_eq=equal,
        b_eq=None if equal is None else np.zeros(tied.shape[0]),
        bounds=[
            *((0, 0) if held else (-int(t), None) for held, t in zip(still, system.truth, strict=True)),
            *[(0, None)] * (n + len(shown)),
        ],
    )
    return float(found.fun) if found.status == 0 else np.inf


@pytest.mark.parametrize(("width", "insiders"), [(1, False), (4, False), (4, True)])
def test_many_places_are_safe_to_the_attacker_and_show_something(width: int, insiders: bool):
    counts = many(6 if insiders else 16, width=width, insiders=insiders)
    greedy = greedy_of(counts)
    assert cover(greedy) is not None
    system = greedy.system
    release = write(system, greedy.pattern.shown, counts, revision=0)
    report = audit(release, counts=counts)
    assert report.safe
    assert report.complete
    assert len(report.attackers) == (7 if insiders else 1)
    shown = sum(cell.value is not None for _, cell in release)
    assert shown > 20


@pytest.mark.usefixtures("circuits")
def test_limits_leave_what_was_hidden_first():
    counts = many(24)
    programme = counts.programme
    assert is_large(greedy_of(counts))
    hasty = replace(programme, policy=replace(programme.policy, work_limit=1))
    late = replace(programme, policy=replace(programme.policy, time_limit=1e-9))
    one, other = (protect(some, Counts.from_tables(some, dict(counts.tables))).release.values for some in (hasty, late))
    assert one == other
    greedy = greedy_of(counts)
    covering_ = Covering(greedy)
    assert covering_.hide()
    assert len(one) == sum(len(greedy.system.published[q]) for q in np.flatnonzero(covering_.shown))
    assert len(protect(programme, counts).release.values) > len(one)


def test_a_move_that_does_not_hold_proves_nothing():
    greedy = greedy_of(many(16))
    covering_ = Covering(greedy)
    assert covering_.hide()
    assert covering_.settle() is not None
    # One unknown alone: what is shown of it would change.
    system, shown = greedy.system, np.flatnonzero(covering_.shown)
    inside = slice(system.matrix.indptr[shown[0]], system.matrix.indptr[shown[0]] + 1)
    column = system.matrix.indices[inside].astype(np.int64)
    nothing = np.zeros(0, np.int64)
    covering_.stock.kept.append(Kept(Move(column, np.array([1])), nothing, nothing, np.zeros(0, bool)))
    assert covering_.settle() is None


def test_a_gap_that_is_left_proves_nothing():
    greedy = greedy_of(many(16))
    covering_ = Covering(greedy)
    assert covering_.hide()
    covering_.stock.kept.pop()
    assert covering_.settle() is None


def unknowns(system: System, place: int) -> np.ndarray:
    block = system.blocks[0]
    axis = np.indices(block.shape)[block.axes.index("place")].ravel()
    return np.flatnonzero(axis == place)


def test_areas_are_neighbours_first_and_everything_last(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(areas, "TOGETHER", 100)
    monkeypatch.setattr(areas, "IN_A_GROUP", 100)
    system = greedy_of(many(17)).system
    nothing = np.zeros(system.matrix.shape[0], bool)
    divided = areas.Areas(system, nothing, ~nothing)
    # Five places of twenty unknowns each; the last group takes in what is left over.
    assert [int((divided.group == g).sum()) // 20 for g in range(divided.number)] == [5, 5, 7]
    quantity = next(q for q, who in enumerate(system.people) if dict(who or ()).get("place") == (6,))
    found = [area.columns for area in divided.around(quantity, np.zeros(len(system.truth), bool))]
    assert set(unknowns(system, 6)) <= set(found[0])
    assert len(found[0]) == 100
    assert [len(some) for some in found] == sorted(len(some) for some in found)
    assert len(found[-1]) == len(system.truth)


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("way", SHAS)
def test_release_is_the_one_committed(way: str, threads: str):
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    done = subprocess.run(
        [sys.executable, "-c", WRITE, way], capture_output=True, text=True, check=True, env=environment, timeout=300
    )
    assert done.stdout == SHAS[way]


def test_more_than_can_be_asked_one_by_one_shows_nothing_and_is_safe(monkeypatch: pytest.MonkeyPatch):
    counts = many(6, width=4, insiders=True)
    greedy = greedy_of(counts)
    monkeypatch.setattr(covering, "MOST_NEEDS", int(greedy.proof.needs.sum()) - 1)
    assert cover(greedy) is not None
    assert not greedy.pattern.shown.any()
    assert greedy.solver.work.spent == 0
    report = audit(write(greedy.system, greedy.pattern.shown, counts, revision=0), counts=counts)
    assert report.safe
    assert report.complete
