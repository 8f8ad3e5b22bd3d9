"""The oracle's verdict and the attacker's, in words that can be compared."""

from anonymisation.attack import audit
from tests.oracle.adapter import region, true_world
from tests.oracle.safe import Verdict
from tests.oracle.small import MOST_PEOPLE, Setting
from tests.oracle.worlds import enumerate_worlds, rules, unknowns

Told = dict[tuple[str, str, tuple[str, ...], str, bool], tuple[int, int | None]]
"""(attacker, table, key, margin, in an earlier release) to the range."""


def oracle(setting: Setting, *, limit: int = 5_000) -> Told | None:
    """Everything that the oracle finds; None where there are too many worlds to look at."""
    where = region(setting.release, *setting.earlier)
    worlds = enumerate_worlds(where, MOST_PEOPLE, limit)
    if worlds is None:
        return None
    truth = true_world(where, [setting.counts, *setting.earlier_counts])
    found: Told = {}
    for finding in Verdict(where, worlds).findings(truth):
        quantity = finding.quantity
        publication = where.publications()[quantity.publication]
        key = quantity.key
        total = publication.dim(publication.contributor).total if publication.contributor else ""
        if len(key) > len(quantity.table.dims) and key[-1] == total:
            key = key[:-1]
        name = (finding.who, quantity.table.id, key, quantity.margin or "", quantity.publication > 0)
        found[name] = (finding.lower, finding.upper)
    return found


def same_people(setting: Setting) -> bool:
    """Whether the counts of all publications keep every rule that holds where they count the same people."""
    where = region(setting.release, *setting.earlier)
    world = dict(zip(unknowns(where), true_world(where, [setting.counts, *setting.earlier_counts]), strict=True))
    values = [
        (sum(weight * int(world[u]) for u, weight in rule.items()), low, high) for rule, low, high in rules(where)
    ]
    return all((low is None or value >= low) and (high is None or value <= high) for value, low, high in values)


def open_truths(setting: Setting, *, limit: int = 5_000) -> tuple[int, int] | None:
    """How many truths the current counts leave open, and in how many of them the oracle finds anything.

    More than one only where an earlier release crosses what no table of the current one does. None as above.
    """
    where = region(setting.release, *setting.earlier)
    worlds = enumerate_worlds(where, MOST_PEOPLE, limit)
    if worlds is None:
        return None
    truth = true_world(where, [setting.counts, *setting.earlier_counts])
    known = [at for at, (publication, _, _) in enumerate(unknowns(where)) if publication == 0]
    possible = worlds[(worlds[:, known] == truth[known]).all(axis=1)]
    verdict = Verdict(where, worlds)
    return len(possible), sum(bool(verdict.findings(world)) for world in possible)


def attacker(setting: Setting) -> tuple[bool, bool, Told]:
    """The attacker's verdict: safe, complete, and everything that it finds."""
    report = audit(setting.release, history=setting.earlier, counts=setting.counts)
    found: Told = {
        (one.who, e.table, e.key, e.margin, bool(e.release)): (e.lower, e.upper)
        for one in report.attackers
        for e in one.disclosed
    }
    return report.safe, report.complete, found
