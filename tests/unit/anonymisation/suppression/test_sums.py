"""Sums of unknowns: the same whether held densely or not, and exact."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from anonymisation.suppression import sums
from anonymisation.suppression.sums import Sums

SIZES, SOME = (st.tuples(st.integers(least, 4), st.integers(1, 5)) for least in (0, 1))
MANY = 2**40


WAYS = ((1, 1), (1, 0), (0, 0))
"""Whether rows are held densely, and are few enough to be multiplied so."""


def held(matrix: np.ndarray, patch: pytest.MonkeyPatch) -> Iterator[Sums]:
    """The same rows held in each way; each is to be asked before the next is made."""
    for dense, few in WAYS:
        patch.setattr(sums, "MOST_DENSE", matrix.size - 1 + dense)
        patch.setattr(sums, "ONE_THREAD", matrix.size - 1 + few)
        made = Sums(sparse.csr_matrix(matrix))
        assert (made.dense is not None) == bool(dense)
        yield made


@given(SIZES.flatmap(lambda size: arrays.arrays(np.int64, size, elements=st.integers(-3, 3))), st.data())
def test_sums_are_what_adding_gives(matrix: np.ndarray, data: st.DataObject) -> None:
    unknowns = matrix.shape[1]
    counts = st.integers(0, MANY)
    one = data.draw(arrays.arrays(np.int64, unknowns, elements=counts))
    many = data.draw(arrays.arrays(np.int64, (unknowns, 2), elements=counts))
    with pytest.MonkeyPatch.context() as patch:
        for found in held(matrix, patch):
            for asked in (one, many):
                told = found.of(asked)
                assert told.dtype == np.int64
                assert told.tolist() == (matrix @ asked).tolist()


@given(SOME.flatmap(lambda size: arrays.arrays(np.int64, size, elements=st.integers(-3, 3))), st.data())
def test_together_is_the_weighted_sum_of_rows(matrix: np.ndarray, data: st.DataObject) -> None:
    places = np.array(data.draw(st.lists(st.integers(0, len(matrix) - 1), min_size=1)))
    weights = np.array([data.draw(st.sampled_from([-1.0, 0.5, 1.0])) for _ in places])
    expected = sum(weight * matrix[place] for place, weight in zip(places, weights, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        for found in held(matrix, patch):
            assert found.together(places, weights).tolist() == pytest.approx(expected.tolist())
