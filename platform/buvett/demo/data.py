"""The demo region and its people, read from the package. Nothing of it exists outside synthetic mode."""

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from buvett.access.roles import Role

DOMAIN = "demo.invalid"  # a name that no mail server can ever have (RFC 2606)


@dataclass(frozen=True, kw_only=True)
class DemoMunicipality:
    code: str
    name: str
    inhabitants: int


@dataclass(frozen=True, kw_only=True)
class DemoRegion:
    slug: str
    name: str
    since: date
    programme: str
    population_year: int
    population_source: str
    municipalities: tuple[DemoMunicipality, ...]


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """Someone who signs in with one click, in one role; with two, there are two of these with one e-mail.

    ``municipality`` is None for the region's own roles.
    """

    email: str
    name: str
    role: Role
    municipality: str | None


# Role → (name in front of @, title).
LOCAL = {
    Role.CASE_WORKER: ("sakshandsamar", "Sakshandsamar"),
    Role.LOCAL_LEADER: ("leiar", "Lokal leiar"),
    Role.USER_REPRESENTATIVE: ("brukar", "Brukarrepresentant"),
    Role.CHIEF_EXECUTIVE: ("direktor", "Kommunedirektør"),
    Role.DATA_PROTECTION_OFFICER: ("personvern", "Personvernombod"),
}
REGIONAL = {
    Role.PROJECT_LEADER: ("prosjektleiar", "Prosjektleiar"),
    Role.OPERATIONS: ("drift", "Drift"),
}


def region() -> DemoRegion:
    """The demo region."""
    raw: dict[str, Any] = tomllib.loads(_text("demo/region.toml"))
    municipalities = tuple(DemoMunicipality(**row) for row in raw.pop("municipality"))
    return DemoRegion(municipalities=municipalities, **raw)


def programme_text(programme: str) -> str:
    """The text of a bundled programme."""
    return _text(f"releases/programmes/{programme}.toml")


def people() -> tuple[DemoPerson, ...]:
    """One person for each role in each municipality, the region's own, and one with two roles (nothing signed)."""
    local = [
        DemoPerson(
            email=f"{front}@{m.name.lower()}.{DOMAIN}", name=f"{title} {m.name} (demo)", role=role, municipality=m.code
        )
        for m in region().municipalities
        for role, (front, title) in LOCAL.items()
    ]
    regional = [
        DemoPerson(email=f"{front}@{DOMAIN}", name=f"{title} (demo)", role=role, municipality=None)
        for role, (front, title) in REGIONAL.items()
    ]
    both = [
        DemoPerson(email=f"begge@seljord.{DOMAIN}", name="Begge delar Seljord (demo)", role=role, municipality=where)
        for role, where in ((Role.CASE_WORKER, "4022"), (Role.INTERMUNICIPAL_MEMBER, None))
    ]
    return (*local, *regional, *both)


def person(role: Role, municipality: str | None) -> DemoPerson:
    """The demo person of that role there."""
    return next(p for p in people() if p.role is role and p.municipality == municipality)


def _text(path: str) -> str:
    return files("buvett").joinpath(path).read_text(encoding="utf-8")
