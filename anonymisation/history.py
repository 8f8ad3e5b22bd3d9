"""Earlier releases as the perturbing methods use them: whose people they count, and what they have already said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anonymisation.cells import People, people
from anonymisation.errors import HistoryError
from anonymisation.programme import Programme
from anonymisation.release import Release

HALF_YEAR = "2026-H1"


@dataclass(frozen=True)
class History:
    """Earlier releases of one population, sorted.

    `same` count the same people in other programmes; `corrected` are earlier revisions of this one, in their order;
    `revision` is the one that comes next.
    """

    same: tuple[Release, ...]
    corrected: tuple[Release, ...]

    @property
    def revision(self) -> int:
        """Number of the release that is being made."""
        return len(self.corrected)


def read(programme: Programme, releases: Sequence[Release]) -> History:
    """Sort earlier releases; raise `HistoryError` with one line for each that does not fit."""
    problems: list[str] = []
    same: dict[str, Release] = {}
    corrected: dict[int, Release] = {}
    for at, release in enumerate(releases, 1):
        told = release.programme
        where = f"history {at} ({told.id} {told.period})"
        if told.population != programme.population:
            problems.append(f"{where}: another population")
        elif told.period != programme.period:
            if told.period[:4] == programme.period[:4] and not len(told.period) == len(programme.period) == len(
                HALF_YEAR
            ):
                problems.append(f"{where}: its period overlaps with {programme.period}")
        elif found := [*_unlinked(programme, told)]:
            problems += [f"{where}: {line}" for line in found]
        elif told.id != programme.id and release.revision == 0:
            if same.setdefault(told.id, release).to_bytes() != release.to_bytes():
                problems.append(f"{where}: is given twice, and differs")
        elif told.id == programme.id:
            if told.sha256 != programme.sha256:
                problems.append(f"{where}: another programme of the same id and period")
            if corrected.setdefault(release.revision, release).to_bytes() != release.to_bytes():
                problems.append(f"{where}: revision {release.revision} is given twice, and differs")
    if problems:
        raise HistoryError(problems)
    if sorted(corrected) != list(range(len(corrected))):
        raise HistoryError(f"history: a revision of {programme.id} is missing")
    return History(tuple(same.values()), tuple(corrected[at] for at in sorted(corrected)))


def told(release: Release, contributors: tuple[str, ...], where: str) -> Mapping[People, int]:
    """Return what a release says by whom it counts; raise `HistoryError` where others delivered to it."""
    if release.contributors != contributors:
        raise HistoryError(f"{where} ({release.programme.id}): other contributors delivered to it")
    programme = release.programme
    present = [programme.contributors.index(code) for code in contributors]
    found: dict[People, int] = {}
    for (table, key), value in release.values.items():
        who = people(programme, programme.table(table), key, present)
        if who is not None and found.setdefault(who, value) != value:
            raise HistoryError(f"{where} ({programme.id}): table {table}: says two things of the same people")
    return found


def _unlinked(programme: Programme, other: Programme) -> list[str]:
    """What cannot be linked by name, code and declared levels."""
    if other.contributor != programme.contributor:
        return ["another contributor dimension"]
    known = {d.name: d for d in programme.dimensions}
    return [
        f"dimension {d.name} cannot be linked"
        for d in other.dimensions
        if d.name in known and (d.codes, d.multi) != (known[d.name].codes, known[d.name].multi)
    ]
