"""What the system holds, in the shape that it says."""

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from anonymisation.suppression.system import build
from tests.oracle.small import Setting, settings


@given(settings())
@hypothesis_settings(max_examples=30)
def test_parts_are_each_contributors_share_of_each_sum(setting: Setting) -> None:
    system = build(setting.counts.programme, setting.counts)
    sums = system.matrix[system.sums].toarray()
    shares = [sums * (system.owner == c) for c in range(len(system.contributors))]
    assert np.array_equal(system.parts.toarray(), np.concatenate([sums[:0], *shares]))
    assert system.parts.data.all()
