"""What an attacker sees, in plain values: publications with their axes, sheets and shown values.

The attacker's own reading of a release. It owes nothing to the suppressor's: a mistake there must not be repeated here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from anonymisation.errors import ReleaseError
from anonymisation.programme import Method, Zeros
from anonymisation.reading import is_whole
from anonymisation.release import Release

Key = tuple[str, ...]


@dataclass(frozen=True)
class Axis:
    """A dimension: its leaf codes and every code above them (levels and total) with the leaves that it sums."""

    name: str
    total: str
    codes: Key
    groups: Mapping[str, Key]
    multi: bool = False
    complete: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table as published. `seen` holds each published key: (least, greatest) value, or None where it is hidden."""

    id: str
    axes: Key
    sensitive: bool
    threshold: int
    width: int
    zeros_small: bool
    seen: Mapping[Key, tuple[int, int] | None]


@dataclass(frozen=True)
class Publication:
    """One release. `delivered` are the contributors that its sums over contributors hold."""

    programme: str
    axes: Mapping[str, Axis]
    contributor: str | None
    delivered: Key
    sheets: tuple[Sheet, ...]
    min_contributors: int
    insiders: bool
    rule_aware: bool


def publication(release: Release) -> Publication:
    """Read a release as its reader sees it; ReleaseError where a perturbing method does not state how far it went."""
    programme = release.programme
    axes = {}
    for dimension in programme.dimensions:
        groups = {code: leaves for level in dimension.levels for code, leaves in level.groups}
        axes[dimension.name] = Axis(
            dimension.name, dimension.total, dimension.codes, groups, dimension.multi, dimension.complete
        )
    sheets = []
    exact, kept = _exact(release), release.stated.get("zeros") == "kept"
    for table in programme.tables:
        off = _deviation(release, table.id)
        totals = [programme.dimension(name).total for name in table.dimensions]
        seen: dict[Key, tuple[int, int] | None] = {}
        for cell in release.cells[table.id]:
            if cell.value is None or off is None:
                seen[cell.key] = None
                continue
            over = sorted(n for n, code, total in zip(table.dimensions, cell.key, totals, strict=True) if code != total)
            here = 0 if over in exact else off
            # Where zeros are kept, what is not shown as 0 is not 0.
            least = int(kept and cell.value > 0)
            seen[cell.key] = (max(least, cell.value - here), cell.value + here)
        sheets.append(
            Sheet(
                id=table.id,
                axes=table.dimensions,
                sensitive=table.sensitive,
                threshold=table.threshold,
                width=table.width,
                zeros_small=table.zeros is Zeros.HIDE,
                seen=seen,
            )
        )
    policy = programme.policy
    return Publication(
        programme=programme.id,
        axes=axes,
        contributor=programme.contributor,
        delivered=release.contributors,
        sheets=tuple(sheets),
        min_contributors=policy.min_contributors,
        insiders=policy.insiders,
        rule_aware=policy.rule_aware,
    )


def _deviation(release: Release, table: str) -> int | None:
    """How far a shown value may be from the truth; None where it says nothing certain (differential privacy)."""
    method = release.programme.policy.method
    if method is Method.SUPPRESS:
        return 0
    if method is Method.DP:
        return None
    stated = release.stated.get("max_deviation")
    if isinstance(stated, dict):
        stated = stated.get(table)
    if not isinstance(stated, int) or not is_whole(stated) or stated < 0:
        msg = f"release {release.programme.id}: table {table}: method {method} must state its largest deviation"
        raise ReleaseError(msg)
    return stated


def _exact(release: Release) -> list[list[str]]:
    """The margins that a rounded release shows as they are, each as sorted names of dimensions."""
    stated = release.stated.get("exact", [])
    if not isinstance(stated, list) or not all(isinstance(margin, list) for margin in stated):
        msg = f"release {release.programme.id}: exact must be a list of lists of dimensions"
        raise ReleaseError(msg)
    return [sorted(str(name) for name in margin) for margin in stated]
