"""What a stock of moves tells is what its moves do, one by one."""

import numpy as np
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation.suppression.circuits import Move
from anonymisation.suppression.stock import Kept, Stock
from anonymisation.suppression.system import PUBLIC, System, build
from tests.oracle.small import Setting, settings


def moves(data: st.DataObject, system: System) -> list[np.ndarray]:
    size = len(system.truth)
    weights = st.lists(st.integers(-2, 2), min_size=size, max_size=size).filter(any)
    return [np.array(data.draw(weights)) for _ in range(data.draw(st.integers(1, 4)))]


def kept_in(stock: Stock, whole: np.ndarray) -> Kept:
    columns = np.flatnonzero(whole)
    return stock.effects(Move(columns, whole[columns]))


def ranges(system: System, worlds: list[np.ndarray], shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each quantity goes for each attacker, by every move that leaves what is shown and the own counts."""
    shape = (len(system.attackers), len(system.people))
    high, low = np.zeros(shape, int), np.zeros(shape, int)
    for at, attacker in enumerate(system.attackers):
        for whole in worlds:
            effect = system.matrix @ whole
            own = whole[system.owner == attacker] if attacker != PUBLIC else whole[:0]
            if not effect[shown].any() and not own.any():
                high[at], low[at] = np.maximum(high[at], effect), np.minimum(low[at], effect)
    return high, low


@given(settings(), st.data())
@hypothesis_settings(max_examples=60)
def test_ranges_are_those_of_each_move_alone(setting: Setting, data: st.DataObject) -> None:
    system = build(setting.counts.programme, setting.counts)
    assume(len(system.truth) < 40)
    stock, found = Stock(system, np.array(system.attackers)), moves(data, system)
    for whole in found:
        kept = kept_in(stock, whole)
        effect = system.matrix @ whole
        assert [kept.on(q) for q in range(len(effect))] == effect.tolist()
        assert kept.changed.tolist() == np.flatnonzero(effect).tolist()
        stock.keep(kept)
    nothing = np.zeros(len(system.people), bool)
    high, low = ranges(system, found, nothing)
    assert (stock.high == high).all()
    assert (stock.low == low).all()
    shown = np.array([data.draw(st.booleans()) for _ in system.people])
    some = np.array(sorted(data.draw(st.sets(st.integers(0, len(shown) - 1), min_size=1))))
    stock.read(some, shown)
    high[:, some], low[:, some] = (part[:, some] for part in ranges(system, found, shown))
    assert (stock.high == high).all()
    assert (stock.low == low).all()
    alive = [not (system.matrix @ whole)[shown].any() for whole in found]
    assert stock.alive(shown) == [kept for kept, lives in zip(stock.kept, alive, strict=True) if lives]
    for quantity in some.tolist():
        assert stock.about(quantity, shown) == [kept for kept in stock.alive(shown) if kept.on(quantity)]
