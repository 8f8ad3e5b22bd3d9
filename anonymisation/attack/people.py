"""Moves that a perturbed release leaves open: one person of another kind.

Where a shown value is a range, a world in which one person is in another category is mostly a world too. These moves
need no solver. They are only suggestions: each is kept if it leaves every equation as it is.
"""

from math import prod

import numpy as np
from scipy import sparse

from anonymisation.attack.crossing import Block
from anonymisation.attack.frame import Flags, Frame
from anonymisation.attack.moves import Moves
from anonymisation.attack.polytope import Ints
from anonymisation.attack.system import System

MOST_KINDS = 500_000
"""Kinds of people over the lines that one line's tables cross; beyond that the line is left to the solver."""
MOST_MOVES = 12_000
"""Moves in all, each line its share, spread evenly over its people."""


def suggest(moves: Moves, system: System, world: Ints) -> None:
    """Add moves of one person in `world` to another leaf of one line; none where all shown values are exact."""
    frame = moves.frame
    shown = (value for p in system.publications for sheet in p.sheets for value in sheet.seen.values())
    if all(value is None or value[0] == value[1] for value in shown):
        return
    names = [name for name, line in system.lines.items() if not line.multi]
    for name in names:
        for columns, weights in _along(system, frame, world, name, MOST_MOVES // len(names)):
            moves.add(columns, weights)


def _along(system: System, frame: Frame, world: Ints, name: str, most: int) -> list[tuple[Ints, Ints]]:
    """Moves along one line: columns and weights."""
    blocks = [block for block in system.blocks if name in block.axes]
    lines = sorted({axis for block in blocks for axis in block.axes if not system.lines[axis].multi})
    shape = [len(system.lines[axis].leaves) for axis in lines]
    if not blocks or prod(shape) > MOST_KINDS:
        return []
    kinds = dict(zip(lines, np.indices(shape).reshape(len(shape), -1), strict=True))
    at = np.stack([_unknowns(system, block, kinds) for block in blocks])
    slots = frame.slot[at]
    free: Flags = np.min(slots, axis=0) >= 0
    here = np.flatnonzero(free & (np.min(world[at], axis=0) > 0))
    stride = prod(shape[lines.index(name) + 1 :])
    others = np.arange(shape[lines.index(name)])
    # Every person, and every other leaf of the line: the kind that differs in nothing else.
    donor = np.repeat(here, len(others))
    taker = donor + (np.tile(others, len(here)) - kinds[name][donor]) * stride
    fits = np.flatnonzero((taker != donor) & free[taker])
    if len(fits) > most:
        fits = fits[np.linspace(0, len(fits) - 1, most).astype(np.int64)]
    return _moves(frame, slots[:, donor[fits]].T, slots[:, taker[fits]].T)


def _unknowns(system: System, block: Block, kinds: dict[str, Ints]) -> Ints:
    """The unknown of a block that counts each kind; in a multi axis people, whatever their codes."""
    places = [kinds[axis] if axis in kinds else len(system.lines[axis].leaves) - 1 for axis in block.axes]
    spot = np.zeros(len(next(iter(kinds.values()))), dtype=np.int64)
    for size, place in zip(block.shape, places, strict=True):
        spot = spot * size + place
    return spot + block.start


def _moves(frame: Frame, minus: Ints, plus: Ints) -> list[tuple[Ints, Ints]]:
    """One fewer in each column of a row of `minus`, one more in each of `plus`, and what that does to the slacks."""
    count, size = len(minus), len(frame.free)
    rows = np.repeat(np.arange(count), minus.shape[1])
    move = sparse.csr_matrix(
        (
            np.concatenate([np.full(minus.size, -1), np.full(plus.size, 1)]),
            (np.concatenate([rows, rows]), np.concatenate([minus.ravel(), plus.ravel()])),
        ),
        shape=(count, size),
        dtype=np.int64,
    )
    # The slacks follow from the rules below the equations.
    ranges = frame.matrix[:, size:]
    ruled = np.flatnonzero(np.diff(sparse.csr_matrix(ranges).indptr))
    slack = sparse.csr_matrix(move @ frame.matrix[ruled][:, :size].T)
    whole = sparse.csr_matrix(sparse.hstack([move, slack]))
    whole.eliminate_zeros()
    found = []
    for row in range(count):
        inside = slice(whole.indptr[row], whole.indptr[row + 1])
        found.append((whole.indices[inside].astype(np.int64), whole.data[inside].astype(np.int64)))
    return found
