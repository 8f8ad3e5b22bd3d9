"""Municipalities as readers meet them: names, and inhabitants with year and source. Public facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from buvett.pages.regional.tables import Place
from tenants.isolation.models import Municipality, Population


@dataclass(frozen=True, kw_only=True)
class Inhabitants:
    """Where the inhabitants of a page are from: one year and one source for all of them."""

    year: int
    source: str
    demo: bool


def places_of(codes: Sequence[str], *, on: date) -> tuple[tuple[Place, ...], Inhabitants | None]:
    """The municipalities with these numbers on that day, in their order, and what their inhabitants rest on.

    Inhabitants are of the newest year not after that day that all of them have; without one there is no rate. Two
    queries.
    """
    live = Q(valid_to=None) | Q(valid_to__gte=on)
    found = {row.code: row for row in Municipality.objects.filter(live, code__in=codes)}
    figures = Population.objects.filter(municipality__in=[row.id for row in found.values()], year__lte=on.year)
    by_year: dict[int, dict[str, Population]] = {}
    numbers = {row.id: row.code for row in found.values()}
    for figure in figures.order_by("year"):
        by_year.setdefault(figure.year, {})[numbers[figure.municipality_id]] = figure
    whole = [year for year, figures_of in by_year.items() if set(figures_of) >= set(codes)]
    chosen = by_year[max(whole)] if whole else {}
    places = tuple(
        Place(
            code=code,
            name=found[code].name if code in found else code,
            inhabitants=chosen[code].inhabitants if code in chosen else None,
        )
        for code in codes
    )
    if not chosen:
        return places, None
    sources = sorted({figure.source for figure in chosen.values()})
    return places, Inhabitants(
        year=max(whole), source="; ".join(sources), demo=any(figure.demo for figure in chosen.values())
    )
