"""The plainest move: so many more people of one kind, counted wherever such a person is counted."""

from __future__ import annotations

import numpy as np

from anonymisation.suppression.circuits import Move
from anonymisation.suppression.system import Bools, System


def more_people(system: System, quantity: int, number: int, still: Bools) -> Move | None:
    """Return the move that adds `number` people whom the quantity counts, in each block once; `still` (n,) stays.

    It keeps what the blocks have in common, and hides nothing only where nothing that counts them is shown. None where
    the quantity counts nobody else, and for dimensions of several codes, where people are of no one kind.
    """
    inside = slice(system.matrix.indptr[quantity], system.matrix.indptr[quantity + 1])
    counted = system.matrix.indices[inside][system.matrix.data[inside] > 0]
    counted = counted[~still[counted]]
    if not len(counted) or system.lists.shape[0]:
        return None
    home = next(block for block in system.blocks if counted[0] < block.start + block.size)
    spot = np.unravel_index(int(counted[0]) - home.start, home.shape)
    kind = {name: int(place) for name, place in zip(home.axes, spot, strict=True)}
    # Whose people they are is open where the first block does not tell: then not theirs whose counts stay.
    for whose in range(min(2, len(system.contributors) or 1)):
        places = {str(system.programme.contributor): whose} | kind
        columns = np.array(
            [
                block.start + int(np.ravel_multi_index([places.get(axis, 0) for axis in block.axes], block.shape))
                for block in system.blocks
            ]
        )
        if not still[columns].any():
            return Move(np.sort(columns), np.full(len(columns), number, dtype=np.int64))
    return None
