"""The dimensions that an agreed programme may count by, and how an assessment answers each.

A programme names its dimensions; one that is not here cannot be agreed to, so nothing else of an assessment can leave.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tenants.register.codelists import code_list
from tenants.register.counting import age_band

# The contributor's own dimension: its code is the municipality's, never a fact about a person.
MUNICIPALITY = "municipality"

Answer = str | frozenset[str]
Reader = Callable[[Mapping[str, Any], date], Answer]
UNKNOWN = "U"


def _age(assessment: Mapping[str, Any], counted_on: date) -> str:
    """The regional band: the one that the band of the register belongs to (domain brief, 10.9)."""
    return _REGIONAL_AGE[age_band(assessment["birth_year"], counted_on=counted_on)]


def _area(code: str) -> Reader:
    return lambda assessment, _: assessment["areas"].get(code, UNKNOWN)


_REGIONAL_AGE = {"U18": "U25", "18_24": "U25", "25_44": "25_66", "45_66": "25_66", "67P": "67P"}
READERS: Mapping[str, Reader] = {
    "support": lambda assessment, _: assessment["support"],
    "dwelling": lambda assessment, _: assessment["dwelling"],
    "situation": lambda assessment, _: assessment["situation"],
    "age": _age,
    "group": lambda assessment, _: frozenset(assessment["groups"]),
    **{f"area_{area.code.lower()}": _area(area.code) for area in code_list("FUNKSJON").codes},
}
