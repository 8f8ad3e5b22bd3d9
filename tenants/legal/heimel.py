"""The legal bases of each purpose, as data with dates (domain brief, section 4)."""

import tomllib
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from uuid import UUID

from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import current_scope
from tenants.legal.errors import NoHeimel
from tenants.legal.models import Heimel


def is_live(purpose: Purpose, *, on: date) -> bool:
    """Whether the municipality of the current scope has a live basis for the purpose on that day."""
    rows = Heimel.objects.filter(municipality_id=current_scope().municipality, purpose=purpose, valid_from__lte=on)
    return rows.filter(valid_to=None).exists() or rows.filter(valid_to__gte=on).exists()


def check_live(purpose: Purpose, *, on: date) -> None:
    """Raise NoHeimel when no basis is live."""
    if not is_live(purpose, on=on):
        raise NoHeimel(f"no live legal basis for the purpose {purpose} on {on}")


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A legal basis as the law stands, before a municipality rests anything on it."""

    purpose: str
    code: str
    act: str
    section: str
    valid_from: date
    gdpr_article_6: str = ""
    gdpr_article_9: str = ""
    lifts_teieplikt: bool = False


def standard() -> tuple[Basis, ...]:
    """The bases that the law gives every municipality, by purpose as they stand in the file."""
    text = files("tenants.legal").joinpath("data/heimel.toml").read_text(encoding="utf-8")
    return tuple(Basis(**row) for row in tomllib.loads(text)["heimel"])


def lacking() -> tuple[Basis, ...]:
    """Those of ``standard`` that the municipality of the current scope has not adopted."""
    rows = Heimel.objects.filter(municipality_id=current_scope().municipality)
    has = set(rows.values_list("purpose", "code", "valid_from"))
    return tuple(one for one in standard() if (one.purpose, one.code, one.valid_from) not in has)


def adopt_standard() -> int:
    """Give the municipality of the current scope the standard rows that it lacks; how many that were."""
    municipality = current_scope().municipality
    made = 0
    for basis in lacking():
        told = asdict(basis)
        key = {name: told.pop(name) for name in ("purpose", "code", "valid_from")}
        _, new = Heimel.objects.get_or_create(municipality_id=municipality, **key, defaults=told)
        made += new
    return made


def set_last_day(basis: UUID, *, last_day: date | None) -> Heimel:
    """Let a basis of the current scope's municipality end on a day, or (None) have no last day.

    Raises Heimel.DoesNotExist, and ValueError for a day before the first.
    """
    row = Heimel.objects.get(pk=basis, municipality_id=current_scope().municipality)
    if last_day is not None and last_day < row.valid_from:
        raise ValueError("the last day is before the first")
    row.valid_to = last_day
    row.save(update_fields=["valid_to"])
    return row


def all_of_house() -> tuple[Heimel, ...]:
    """Every legal basis of the scope's municipality, ended ones too, by purpose."""
    rows = Heimel.objects.filter(municipality_id=current_scope().municipality)
    return tuple(rows.order_by("purpose", "valid_from", "code"))
