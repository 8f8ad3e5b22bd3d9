"""Play every attacker against a release and everything released before it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from anonymisation.attack import budget, candidates, correction, ledger, people, quantities, sight, system, truth
from anonymisation.attack.attacker import PUBLIC, Attacker, Case, NoWorldError, prepare
from anonymisation.attack.aware import Aware
from anonymisation.attack.exhaustive import decide
from anonymisation.attack.insight import Work
from anonymisation.attack.polytope import Ints
from anonymisation.attack.report import AttackerReport, AuditReport
from anonymisation.counts import Counts
from anonymisation.errors import HistoryError
from anonymisation.programme import Method
from anonymisation.release import Release

DEFAULT_WORK = 200_000
"""Questions to the solver that one audit may ask before it gives up (and says so)."""
MOST_WORLDS = 1_000
"""Worlds of insiders that are kept for the public."""


def audit(
    release: Release, *, history: Sequence[Release] = (), counts: Counts | None = None, work: int = DEFAULT_WORK
) -> AuditReport:
    """Attack a release and say what comes out (FORMATS.md section 1, *Safe*).

    Without `counts` the public attacker alone, who reports what is certainly small and narrow. With `counts` (the
    truth, of the same programme) each contributor too, judged by *Safe*. What `work` did not suffice for is not safe.
    Raises InputError where history or counts do not fit the release.
    """
    known = ledger.read(release, history)
    if release.programme.policy.method is Method.DP:
        return budget.audit(release, history)
    linked = system.build([sight.publication(r) for r in (release, *known.same)])
    before = [
        (quantities.build(system.build([sight.publication(r) for r in (earlier, *same)])), earlier.revision)
        for earlier, same in known.corrected
    ]
    try:
        return AuditReport(tuple(_attack(linked, before, counts, Work(work))))
    except NoWorldError:
        msg = "history: no counts at all fit the releases together"
        raise HistoryError(msg) from None


def coalitions(
    release: Release, counts: Counts, *, history: Sequence[Release] = (), work: int = DEFAULT_WORK
) -> tuple[AttackerReport, ...]:
    """What every two contributors find out together by (i) and (ii): measured and reported, never promised."""
    known = ledger.read(release, history)
    linked = system.build([sight.publication(r) for r in (release, *known.same)])
    if linked.contributor is None:
        return ()
    leaves = linked.lines[linked.contributor].leaves
    spent = Work(work)
    case = _case(linked, counts, spent)
    reports = []
    for one, other in combinations(range(len(leaves)), 2):
        both = Attacker(case, one, other)
        both.attack()
        reports.append(both.report(f"{leaves[one]}+{leaves[other]}"))
    return tuple(reports)


def _case(linked: system.System, counts: Counts | None, work: Work) -> Case:
    asked = quantities.build(linked)
    cap = _cap(linked, asked)
    known = None if counts is None else truth.read(linked, counts, cap=cap, work=work)
    judged = np.zeros(len(asked.labels), dtype=bool) if known is None else known.decides(asked)
    tools = prepare(asked, cap, work)
    if known is not None:
        people.suggest(tools.moves, linked, known.world)
    return Case(asked, known, judged, cap, tools)


def _attack(
    linked: system.System,
    before: Sequence[tuple[quantities.Quantities, int]],
    counts: Counts | None,
    work: Work,
) -> list[AttackerReport]:
    leaves = linked.lines[linked.contributor].leaves if linked.contributor else ()
    reports = []
    for who, attacker in _attackers(linked, counts, work):
        report = attacker.report("public" if who == PUBLIC else leaves[who])
        for earlier, revision in before:
            told = correction.compare(attacker, earlier, counts, since=f"revision {revision}")
            report = replace(
                report,
                disclosed=(*report.disclosed, *told.disclosed),
                narrow=(*report.narrow, *told.narrow),
                unfinished=report.unfinished + told.unfinished,
            )
        reports.append(report)
    # Played last, told first.
    return [*reports[-1:], *reports[:-1]]


def _attackers(linked: system.System, counts: Counts | None, work: Work) -> Iterator[tuple[int, Attacker]]:
    """All attackers after their attack, by number; the public, -1, last. Unless asked for together, one at a time."""
    case = _case(linked, counts, work)
    inside = counts is not None and linked.publications[0].insiders and linked.contributor is not None
    leaves = linked.lines[linked.contributor].leaves if inside and linked.contributor else ()
    together = linked.publications[0].rule_aware and case.truth is not None
    found: dict[int, Attacker] = {}
    worlds: list[Ints] = []
    # Insiders first: each world of theirs is one of the public's, too.
    for who in (*range(len(leaves)), PUBLIC):
        attacker = Attacker(case, who)
        attacker.attack(worlds if who == PUBLIC else ())
        worlds += attacker.insight.far[: MOST_WORLDS - len(worlds)]
        if together:
            found[who] = attacker
        else:
            yield who, attacker
    if together and case.truth is not None:
        _cover(found, case.truth.world)
        yield from found.items()


def _cover(found: dict[int, Attacker], base: Ints) -> None:
    """Ask clause (iii), unless (i) and (ii) alone already find something."""
    if not all(bool(a.insight.wide(a.eyes.needed(a.small)).all()) for a in found.values()):
        return
    if not found[PUBLIC].case.quantities.shown.any():
        # Nothing is shown, so nothing bounds the others' counts: every world would be as safe, and all are cover.
        for attacker in found.values():
            attacker.cover = np.ones(len(attacker.eyes.kept), dtype=bool)
        return
    aware = Aware(found, base)
    candidates.prove(aware)
    exact = None if aware.wide().all() else decide(found, base)
    for who, attacker in found.items():
        attacker.cover = aware.cover(who)
        if exact is not None:
            attacker.exact = exact[who]


def _cap(linked: system.System, asked: quantities.Quantities) -> int:
    """A bound for what nothing else bounds: far above every corner that shown values can make."""
    shown = [value[1] for p in linked.publications for s in p.sheets for value in s.seen.values() if value is not None]
    return 1_000 + 2 * max(shown, default=0) + 20 * int(asked.width.max())
