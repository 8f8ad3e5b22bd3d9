from uuid import uuid4

import pytest

from tenants.vault import names
from tenants.vault.blind_index import BlindIndex, compute
from tenants.vault.errors import KeyMissing, KmsKeyNotHeld
from tests.unit.tenants.vault.house import Vault

VALUE = "14810099911"


def test_index_is_the_same_for_the_same_value_only(vault: Vault) -> None:
    place = vault.municipality()
    vault.keyring().create(names.index_key(place, "fnr"))
    one, other = (BlindIndex(vault.keyring(), place, "fnr") for _ in range(2))
    assert one.of(VALUE) == other.of(VALUE)
    assert len(one.of(VALUE)) == 16
    assert len({one.of(value) for value in (VALUE, VALUE[:-1], VALUE + "0", "", " " + VALUE)}) == 5


def test_index_of_one_municipality_or_field_tells_nothing_about_another() -> None:
    key, places = bytes(32), [uuid4(), uuid4()]
    found = [
        compute(key, municipality=place, field=field, value=value)
        for place in places
        for field, value in (("fnr", VALUE), ("telephone", VALUE), ("fn", "r" + VALUE))
    ]
    assert len(set(found)) == 6


def test_index_keys_of_municipalities_and_fields_differ(vault: Vault) -> None:
    keyring = vault.keyring()
    wanted = [names.index_key(place, field) for place in (vault.municipality(), vault.municipality()) for field in "ab"]
    for name in wanted:
        keyring.create(name)
    assert len({keyring.current(name)[1] for name in wanted}) == 4


def test_candidates_find_a_row_before_and_after_it_is_indexed_anew(vault: Vault) -> None:
    place, keyring = vault.municipality(), vault.keyring()
    keyring.create(names.index_key(place, "fnr"))
    index = BlindIndex(keyring, place, "fnr")
    before = index.of(VALUE)
    assert index.candidates(VALUE) == (before,)
    keyring.rotate(names.index_key(place, "fnr"))
    after = index.of(VALUE)
    assert after != before
    assert index.candidates(VALUE) == (after, before)


def test_process_without_the_index_key_cannot_look_up(vault: Vault) -> None:
    place = vault.municipality()
    with pytest.raises(KeyMissing):
        BlindIndex(vault.keyring(), place, "fnr").of(VALUE)
    vault.keyring().create(names.index_key(place, "fnr"))
    vault.kms.shred(f"{place}/index")
    index = BlindIndex(vault.keyring(), place, "fnr")
    for look in (index.of, index.candidates):
        with pytest.raises(KmsKeyNotHeld):
            look(VALUE)
