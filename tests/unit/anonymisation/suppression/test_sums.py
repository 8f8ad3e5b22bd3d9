"""Sums of unknowns: the same whether held densely or not, and exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from anonymisation.suppression import sums
from anonymisation.suppression.sums import Sums

SIZES = st.tuples(st.integers(0, 4), st.integers(1, 5))
MANY = 2**40


def both(matrix: np.ndarray) -> list[Sums]:
    """The same rows held densely and not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "MOST_DENSE", matrix.size)
        dense = Sums(sparse.csr_matrix(matrix))
        patch.setattr(sums, "MOST_DENSE", matrix.size - 1)
        thin = Sums(sparse.csr_matrix(matrix))
    assert dense.dense is not None
    assert thin.dense is None
    return [dense, thin]


@given(SIZES.flatmap(lambda size: arrays.arrays(np.int64, size, elements=st.integers(-3, 3))), st.data())
def test_sums_are_what_adding_gives(matrix: np.ndarray, data: st.DataObject) -> None:
    unknowns = matrix.shape[1]
    counts = st.integers(0, MANY)
    one = data.draw(arrays.arrays(np.int64, unknowns, elements=counts))
    many = data.draw(arrays.arrays(np.int64, (unknowns, 2), elements=counts))
    for found in both(matrix):
        for asked in (one, many):
            told = found.of(asked)
            assert told.dtype == np.int64
            assert told.tolist() == (matrix @ asked).tolist()


@given(SIZES.flatmap(lambda size: arrays.arrays(np.int64, size, elements=st.integers(-3, 3))), st.data())
def test_together_is_the_weighted_sum_of_rows(matrix: np.ndarray, data: st.DataObject) -> None:
    if not len(matrix):
        return
    places = np.array(data.draw(st.lists(st.integers(0, len(matrix) - 1), min_size=1)))
    weights = np.array([data.draw(st.sampled_from([-1.0, 0.5, 1.0])) for _ in places])
    expected = sum(weight * matrix[place] for place, weight in zip(places, weights, strict=True))
    for found in both(matrix):
        assert found.together(places, weights).tolist() == pytest.approx(expected.tolist())
