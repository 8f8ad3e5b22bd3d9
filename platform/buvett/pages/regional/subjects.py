"""What a release is about, one page each: the tables on one code list together, the function areas as one subject."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from buvett.pages.regional.tables import Table

# Code list → the subject's word in the address. The order is that of the pages.
SLUGS = {
    "BISTAND": "support",
    "BUSITUASJON": "situation",
    "BUSTADTYPE": "dwelling",
    "MAALGRUPPE": "group",
    "ALDER": "age",
    "NIVAA": "areas",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The tables that one page shows; ``slug`` stands in the address."""

    slug: str
    title: str
    tables: tuple[Table, ...]


def subjects_of(tables: Sequence[Table]) -> tuple[Subject, ...]:
    """The subjects of a release in the order of ``SLUGS``; tables on other lists follow, each for itself."""
    found: dict[str, list[Table]] = {}
    for table in tables:
        found.setdefault(_slug(table), []).append(table)
    rank = {slug: position for position, slug in enumerate(SLUGS.values())}
    ordered = sorted(found, key=lambda slug: rank.get(slug, len(rank)))
    return tuple(Subject(slug=slug, title=_title(slug, found[slug]), tables=tuple(found[slug])) for slug in ordered)


def _slug(table: Table) -> str:
    listed = table.lists[0].split()[0] if len(table.lists) == 1 else ""
    return SLUGS.get(listed, table.id)


def _title(slug: str, tables: Sequence[Table]) -> str:
    return gettext("Function areas") if slug == "areas" else tables[0].title
