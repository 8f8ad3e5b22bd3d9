"""Sums over a part: what adding gives, whether a sum is of no unknown, of one or of several. Witnesses rest on it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anonymisation.attack.sums import Sums

SIZES = st.tuples(st.integers(0, 5), st.integers(1, 4))
MANY = 2**40


@given(SIZES.flatmap(lambda size: arrays.arrays(np.int64, size, elements=st.sampled_from([0, 0, 1, -1, 2]))), st.data())
def test_sums_are_what_adding_gives(matrix: np.ndarray, data: st.DataObject) -> None:
    world = data.draw(arrays.arrays(np.int64, matrix.shape[1], elements=st.integers(-MANY, MANY)))
    for given_as in (matrix, matrix.astype(float)):
        assert (Sums(given_as) @ world).tolist() == (matrix @ world).tolist()
