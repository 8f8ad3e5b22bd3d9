"""The legal bases of each purpose, as data with dates (domain brief, section 4)."""

import tomllib
from datetime import date
from importlib.resources import files

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


def adopt_standard() -> int:
    """Give the municipality of the current scope the standard rows; those that it has stay as they are."""
    municipality = current_scope().municipality
    text = files("tenants.legal").joinpath("data/heimel.toml").read_text(encoding="utf-8")
    made = 0
    for row in tomllib.loads(text)["heimel"]:
        _, new = Heimel.objects.get_or_create(
            municipality_id=municipality,
            purpose=row["purpose"],
            code=row["code"],
            valid_from=row["valid_from"],
            defaults={key: row[key] for key in row if key not in {"purpose", "code", "valid_from"}},
        )
        made += new
    return made


def all_of_house() -> tuple[Heimel, ...]:
    """Every legal basis of the scope's municipality, ended ones too, by purpose."""
    rows = Heimel.objects.filter(municipality_id=current_scope().municipality)
    return tuple(rows.order_by("purpose", "valid_from", "code"))
