"""More people of one kind: a move that keeps what the blocks share, and adds them where they are counted."""

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anonymisation.suppression.areas import Areas
from anonymisation.suppression.someone import more_people
from anonymisation.suppression.system import PUBLIC, build
from tests.oracle.small import Setting, settings


@given(settings(), st.integers(1, 5), st.data())
@hypothesis_settings(max_examples=60)
def test_more_people_are_counted_once_in_each_block(setting: Setting, number: int, data: st.DataObject) -> None:
    system = build(setting.counts.programme, setting.counts)
    quantity = data.draw(st.integers(0, system.matrix.shape[0] - 1))
    attacker = data.draw(st.sampled_from(system.attackers))
    still = (system.owner == attacker) & (attacker != PUBLIC)
    move = more_people(system, quantity, number, still)
    if move is None:
        inside = (system.matrix[quantity].toarray().ravel() > 0) & ~still
        alone = len(system.contributors) == 1
        assert system.lists.shape[0] or not inside.any() or (attacker != PUBLIC and alone)
        return
    assert (move.weights == number).all()
    assert not still[move.columns].any()
    change = np.zeros(len(system.truth), dtype=np.int64)
    change[move.columns] = move.weights
    assert [change[b.start : b.start + b.size].sum() for b in system.blocks] == [number] * len(system.blocks)
    assert (system.matrix @ change)[quantity] == number
    nothing = np.zeros(system.matrix.shape[0], bool)
    assert not (Areas(system, nothing, nothing).tied @ change).any()
