"""Count a municipality's assessments by the dimensions that its leader sees. Pure: facts in, counts out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenants.register.codelists import code_list
from tenants.register.states import counts_in

Counts = Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class RegisterCounts:
    """True counts of one municipality: confidential. Only codes that occur are listed, except for groups and areas."""

    countable: int
    by_support: Counts
    by_situation: Counts
    by_dwelling: Counts
    by_age_band: Counts
    by_group: Counts
    by_area: Mapping[str, Counts]

    def as_json(self) -> dict[str, Any]:
        """Return the counts as ``buvett counts`` writes them (FORMATS.md section 2)."""
        return {
            "countable": self.countable,
            "by_support": dict(self.by_support),
            "by_situation": dict(self.by_situation),
            "by_dwelling": dict(self.by_dwelling),
            "by_age_band": dict(self.by_age_band),
            "by_group": dict(self.by_group),
            "by_area": {area: dict(levels) for area, levels in self.by_area.items()},
        }


# Without these a case has no place in the tables that count by them; the lists have no code for "not known".
_NEEDED = ("birth_year", "dwelling")


def is_countable(assessment: Mapping[str, Any], *, counted_on: date) -> bool:
    """Return whether the case may be counted (decision 80).

    It is not while blocked, objected to or address-protected, nor in the years after the one that it was closed in,
    nor before year of birth and wanted dwelling type are known.
    """
    known = all(assessment[fact] is not None for fact in _NEEDED)
    return known and counts_in(assessment, year=counted_on.year)


def age_band(birth_year: int, *, counted_on: date) -> str:
    """Return the code of the age band; age is the year counted on minus the year of birth.

    >>> age_band(2008, counted_on=date(2026, 11, 1))
    '18_24'
    """
    age = counted_on.year - birth_year
    return [c.code for c in code_list("ALDER").codes if c.from_age is not None and c.from_age <= max(0, age)][-1]


def count(assessments: Iterable[Mapping[str, Any]], *, counted_on: date) -> RegisterCounts:
    """Return the counts of all countable assessments."""
    counted = [a for a in assessments if is_countable(a, counted_on=counted_on)]
    groups = Counter(code for a in counted for code in set(a["groups"]))
    return RegisterCounts(
        countable=len(counted),
        by_support=_occurring("BISTAND", Counter(a["support"] for a in counted)),
        by_situation=_occurring("BUSITUASJON", Counter(a["situation"] for a in counted)),
        by_dwelling=_occurring("BUSTADTYPE", Counter(a["dwelling"] for a in counted)),
        by_age_band=_occurring("ALDER", Counter(age_band(a["birth_year"], counted_on=counted_on) for a in counted)),
        by_group=_occurring("MAALGRUPPE", groups),
        by_area={
            area.code: _every("NIVAA", Counter(a["areas"].get(area.code, "U") for a in counted))
            for area in code_list("FUNKSJON").codes
        },
    )


def _occurring(list_id: str, counter: Counter[str]) -> dict[str, int]:
    """Return the codes that occur, and those that the list wants counted always, in the list's order."""
    codes = code_list(list_id)
    return {c.code: counter[c.code] for c in codes.codes if counter[c.code] or c.code in codes.always_counted}


def _every(list_id: str, counter: Counter[str]) -> dict[str, int]:
    return {c.code: counter[c.code] for c in code_list(list_id).codes}
