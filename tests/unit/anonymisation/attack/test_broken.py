"""Where searches come out in fractions: a whole move is found among the columns given, if there is one."""

from itertools import product

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st
from scipy import sparse

from anonymisation.attack.broken import mend
from anonymisation.attack.circuits import Circuits
from anonymisation.attack.frame import Frame
from anonymisation.attack.polytope import Polytope, Rows

MOST = 2
"""No count is larger, unless a test says so."""


def frame_of(matrix: list[list[int]], world: np.ndarray, *, most: int = MOST) -> Frame:
    """The equations that hold in a world of small counts."""
    rows = np.array(matrix, dtype=np.int64)
    value = rows @ world
    count = rows.shape[1]
    public = Polytope(
        Rows(sparse.csr_matrix(rows), value, value), np.zeros(count, np.int64), np.full(count, most), cap=most
    )
    return Frame(public, np.zeros(count, np.int64))


@given(st.data())
def test_finds_a_whole_move_exactly_where_there_is_one(data: st.DataObject):
    count = data.draw(st.integers(2, 5))
    entry = st.sampled_from([-1, 0, 1, 1, 2])
    matrix = data.draw(st.lists(st.lists(entry, min_size=count, max_size=count), min_size=1, max_size=3))
    world = np.array(data.draw(st.lists(st.integers(0, MOST), min_size=count, max_size=count)))
    frame = frame_of(matrix, world)
    if not frame.size:
        event("nothing is open")
        return
    place = frame.place(world)
    still = np.array(data.draw(st.lists(st.booleans(), min_size=frame.size, max_size=frame.size)))
    among = np.flatnonzero(data.draw(st.lists(st.booleans(), min_size=frame.size, max_size=frame.size)))
    column = data.draw(st.integers(0, frame.size - 1))
    sign = data.draw(st.sampled_from([-1, 1]))
    found = mend(frame, among, np.array([column]), np.array([sign]), place, still)
    open_to = set(among.tolist()) - set(np.flatnonzero(still).tolist())
    assert (found is not None) == exists(frame, place, open_to, column, sign)
    event("found" if found is not None else "none")
    if found is not None:
        columns, weights = found
        reached = place.copy()
        reached[columns] += weights
        assert set(columns.tolist()) <= open_to
        assert frame.keeps(columns, weights)
        assert (reached >= frame.lower).all()
        assert (reached <= frame.upper).all()
        assert sign * (reached - place)[column] >= 1


def exists(frame: Frame, place: np.ndarray, open_to: set[int], column: int, sign: int) -> bool:
    """Whether any counts of the open columns keep the equations and move one of them the way that is asked."""
    ranges = [
        range(int(low), int(high) + 1) if at in open_to else (int(now),)
        for at, (low, high, now) in enumerate(zip(frame.lower, frame.upper, place, strict=True))
    ]
    value = frame.matrix @ place
    return any(
        sign * (world[column] - place[column]) >= 1 and np.array_equal(frame.matrix @ np.array(world), value)
        for world in product(*ranges)
    )


def test_a_search_that_breaks_tells_where_a_whole_move_lies():
    # The first is five times the second: one more of it would be a fifth more of the other.
    world = np.array([5, 1])
    frame, nobody = frame_of([[1, -5]], world, most=10), np.zeros(2, bool)
    first, up, place = np.array([0]), np.array([1]), frame.place(world)
    found = Circuits(frame).find(first, up, place, nobody, noise=0)
    assert not len(found.columns)
    assert not found.exhausted
    move = mend(frame, found.broken, first, up, place, nobody)
    assert move is not None
    assert [part.tolist() for part in move] == [[0, 1], [5, 1]]


def test_searches_no_more_than_it_is_given():
    world = np.array([1, 1, 1])
    frame = frame_of([[1, 1, 1]], world)
    nobody = np.zeros(3, bool)
    first, up = np.array([0]), np.array([1])
    assert mend(frame, np.array([0, 2]), first, up, frame.place(world), nobody) is not None
    assert mend(frame, np.array([0]), first, up, frame.place(world), nobody) is None
    assert mend(frame, np.array([], dtype=np.int64), first, up, frame.place(world), nobody) is None
