"""A correction is about other people: y = x + d, and whoever saw both releases tries to learn d.

x and y share no unknowns, so the range of a difference follows from the two ranges. The auditor has the truth of y at
most; what could be small about d is judged by every value that x may have. Of an insider's own counts in x nothing is
known here either: they are taken to be those of y where x allows that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anonymisation.attack import truth
from anonymisation.attack.attacker import Attacker, Case, look, prepare, told_key
from anonymisation.attack.insight import Insight, first_world
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
    who = line.index(name) if name in line else -1
    eyes = Eyes(before, who)
    insight = _insight(attacker.case, before, eyes, counts)
    place = {label: at for at, n in enumerate(eyes.kept.tolist()) if not (label := before.labels[n]).publication}
    pairs = []
    for at, number in enumerate(attacker.eyes.kept.tolist()):
        label = now.labels[number]
        if not label.publication and label in place:
            pairs.append((at, int(attacker.eyes.target[at]), int(eyes.target[place[label]])))
    wanted = np.zeros(before.targets.shape[0], dtype=np.int64)
    for at, _, target in pairs:
        wanted[target] = max(wanted[target], 2 * now.width[attacker.eyes.kept[at]])
    insight.prove(wanted)
    return _judge(attacker, insight, pairs, since)


def _insight(case: Case, before: Quantities, eyes: Eyes, counts: Counts | None) -> Insight:
    system = before.system
    tools = prepare(before, case.cap, case.work)
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


def _judge(attacker: Attacker, before: Insight, pairs: Sequence[tuple[int, int, int]], since: str) -> Difference:
    now, quantities = attacker.insight, attacker.case.quantities
    disclosed, narrow, unfinished = [], [], 0
    for at, y, x in pairs:
        number = int(attacker.eyes.kept[at])
        width = int(quantities.width[number])
        if _size(now, before, y, x)[2] >= width:
            continue
        now.settle(np.array([y]))
        before.settle(np.array([x]))
        least, most, seen = _size(now, before, y, x)
        if seen >= width or most == 0:
            continue
        if not (_settled(now, y) and _settled(before, x)):
            unfinished += 1
            continue
        label = quantities.labels[number]
        exposed = Exposed(label.table, told_key(quantities, label), least, most, label.margin or "", "", since)
        low, high = least, most
        if attacker.judged[at] and attacker.case.truth is not None:
            value = int(attacker.eyes.values(attacker.case.truth.world)[y])
            ends = value - int(before.outer_low[x]), value - int(before.outer_high[x])
            low = 0 if ends[0] * ends[1] < 0 else min(abs(ends[0]), abs(ends[1]))
            high = max(abs(ends[0]), abs(ends[1]))
        smallest = 0 if quantities.zeros_small[number] else 1
        threshold = int(quantities.threshold[number])
        could = high >= smallest and low < threshold
        surely = least >= smallest and most < threshold
        if surely or (could and attacker.judged[at]):
            disclosed.append(exposed)
        else:
            narrow.append(exposed)
    return Difference(tuple(disclosed), tuple(narrow), unfinished)


def _size(now: Insight, before: Insight, y: int, x: int) -> tuple[int, int, int]:
    """Outer least and greatest size of the difference, and how wide its size is seen to range.

    Seen are differences of worlds that are known: those at the ends of both ranges, and the two that all walks began
    at. Sizes in between may occur, so what is seen is at most the truth: a difference may be called narrow that is
    not, never the other way round.
    """
    low = int(now.outer_low[y] - before.outer_high[x])
    high = int(now.outer_high[y] - before.outer_low[x])
    most = max(abs(low), abs(high))
    least = 0 if low <= 0 <= high else min(abs(low), abs(high))
    ends = [
        abs(int(a - b))
        for a in (now.seen_low[y], now.seen_high[y], *now.base_values[y : y + 1])
        for b in (before.seen_low[x], before.seen_high[x], *before.base_values[x : x + 1])
        if abs(int(a)) < 2**50 and abs(int(b)) < 2**50
    ]
    return least, most, max(ends) - min(ends) if ends else -1


def _settled(insight: Insight, target: int) -> bool:
    low = insight.outer_low[target] == insight.seen_low[target]
    return bool(low and insight.outer_high[target] == insight.seen_high[target])
