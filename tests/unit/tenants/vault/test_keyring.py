import os
from uuid import uuid4

import pytest

from tenants.vault import names
from tenants.vault.compartments import Compartment
from tenants.vault.errors import KeyExists, KeyMissing, KmsKeyNotHeld, KmsUnwrapRefused, RetireRefused
from tenants.vault.keyring import CACHE_SECONDS, GRACE_SECONDS, Keyring
from tenants.vault.names import KeyName
from tests.unit.tenants.vault.house import Vault

DAY = 86_400.0


@pytest.fixture
def name(vault: Vault) -> KeyName:
    """A data key with version 1."""
    return names.compartment_key(vault.municipality(), Compartment.ASSESSMENT)


def test_municipality_gets_a_key_of_its_own_for_each_compartment(vault: Vault) -> None:
    keyring = vault.keyring()
    found = [
        keyring.current(names.compartment_key(municipality, compartment))
        for municipality in (vault.municipality(), vault.municipality())
        for compartment in Compartment
    ]
    assert [version for version, _ in found] == [1] * 10
    assert len({key for _, key in found}) == 10
    assert {len(key) for _, key in found} == {32}


def test_key_is_the_same_in_every_process(vault: Vault, name: KeyName) -> None:
    assert vault.keyring().current(name) == vault.keyring().current(name)


def test_key_is_not_made_twice(vault: Vault, name: KeyName) -> None:
    with pytest.raises(KeyExists):
        vault.keyring().create(name)


def test_municipality_is_made_whole_or_not_at_all(vault: Vault) -> None:
    municipality = uuid4()
    for compartment in Compartment:
        vault.kms.create(f"{municipality}/{compartment.label}", demo=True)
    keyring = vault.keyring()
    keyring.create(names.compartment_key(municipality, Compartment.AUDIT))
    with pytest.raises(KeyExists):
        keyring.create_municipality(municipality)
    assert vault.store.names(str(municipality)) == (f"{municipality}/audit",)


def test_rotation_makes_the_next_version_and_keeps_the_older(vault: Vault, name: KeyName) -> None:
    keyring = vault.keyring()
    _, first = keyring.current(name)
    assert keyring.rotate(name) == 2
    version, second = keyring.current(name)
    assert version == 2
    assert second != first
    assert keyring.key(name, 1) == first
    assert keyring.versions(name) == (1, 2)


def test_rotation_of_no_key_is_refused(vault: Vault) -> None:
    with pytest.raises(KeyMissing):
        vault.keyring().rotate(names.compartment_key(uuid4(), Compartment.NOTES))


def test_version_made_elsewhere_opens_at_once_and_seals_from_then(vault: Vault, name: KeyName) -> None:
    here, elsewhere = vault.keyring(), vault.keyring()
    assert here.current(name)[0] == 1
    elsewhere.rotate(name)
    assert here.current(name)[0] == 1
    assert here.key(name, 2) == elsewhere.key(name, 2)
    assert here.current(name)[0] == 2


def test_version_made_elsewhere_is_noticed_when_the_cache_runs_out(vault: Vault, name: KeyName) -> None:
    here, elsewhere = vault.keyring(), vault.keyring()
    here.current(name)
    elsewhere.rotate(name)
    vault.clock.turn(CACHE_SECONDS - 1)
    assert here.current(name)[0] == 1
    vault.clock.turn(1)
    assert here.current(name)[0] == 2


def test_unknown_version_is_missing(vault: Vault, name: KeyName) -> None:
    for version in (0, 2, 2**32 - 1):
        with pytest.raises(KeyMissing):
            vault.keyring().key(name, version)


def test_key_shredded_elsewhere_is_gone_when_the_cache_runs_out(vault: Vault, name: KeyName) -> None:
    here = vault.keyring()
    key = here.key(name, 1)
    vault.keyring().shred(name)
    vault.clock.turn(CACHE_SECONDS - 1)
    assert here.key(name, 1) == key
    vault.clock.turn(1)
    with pytest.raises(KeyMissing):
        here.key(name, 1)
    with pytest.raises(KeyMissing):
        here.current(name)


def test_cached_keys_that_ran_out_are_dropped_at_the_next_load(vault: Vault, name: KeyName) -> None:
    keyring = vault.keyring()
    keyring.key(name, 1)
    vault.clock.turn(CACHE_SECONDS)
    keyring.rotate(name)
    keyring.key(name, 2)
    assert list(keyring._keys) == [(name.entry, 2)]


def test_cache_longer_than_five_minutes_is_refused(vault: Vault) -> None:
    for seconds in (CACHE_SECONDS + 1, -1):
        with pytest.raises(ValueError, match="five minutes"):
            vault.keyring(cache_seconds=seconds)


def test_shredded_key_is_not_made_again(vault: Vault, name: KeyName) -> None:
    keyring = vault.keyring()
    keyring.shred(name)
    with pytest.raises(KeyExists):
        keyring.create(name)
    with pytest.raises(KeyMissing):
        keyring.rotate(name)


def test_municipality_is_shredded_with_its_index_and_no_other(vault: Vault) -> None:
    gone, stays = vault.municipality(), vault.municipality()
    keyring = vault.keyring()
    index = names.index_key(gone, "fnr")
    keyring.create(index)
    keyring.rotate(index)
    keyring.current(index)
    assert keyring.shred_municipality(gone) == 7
    for name in [index, *(names.compartment_key(gone, compartment) for compartment in Compartment)]:
        for version in (1, 2):
            with pytest.raises(KeyMissing):
                keyring.key(name, version)
    assert keyring.current(names.compartment_key(stays, Compartment.IDENTITY))[0] == 1


def test_wrapped_key_moved_to_another_place_does_not_unwrap(vault: Vault) -> None:
    one, other = vault.municipality(), vault.municipality()
    mine = names.compartment_key(one, Compartment.NOTES)
    for theirs in (
        names.compartment_key(other, Compartment.NOTES),
        names.compartment_key(one, Compartment.IDENTITY),
    ):
        vault.store.replace(theirs.entry, 1, vault.store.get(mine.entry, 1))
        with pytest.raises(KmsUnwrapRefused):
            vault.keyring().key(theirs, 1)


def test_wrapped_key_moved_to_another_version_or_field_does_not_unwrap(vault: Vault) -> None:
    place, keyring = vault.municipality(), vault.keyring()
    fnr, telephone = names.index_key(place, "fnr"), names.index_key(place, "telephone")
    for name in (fnr, telephone):
        keyring.create(name)
    keyring.rotate(fnr)
    vault.store.replace(fnr.entry, 2, vault.store.get(fnr.entry, 1))
    vault.store.replace(telephone.entry, 1, vault.store.get(fnr.entry, 1))
    for name, version in ((fnr, 2), (telephone, 1)):
        with pytest.raises(KmsUnwrapRefused):
            vault.keyring().key(name, version)


def test_process_without_the_root_key_gets_no_data_key(vault: Vault, name: KeyName) -> None:
    vault.kms.shred(name.root)
    with pytest.raises(KmsKeyNotHeld):
        vault.keyring().key(name, 1)


def test_rewrapped_keys_stay_the_same_and_no_longer_need_the_older_root_key(vault: Vault, name: KeyName) -> None:
    keyring = vault.keyring()
    keyring.rotate(name)
    before = [keyring.key(name, version) for version in (1, 2)]
    vault.kms.rotate(name.root)
    assert keyring.rewrap(name) == 2
    vault.kms.drop_older(name.root)
    fresh = vault.keyring()
    assert [fresh.key(name, version) for version in (1, 2)] == before


def test_key_that_was_not_rewrapped_is_lost_with_the_older_root_key(vault: Vault, name: KeyName) -> None:
    vault.kms.rotate(name.root)
    vault.kms.drop_older(name.root)
    with pytest.raises(KmsUnwrapRefused):
        vault.keyring().key(name, 1)


def age(vault: Vault, name: KeyName, version: int, seconds: float) -> None:
    """Makes a version that many seconds old by the vault's clock."""
    path = vault.folder / "keystore" / name.entry / f"v{version:08d}.wrapped"
    os.utime(path, times=(vault.clock() - seconds,) * 2)


def test_retire_shreds_an_older_version_after_a_late_and_clean_sweep(vault: Vault, name: KeyName) -> None:
    keyring = vault.keyring()
    keyring.rotate(name)
    age(vault, name, 2, DAY)
    keyring.key(name, 1)  # cached, and dropped with the version
    keyring.retire(name, 1, swept_at=vault.clock() - GRACE_SECONDS)
    with pytest.raises(KeyMissing):
        keyring.key(name, 1)
    assert keyring.current(name)[0] == 2


@pytest.mark.parametrize(
    ("newest_age", "swept_ago"),
    [
        (DAY, GRACE_SECONDS - 1),  # a reader may still hold one
        (DAY, -DAY),  # swept in the future
        (2 * GRACE_SECONDS - 1, GRACE_SECONDS),  # a sealer may have used it after the sweep
        (0, DAY),  # swept before the rotation
    ],
)
def test_retire_is_refused_while_the_version_may_be_needed(
    vault: Vault, name: KeyName, newest_age: float, swept_ago: float
) -> None:
    keyring = vault.keyring()
    keyring.rotate(name)
    age(vault, name, 2, newest_age)
    with pytest.raises(RetireRefused):
        keyring.retire(name, 1, swept_at=vault.clock() - swept_ago)
    assert keyring.versions(name) == (1, 2)


def test_retire_of_the_newest_or_an_unknown_version_is_refused(vault: Vault, name: KeyName) -> None:
    keyring = vault.keyring()
    age(vault, name, 1, 3 * DAY)
    with pytest.raises(RetireRefused):
        keyring.retire(name, 1, swept_at=vault.clock() - DAY)
    with pytest.raises(KeyMissing):
        keyring.retire(name, 2, swept_at=vault.clock() - DAY)


def test_last_sweep_waits_for_the_grace(vault: Vault, name: KeyName) -> None:
    keyring = vault.keyring()
    keyring.rotate(name)
    age(vault, name, 2, GRACE_SECONDS - 1)
    assert not keyring.may_sweep(name)
    vault.clock.turn(1)
    assert keyring.may_sweep(name)
    assert not keyring.may_sweep(names.compartment_key(uuid4(), Compartment.NOTES))


def test_two_rotations_at_once_make_two_versions(vault: Vault, name: KeyName) -> None:
    class OneStepBehind:
        """The key store as a process sees it that looked just before another one rotated."""

        def __init__(self) -> None:
            self.stale = True

        def __getattr__(self, attribute: str) -> object:
            return getattr(vault.store, attribute)

        def used(self, entry: str) -> int:
            used = vault.store.used(entry)
            if self.stale:
                self.stale = False
                vault.keyring().rotate(name)
            return used

    late = Keyring(vault.kms, OneStepBehind())  # type: ignore[arg-type]
    assert late.rotate(name) == 3
    assert vault.store.versions(name.entry) == (1, 2, 3)
