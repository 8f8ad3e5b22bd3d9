"""Play every attacker against a release and everything released before it."""

from collections.abc import Sequence

import numpy as np

from anonymisation.attack import ledger, quantities, sight, system, truth
from anonymisation.attack.attacker import PUBLIC, Attacker, Case, NoWorldError
from anonymisation.attack.aware import Aware
from anonymisation.attack.insight import Work
from anonymisation.attack.polytope import Ints
from anonymisation.attack.report import AttackerReport, AuditReport
from anonymisation.counts import Counts
from anonymisation.errors import HistoryError
from anonymisation.release import Release

DEFAULT_WORK = 200_000
"""Questions to the solver that one audit may ask before it gives up (and says so)."""


def audit(
    release: Release, *, history: Sequence[Release] = (), counts: Counts | None = None, work: int = DEFAULT_WORK
) -> AuditReport:
    """Attack a release and say what comes out (FORMATS.md section 1, *Safe*).

    Without `counts` the public attacker alone, who reports what is certainly small and narrow. With `counts` (the
    truth, of the same programme) each contributor too, judged by *Safe*. What `work` did not suffice for is not safe.
    Raises InputError where history or counts do not fit the release.
    """
    known = ledger.read(release, history)
    linked = system.build([sight.publication(r) for r in (release, *known.same)])
    return AuditReport(tuple(_attack(linked, counts, Work(work))))


def _attack(linked: system.System, counts: Counts | None, work: Work) -> list[AttackerReport]:
    asked = quantities.build(linked)
    cap = _cap(linked, asked)
    try:
        known = None if counts is None else truth.read(linked, counts, cap=cap, work=work)
        judged = np.zeros(len(asked.labels), dtype=bool) if known is None else known.decides(asked)
        case = Case(asked, known, judged, cap, work)
        inside = counts is not None and linked.publications[0].insiders and linked.contributor is not None
        leaves = linked.lines[linked.contributor].leaves if inside and linked.contributor else ()
        worlds: list[Ints] = []
        found: dict[int, Attacker] = {}
        # Insiders first: each world of theirs is one of the public's, too.
        for who in (*range(len(leaves)), PUBLIC):
            found[who] = Attacker(case, who)
            found[who].attack(worlds)
            worlds += found[who].insight.worlds
        if linked.publications[0].rule_aware and known is not None:
            aware = Aware(found, known.world)
            aware.prove()
            for who, attacker in found.items():
                attacker.cover = aware.cover(who)
    except NoWorldError:
        msg = "history: no counts at all fit the releases together"
        raise HistoryError(msg) from None
    return [found[who].report("public" if who == PUBLIC else leaves[who]) for who in (PUBLIC, *range(len(leaves)))]


def _cap(linked: system.System, asked: quantities.Quantities) -> int:
    """A bound for what nothing else bounds: far above every corner that shown values can make."""
    shown = [value[1] for p in linked.publications for s in p.sheets for value in s.seen.values() if value is not None]
    return 1_000 + 2 * max(shown, default=0) + 20 * int(asked.width.max())
