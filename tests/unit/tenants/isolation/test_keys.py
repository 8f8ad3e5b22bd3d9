import hashlib
import hmac
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from tenants.isolation import keys
from tenants.isolation.enums import Role
from tenants.isolation.errors import NoContextKey

PLACE = UUID("01234567-89ab-cdef-0123-456789abcdef")


@pytest.fixture
def folder(tmp_path):
    with override_settings(KEY_FOLDER=tmp_path, MODE="test"):
        yield tmp_path


def write(folder, name, text):
    (folder / "context").mkdir(exist_ok=True)
    (folder / "context" / name).write_text(text, encoding="utf-8")


def test_derive_is_hmac_of_the_municipality():
    expected = hmac.new(b"k" * 32, b"municipality:" + PLACE.bytes, hashlib.sha256).hexdigest()

    assert keys.derive(b"k" * 32, PLACE).hex() == expected


@given(st.binary(min_size=32, max_size=32), st.uuids(), st.uuids())
def test_derived_keys_of_two_municipalities_differ(role_key, one, other):
    assert (keys.derive(role_key, one) == keys.derive(role_key, other)) == (one == other)


@given(st.binary(min_size=1, max_size=64), st.binary(max_size=200))
def test_blocks_give_the_hmac_of_any_message(key, message):
    inner, outer = keys.hmac_blocks(key)

    by_blocks = hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).digest()
    assert by_blocks == hmac.new(key, message, hashlib.sha256).digest()


def test_created_key_is_kept_and_readable_by_the_owner_only(folder):
    first = keys.create(folder, Role.APP, demo=True)
    again = keys.create(folder, Role.APP, demo=True)

    path = folder / "context" / "app.key"
    assert first == again
    assert len(first) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_created_keys_of_two_roles_differ(folder):
    assert keys.create(folder, Role.APP, demo=True) != keys.create(folder, Role.CONTRIBUTOR, demo=True)


def test_key_for_is_derived_from_the_roles(folder):
    role_key = keys.create(folder, Role.APP, demo=True)

    assert keys.key_for(PLACE, Role.APP) == keys.derive(role_key, PLACE)


def test_key_for_with_a_file_of_its_own_is_that(folder):
    keys.create(folder, Role.CONTRIBUTOR, demo=True)
    write(folder, f"contributor.{PLACE}.key", f"{keys.MARK} demo {'ab' * 32}\n")

    assert keys.key_for(PLACE, Role.CONTRIBUTOR) == b"\xab" * 32
    assert keys.key_for(uuid4(), Role.CONTRIBUTOR) != b"\xab" * 32


def test_key_file_has_the_form_that_other_versions_read(folder):
    write(folder, "app.key", f"buvett-context-key-1 demo {'ab' * 32}\n")

    assert keys.create(folder, Role.APP, demo=True) == b"\xab" * 32


def test_key_for_without_any_file_is_refused_and_names_the_role(folder):
    with pytest.raises(NoContextKey, match="role app"):
        keys.key_for(PLACE, Role.APP)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        f"{keys.MARK} demo",
        f"{keys.MARK} demo {'ab' * 31}",
        f"{keys.MARK} demo {'ab' * 33}",
        f"{keys.MARK} demo {'zz' * 32}",
        f"other-key-1 demo {'ab' * 32}",
        f"{keys.MARK} demo {'ab' * 32} more",
    ],
)
def test_file_that_is_no_key_is_refused_without_its_content(folder, text):
    write(folder, "app.key", text)

    with pytest.raises(NoContextKey, match="is not a context key") as caught:
        keys.key_for(PLACE, Role.APP)
    assert "abab" not in str(caught.value)


def test_file_with_letters_beyond_ascii_is_refused(folder):
    write(folder, "app.key", f"{keys.MARK} demo {'æ' * 64}")

    with pytest.raises(NoContextKey, match="is not a context key"):
        keys.key_for(PLACE, Role.APP)


def test_demo_key_in_production_is_refused(folder):
    keys.create(folder, Role.APP, demo=True)

    with override_settings(MODE="production"), pytest.raises(NoContextKey, match="demo key"):
        keys.key_for(PLACE, Role.APP)


def test_production_key_in_production_is_taken(folder):
    made = keys.create(folder, Role.APP, demo=False)

    with override_settings(MODE="production"):
        assert keys.key_for(PLACE, Role.APP) == keys.derive(made, PLACE)


def test_demo_key_is_not_taken_for_one_of_production(folder):
    keys.create(folder, Role.APP, demo=True)

    with pytest.raises(NoContextKey, match="demo key"):
        keys.create(folder, Role.APP, demo=False)


def test_folder_that_is_not_there_yet_is_made(folder):
    made = keys.create(folder / "web" / "keys", Role.APP, demo=True)

    assert (folder / "web" / "keys" / "context" / "app.key").read_text(encoding="ascii").split()[2] == made.hex()
