"""One attacker at work on one system: the public, or a contributor with its own counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anonymisation.attack.circuits import Searches
from anonymisation.attack.frame import Frame
from anonymisation.attack.insight import Insight, Tools, Work
from anonymisation.attack.moves import Moves
from anonymisation.attack.parts import split
from anonymisation.attack.polytope import Ints, NoWorldError, Polytope, Rows
from anonymisation.attack.quantities import Eyes, Flags, Label, Quantities
from anonymisation.attack.report import AttackerReport, Exposed
from anonymisation.attack.shared import Shared
from anonymisation.attack.truth import Truth

PUBLIC = -1


@dataclass(frozen=True)
class Case:
    """What all attackers share: the system's quantities, the truth if the auditor has it, limits and tools."""

    quantities: Quantities
    truth: Truth | None
    judged: Flags
    """Which quantities the truth decides; none without a truth."""
    cap: int
    tools: Tools

    @property
    def work(self) -> Work:
        """The questions that are left."""
        return self.tools.work


def prepare(quantities: Quantities, cap: int, work: Work) -> Tools:
    """The public's worlds, and what finds moves between them. Raises NoWorldError if it finds a contradiction."""
    system = quantities.system
    longest = max(system.lines, key=lambda name: len(system.lines[name].leaves))
    frame = Frame(polytope(system.rows, cap), system.along(longest))
    shared = Shared(quantities.targets.shape[0], system.owner())
    return Tools(Moves(frame, quantities.targets), Searches(frame), shared, work)


def polytope(rules: Rows, cap: int) -> Polytope:
    """All worlds that keep some rules. Raises NoWorldError if it finds a contradiction."""
    count = rules.matrix.shape[1]
    return Polytope(rules, np.zeros(count, dtype=np.int64), np.full(count, cap), cap=cap)


def look(quantities: Quantities, eyes: Eyes, tools: Tools, own: Sequence[Rows], cap: int) -> Insight:
    """The insight of whoever has these eyes and knows its `own` counts besides the releases."""
    frame = tools.moves.frame
    rules = quantities.system.rows
    for known in own:
        rules = rules.and_also(known)
    still = np.zeros(frame.size, dtype=bool)
    columns = frame.slot[eyes.own]
    still[columns[columns >= 0]] = True
    # Own counts that are known as sums only may still vary: then moves prove that ranges are wide, not that they end.
    single = [known.matrix.indices[known.matrix.indptr[:-1][np.diff(known.matrix.indptr) == 1]] for known in own]
    told = np.union1d(np.concatenate([eyes.own[:0], *single]), np.flatnonzero(frame.slot < 0))
    whole = bool(np.isin(eyes.own, told).all())

    def make() -> Polytope:
        return polytope(rules, cap) if own else frame.public

    return Insight(eyes, tools, make, still, whole_truth=whole)


class Attacker:
    """Ranges of one attacker, and the verdict on them."""

    def __init__(self, case: Case, who: int, partner: int = PUBLIC) -> None:
        self.case, self.who = case, who
        self.eyes = Eyes(case.quantities, who, partner)
        truth = case.truth
        own = [truth.own(self.eyes)] if truth is not None and self.eyes.inside else []
        self.insight = look(case.quantities, self.eyes, case.tools, own, case.cap)
        kept = self.eyes.kept
        self.judged = case.judged[kept]
        small = np.zeros(len(kept), dtype=bool)
        if truth is not None:
            small = self.eyes.small(truth.world[np.newaxis, :])[0] & self.judged
            self.insight.witness(truth.world)
        self.small = small
        self.needed = self.eyes.needed(small | ~self.judged)
        self.cover: Flags | None = None
        """With `rule_aware`: which kept quantities have two witnesses that satisfy (iii); None if that is not asked."""
        self.exact: tuple[Ints, Ints] | None = None
        """Least and greatest value of each target over all worlds that satisfy (iii), where the region is small."""

    def attack(self, worlds: Sequence[Ints] = ()) -> None:
        """Find the ranges; `worlds` are some that are known to be this attacker's."""
        for world in worlds:
            self.insight.witness(world)
        self.insight.prove(self.needed)

    def report(self, name: str) -> AttackerReport:
        """The verdict by the ranges found so far."""
        eyes, insight = self.eyes, self.insight
        width = self.case.quantities.width[eyes.kept]
        seen = (insight.seen_high - insight.seen_low)[eyes.target] >= width
        # A quantity that the truth decides matters where it is small; the others matter wherever they are narrow.
        asked = np.flatnonzero((self.small | ~self.judged) & ~seen)
        insight.settle(np.unique(eyes.target[asked]))
        disclosed, narrow = [], []
        unsettled = self._unseen() & (self.small | ~self.judged)
        if self.cover is not None:
            # Wide enough by (i) and (ii), but without proven witnesses by (iii).
            unproven = np.flatnonzero(seen & ~self.cover & self.small)
            if self.exact is None:
                unsettled[unproven] = True
            else:
                gap = (self.exact[1] - self.exact[0])[eyes.target]
                told = [at for at in unproven if gap[at] < width[at]]
                disclosed += [self._exposed(int(at), self.exact) for at in told]
        for at in asked:
            target = int(eyes.target[at])
            low, high = int(insight.outer_low[target]), int(insight.outer_high[target])
            if high - low >= width[at]:
                unsettled[at] |= insight.seen_high[target] - insight.seen_low[target] < width[at]
            elif self.judged[at] or self._wholly_small(int(at), low, high):
                disclosed.append(self._exposed(int(at)))
            else:
                unsettled[at] |= self._perhaps_small(int(at), low, high)
                if not self.case.quantities.shown[eyes.kept[at]]:
                    narrow.append(self._exposed(int(at)))
        return AttackerReport(name, len(eyes.kept), tuple(disclosed), tuple(narrow), int(np.count_nonzero(unsettled)))

    def _unseen(self) -> Flags:
        """Which kept quantities hang together with own counts that this attacker knows and the auditor does not.

        These are of an earlier release's tables that the truth does not decide. Their worlds vary here, not there.
        """
        found = np.zeros(len(self.eyes.kept), dtype=bool)
        if self.insight.whole_truth:
            return found
        quantities, inside = self.case.quantities, self.insight.polytope
        near = np.zeros(quantities.sums.shape[1], dtype=np.int64)
        for part in split(inside, quantities.system.owner(), quantities.sums[:0]):
            if np.isin(part.columns, self.eyes.own).any():
                near[part.columns] = 1
        return np.asarray((abs(self.eyes.targets) @ near > 0)[self.eyes.target])

    def _wholly_small(self, at: int, low: int, high: int) -> bool:
        """Whether every value in the range is small, whatever the truth is."""
        quantities, number = self.case.quantities, self.eyes.kept[at]
        group = quantities.margin[number] >= 0
        least = 0 if group or quantities.zeros_small[number] else 1
        if low < least or high >= quantities.threshold[number]:
            return False
        return not group or low > 0 or self._margin_low(int(number)) > 0

    def _perhaps_small(self, at: int, low: int, high: int) -> bool:
        """Whether a quantity within these limits may be small in some truth that the counts leave open."""
        quantities, number, truth = self.case.quantities, int(self.eyes.kept[at]), self.case.truth
        if truth is None:
            return False
        if quantities.split[number]:
            cell = quantities.sums[quantities.cell[number]].indices
            owner = quantities.system.owner()[cell]
            surely, perhaps = (len(np.unique(owner[counts[cell] > 0])) for counts in (truth.lower, truth.upper))
            if perhaps and max(surely, 1) < quantities.least_contributors[number]:
                return True
        margin = int(quantities.margin[number])
        if margin >= 0 and truth.limits(*self.eyes.row(margin))[1] == 0:
            return False
        least, most = truth.limits(*self.eyes.row(int(self.eyes.target[at])))
        smallest = 0 if margin >= 0 or quantities.zeros_small[number] else 1
        return min(high, most) >= smallest and max(low, least) < quantities.threshold[number]

    def _margin_low(self, number: int) -> int:
        """The least value of the margin of a group quantity."""
        # A margin is a cell too, and the first targets are the cells.
        target = int(self.case.quantities.margin[number])
        self.insight.settle(np.array([target]))
        return int(self.insight.outer_low[target])

    def _exposed(self, at: int, exact: tuple[Ints, Ints] | None = None) -> Exposed:
        quantities = self.case.quantities
        label = quantities.labels[int(self.eyes.kept[at])]
        target = self.eyes.target[at]
        publication = quantities.system.publications[label.publication]
        lows, highs = (self.insight.outer_low, self.insight.outer_high) if exact is None else exact
        high = int(highs[target])
        return Exposed(
            table=label.table,
            key=told_key(quantities, label),
            lower=int(lows[target]),
            upper=None if high >= self.case.cap else high,
            margin=label.margin or "",
            release=publication.programme if label.publication else "",
        )


def told_key(quantities: Quantities, label: Label) -> tuple[str, ...]:
    """The key as a reader of the release knows it: without the contributor's total where the table has no such axis."""
    publication = quantities.system.publications[label.publication]
    sheet = next(s for s in publication.sheets if s.id == label.table)
    contributor = publication.contributor
    if len(label.key) > len(sheet.axes) and label.key[-1] == publication.axes[str(contributor)].total:
        return label.key[:-1]
    return label.key


__all__ = ["PUBLIC", "Attacker", "Case", "NoWorldError", "look", "polytope", "prepare", "told_key"]
