"""Earlier releases of the same people: what everyone knows already, and what is still to be kept from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anonymisation.counts import Counts
from anonymisation.errors import HistoryError, NoSafeRelease
from anonymisation.programme import Method, Programme
from anonymisation.release import Release
from anonymisation.suppression.people import people
from anonymisation.suppression.system import Bools, System


def same_people(programme: Programme, history: Sequence[Release]) -> tuple[Release, ...]:
    """Return the earlier releases that count the same people; raise `HistoryError` for what cannot be linked.

    Other periods count other people, and so does a correction: it is not linked with what was released of the people
    before (`anonymisation.correcting` sees to the difference). Tables whose people the programme's tables cannot tell
    apart are refused with `NoSafeRelease`: nothing is proven about them here.
    """
    problems, same = [], []
    for at, release in enumerate(history, 1):
        other, where = release.programme, f"history {at} ({release.programme.id} {release.programme.period})"
        if other.population != programme.population:
            problems.append(f"{where}: another population")
        elif other.period != programme.period:
            # A year overlaps with its halves; two halves do not overlap.
            if other.period[:4] == programme.period[:4] and min(len(other.period), len(programme.period)) == len(
                "2026"
            ):
                problems.append(f"{where}: its period overlaps with {programme.period}")
        elif other.contributor != programme.contributor:
            problems.append(f"{where}: another contributor dimension")
        else:
            problems += [
                f"{where}: dimension {d.name} cannot be linked"
                for d in other.dimensions
                if d not in programme.dimensions and d.name in {known.name for known in programme.dimensions}
            ]
            same.append(release)
    if problems:
        raise HistoryError(problems)
    if any(release.programme.id == programme.id for release in same):
        return ()
    for release in same:
        axes = [set(t.axes(programme)) for t in programme.tables]
        linked = all(any(set(t.axes(release.programme)) <= a for a in axes) for t in release.programme.tables)
        if not linked or release.programme.policy.method is not Method.SUPPRESS:
            names = ", ".join(t.id for t in release.programme.tables)
            raise NoSafeRelease(f"nothing could be proven together with the earlier release of tables {names}")
    return tuple(same)


def known(system: System, counts: Counts, earlier: Sequence[Release]) -> Bools:
    """Return (q,) what earlier releases show already; raise `HistoryError` where they cannot be about these people."""
    index = {who: q for q, who in enumerate(system.people) if who is not None}
    value = system.matrix @ system.truth
    told = np.zeros(len(value), bool)
    for at, release in enumerate(earlier, 1):
        programme, where = release.programme, f"history {at} ({release.programme.id} {release.programme.period})"
        if release.contributors != counts.contributors:
            raise HistoryError(f"{where}: other contributors delivered to it")
        present = [programme.contributors.index(code) for code in release.contributors]
        for (table, key), shown in release.values.items():
            who = people(programme, programme.table(table), key, present)
            if who is None or who not in index:
                raise HistoryError(f"{where}: table {table}: a cell cannot be linked")
            if value[index[who]] != shown:
                raise HistoryError(f"{where}: table {table}: holds a number that these people cannot have")
            told[index[who]] = True
    return told
