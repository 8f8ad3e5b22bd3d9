"""Give the database the keys that it checks scopes with (run as the owner: set-up, restore, a new municipality)."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connections

from tenants.isolation.enums import Role
from tenants.isolation.keys import derive, derive_region, hmac_blocks


def provision(municipality: UUID, *, role_keys: Mapping[Role, bytes]) -> None:
    """Store the derived key of each role for one municipality; the same call again changes nothing."""
    with connections[Role.OWNER.value].cursor() as cursor:
        for role, role_key in role_keys.items():
            inner, outer = hmac_blocks(derive(role_key, municipality))
            cursor.execute(
                "INSERT INTO isolation.context_key VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (municipality_id, role) DO UPDATE"
                " SET inner_block = excluded.inner_block, outer_block = excluded.outer_block",
                (municipality, role.login, inner, outer),
            )


def provision_region(region: UUID, *, app_key: bytes) -> None:
    """Store the key of one region's scopes; the same call again changes nothing."""
    inner, outer = hmac_blocks(derive_region(app_key, region))
    with connections[Role.OWNER.value].cursor() as cursor:
        cursor.execute(
            "INSERT INTO isolation.context_key VALUES (%s, 'region', %s, %s) ON CONFLICT (municipality_id, role)"
            " DO UPDATE SET inner_block = excluded.inner_block, outer_block = excluded.outer_block",
            (region, inner, outer),
        )


def provisioned(municipality: UUID) -> dict[str, tuple[bytes, bytes]]:
    """What the database checks scopes of that municipality with: login of the role → (inner, outer block)."""
    with connections[Role.OWNER.value].cursor() as cursor:
        cursor.execute(
            "SELECT role::text, inner_block, outer_block FROM isolation.context_key WHERE municipality_id = %s",
            (municipality,),
        )
        return {role: (bytes(inner), bytes(outer)) for role, inner, outer in cursor.fetchall()}
