from uuid import uuid4

import pytest
from django.db import connections

from tenants.isolation.enums import Role
from tenants.isolation.keys import derive, hmac_blocks
from tenants.isolation.provision import provision
from tests.attacks.p1_house import superuser

ROLE_KEY, OTHER_KEY = b"a" * 32, b"b" * 32


@pytest.fixture
def stored(installation):
    place = uuid4()
    with superuser(installation) as connection:
        yield (
            place,
            lambda: {
                role: (bytes(inner), bytes(outer))
                for role, inner, outer in connection.execute(
                    "SELECT role::text, inner_block, outer_block FROM isolation.context_key WHERE municipality_id = %s",
                    (place,),
                ).fetchall()
            },
        )
        connection.execute("DELETE FROM isolation.context_key WHERE municipality_id = %s", (place,))


def test_provision_stores_the_blocks_of_the_derived_key(stored):
    place, rows = stored

    provision(place, role_keys={Role.APP: ROLE_KEY, Role.CONTRIBUTOR: OTHER_KEY})

    assert rows() == {
        "buvett_app": hmac_blocks(derive(ROLE_KEY, place)),
        "buvett_contributor": hmac_blocks(derive(OTHER_KEY, place)),
    }


def test_provision_again_changes_nothing(stored):
    place, rows = stored
    provision(place, role_keys={Role.APP: ROLE_KEY})
    before = rows()

    provision(place, role_keys={Role.APP: ROLE_KEY})

    assert rows() == before


def test_provision_with_a_new_key_replaces_the_old(stored):
    place, rows = stored
    provision(place, role_keys={Role.APP: ROLE_KEY})

    provision(place, role_keys={Role.APP: OTHER_KEY})

    assert rows() == {"buvett_app": hmac_blocks(derive(OTHER_KEY, place))}


def test_key_itself_is_not_stored(stored):
    place, rows = stored
    provision(place, role_keys={Role.APP: ROLE_KEY})

    kept = b"".join(rows()["buvett_app"])
    assert ROLE_KEY not in kept
    assert derive(ROLE_KEY, place) not in kept


def test_provision_needs_the_owner(stored):
    with connections[Role.APP.value].cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("SELECT 1 FROM isolation.context_key")
