"""Regions as the owner makes them: a row, the key of their scopes."""

from buvett.agreements.actions import make_region
from buvett.agreements.models import Region
from buvett.installation.keys import KeyFolders, make_context_keys
from tenants.isolation.enums import Role
from tenants.isolation.provision import provision_region


def add(folders: KeyFolders, *, slug: str, name: str) -> Region:
    """The region of that slug, made where missing; the same call again changes nothing."""
    region = make_region(slug=slug, name=name)
    provision_region(region.pk, app_key=make_context_keys(folders)[Role.APP])
    return region
