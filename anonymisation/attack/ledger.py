"""Which earlier releases count the same people, which are corrected by this one, and which are of other people."""

from collections.abc import Sequence
from dataclasses import dataclass

from anonymisation.errors import HistoryError
from anonymisation.release import Release


@dataclass(frozen=True)
class Ledger:
    """Earlier releases as the attacker uses them.

    `same` count the same people as the current release. `corrected` are earlier revisions of it, each with the other
    releases that count the people of that revision.
    """

    same: tuple[Release, ...]
    corrected: tuple[tuple[Release, tuple[Release, ...]], ...]


def read(current: Release, history: Sequence[Release]) -> Ledger:
    """Sort the history. Raises HistoryError for another population, overlapping periods or a second of the same."""
    problems = []
    others: dict[tuple[str, int], Release] = {}
    programme = current.programme
    for release in history:
        told = release.programme
        name = f"history: {told.id} revision {release.revision}"
        if told.population != programme.population:
            problems.append(f"{name}: is of another population")
        elif told.period != programme.period:
            if _overlap(told.period, programme.period):
                problems.append(f"{name}: its period overlaps")
        elif (told.id, release.revision) == (programme.id, current.revision):
            if release.to_bytes() != current.to_bytes():
                problems.append(f"{name}: is another release of the same programme, period and revision")
        elif (told.id, release.revision) in others:
            problems.append(f"{name}: is given twice")
        else:
            others[told.id, release.revision] = release
    if problems:
        raise HistoryError(problems)
    first = tuple(r for (name, revision), r in others.items() if revision == 0 and name != programme.id)
    earlier = tuple(r for (name, revision), r in others.items() if name == programme.id and revision < current.revision)
    if current.revision and not any(r.revision == current.revision - 1 for r in earlier):
        msg = f"history: revision {current.revision - 1} of {programme.id} is missing"
        raise HistoryError(msg)
    return Ledger(
        same=first if current.revision == 0 else (),
        corrected=tuple((r, first if r.revision == 0 else ()) for r in sorted(earlier, key=lambda r: r.revision)),
    )


def _overlap(one: str, other: str) -> bool:
    """Whether a year and one of its halves meet (two different halves, or years, do not)."""
    return one[:4] == other[:4] and (len(one) == 4 or len(other) == 4)
