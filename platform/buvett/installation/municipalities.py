"""Municipalities as the owner makes them: a row, the keys of their scopes, their data keys."""

from datetime import date

from buvett.installation.keys import KeyFolders, make_context_keys, make_municipality_keys
from tenants.isolation.models import Municipality, Population
from tenants.isolation.provision import provision


def add(folders: KeyFolders, *, code: str, name: str, since: date) -> Municipality:
    """The live municipality with that number, made where missing; the same call again changes nothing."""
    municipality, _ = Municipality.objects.get_or_create(
        code=code, valid_to=None, defaults={"name": name, "valid_from": since}
    )
    # What the database knows comes last: a municipality with a signed scope has had its keys (`completing`).
    make_municipality_keys(folders, municipality.id)
    provision(municipality.id, role_keys=make_context_keys(folders))
    return municipality


def set_population(municipality: Municipality, *, year: int, inhabitants: int, source: str, demo: bool) -> None:
    """Inhabitants on 1 January of a year; a figure that is there is replaced."""
    Population.objects.update_or_create(
        municipality=municipality,
        year=year,
        defaults={"inhabitants": inhabitants, "source": source, "demo": demo},
    )
