"""A correction is about other people: y = x + d, and whoever saw both releases tries to learn d.

x and y share no unknowns, so the range of a difference follows from the two ranges. The auditor has the truth of y at
most; what could be small about d is judged by every value that x may have. An insider's own counts in x are known to it
and not to the auditor: how narrow it sees the others is worked out as if they were those of y, where x allows that; but
how large their difference may be by all own counts that x leaves open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anonymisation.attack import truth
from anonymisation.attack.attacker import PUBLIC, Attacker, Case, look, prepare, told_key
from anonymisation.attack.insight import Insight, Tools, first_world
from anonymisation.attack.polytope import NoWorldError, Rows
from anonymisation.attack.quantities import Eyes, Quantities
from anonymisation.attack.report import Exposed
from anonymisation.counts import Counts


@dataclass(frozen=True)
class Difference:
    """What an attacker learns about the differences: those disclosed, those merely narrow, and how many were open."""

    disclosed: tuple[Exposed, ...]
    narrow: tuple[Exposed, ...]
    unfinished: int


def compare(attacker: Attacker, before: Quantities, counts: Counts | None, *, since: str) -> Difference:
    """Play an attacker of the current release (y) against an earlier revision (x); `since` names it in the report."""
    now = attacker.case.quantities
    leaves = now.system.lines[now.system.contributor].leaves if now.system.contributor else ()
    name = leaves[attacker.who] if attacker.who >= 0 else None
    line = before.system.lines[before.system.contributor].leaves if before.system.contributor else ()
    who = line.index(name) if name in line else PUBLIC
    eyes = Eyes(before, who)
    tools = prepare(before, attacker.case.cap, attacker.case.work)
    insight = _insight(attacker.case, before, eyes, counts, tools)
    anyone = look(before, eyes, tools, [], attacker.case.cap) if eyes.who >= 0 else insight
    place = {before.labels[number]: at for at, number in enumerate(eyes.kept.tolist())}
    pairs = []
    for at, number in enumerate(attacker.eyes.kept.tolist()):
        label = now.labels[number]
        if label in place:
            pairs.append((at, int(attacker.eyes.target[at]), int(eyes.target[place[label]])))
    wanted = np.zeros(before.targets.shape[0], dtype=np.int64)
    for at, _, target in pairs:
        wanted[target] = max(wanted[target], 2 * now.width[attacker.eyes.kept[at]])
    insight.prove(wanted)
    return _judge(attacker, insight, anyone, pairs, since)


def _insight(case: Case, before: Quantities, eyes: Eyes, counts: Counts | None, tools: Tools) -> Insight:
    """What the attacker makes of the earlier revision."""
    system = before.system
    if counts is not None and eyes.who >= 0:
        cells, values, owner = truth.cells(system, counts)
        mine = np.flatnonzero(owner == eyes.who)
        own = Rows(cells[mine], values[mine], values[mine])
        try:
            found = look(before, eyes, tools, [own], case.cap)
            found.witness(first_world(found.polytope, case.work))
        except NoWorldError:
            pass
        else:
            return found
    return look(before, eyes, tools, [], case.cap)


def _judge(
    attacker: Attacker, before: Insight, anyone: Insight, pairs: Sequence[tuple[int, int, int]], since: str
) -> Difference:
    """Judge the pairs (place, target of y, target of x); `anyone` knows no own counts of x."""
    now, quantities, known = attacker.insight, attacker.case.quantities, attacker.case.truth
    disclosed: list[Exposed] = []
    narrow: list[Exposed] = []
    unfinished = 0
    for at, y, x in pairs:
        number = int(attacker.eyes.kept[at])
        width = int(quantities.width[number])
        if _size(now, before, y, x)[2] >= width:
            continue
        now.settle(np.array([y]))
        before.settle(np.array([x]))
        least, most, seen = _size(now, before, y, x)
        if seen >= width:
            continue
        if anyone is not before:
            anyone.settle(np.array([x]))
            least, most, _ = _size(now, anyone, y, x)
        if most == 0:
            continue
        if not (_settled(now, y) and _settled(before, x)):
            unfinished += 1
            continue
        label = quantities.labels[number]
        exposed = Exposed(label.table, told_key(quantities, label), least, most, label.margin or "", "", since)
        smallest = 0 if quantities.zeros_small[number] else 1
        threshold = int(quantities.threshold[number])
        if known is None:
            small = least >= smallest and most < threshold
        else:
            value = int(attacker.eyes.values(known.world)[y])
            low, high = _sizes(value - int(anyone.outer_high[x]), value - int(anyone.outer_low[x]))
            small = high >= smallest and low < threshold
        (disclosed if small else narrow).append(exposed)
    return Difference(tuple(disclosed), tuple(narrow), unfinished)


def _size(now: Insight, before: Insight, y: int, x: int) -> tuple[int, int, int]:
    """Outer least and greatest size of the difference, and how wide its size is seen to range.

    Seen are differences of worlds that are known: those at the ends of both ranges, and the two that all walks began
    at. Sizes in between may occur, so what is seen is at most the truth: a difference may be called narrow that is
    not, never the other way round.
    """
    least, most = _sizes(int(now.outer_low[y] - before.outer_high[x]), int(now.outer_high[y] - before.outer_low[x]))
    ends = [
        abs(int(a - b))
        for a in (now.seen_low[y], now.seen_high[y], now.base_values[y])
        for b in (before.seen_low[x], before.seen_high[x], before.base_values[x])
    ]
    return least, most, max(ends) - min(ends)


def _sizes(low: int, high: int) -> tuple[int, int]:
    """The least and the greatest size of a number between `low` and `high`."""
    return max(0, low, -high), max(high, -low)


def _settled(insight: Insight, target: int) -> bool:
    low = insight.outer_low[target] == insight.seen_low[target]
    return bool(low and insight.outer_high[target] == insight.seen_high[target])
