import os
from uuid import uuid4

import pytest

from tenants.vault.errors import KeyExists, KeyMissing, KmsUnwrapRefused
from tenants.vault.names import KeyName, region_key
from tenants.vault.secretbox import SecretBox
from tests.unit.tenants.vault.house import Vault


@pytest.fixture
def box(vault: Vault) -> SecretBox:
    return SecretBox(vault.kms, vault.store)


@pytest.fixture
def name(vault: Vault) -> KeyName:
    found = region_key(uuid4(), "period", "2026")
    vault.kms.create(found.root, demo=True)
    return found


@pytest.mark.parametrize("length", [1, 32, 64 * 1024])
def test_secret_comes_back(box: SecretBox, name: KeyName, length: int) -> None:
    secret = os.urandom(length)
    assert not box.exists(name)
    box.put(name, secret)
    assert box.exists(name)
    assert box.get(name) == secret


@pytest.mark.parametrize("length", [0, 64 * 1024 + 1])
def test_secret_of_no_or_too_many_bytes_is_refused(box: SecretBox, name: KeyName, length: int) -> None:
    with pytest.raises(ValueError, match="64 KiB"):
        box.put(name, bytes(length))


def test_secret_is_written_once(box: SecretBox, name: KeyName) -> None:
    box.put(name, b"first")
    with pytest.raises(KeyExists):
        box.put(name, b"second")
    assert box.get(name) == b"first"


def test_secret_shredded_is_gone_for_good(box: SecretBox, name: KeyName) -> None:
    box.put(name, b"first")
    box.shred(name)
    assert not box.exists(name)
    for ask in (box.get, box.shred):
        with pytest.raises(KeyMissing):
            ask(name)
    with pytest.raises(KeyExists):
        box.put(name, b"second")


def test_secret_is_not_readable_in_the_store(box: SecretBox, name: KeyName, vault: Vault) -> None:
    box.put(name, b"CANARY-of-a-period")
    files = [path for path in vault.folder.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert all(b"CANARY" not in path.read_bytes() for path in files)


def test_secret_moved_to_another_item_does_not_unwrap(box: SecretBox, name: KeyName, vault: Vault) -> None:
    box.put(name, b"first")
    other = KeyName(entry=name.entry + "-h1", root=name.root)
    vault.store.put(other.entry, 1, vault.store.get(name.entry, 1))
    with pytest.raises(KmsUnwrapRefused):
        box.get(other)


def test_data_key_is_no_secret_and_a_secret_no_data_key(box: SecretBox, name: KeyName, vault: Vault) -> None:
    box.put(name, bytes(32))
    with pytest.raises(KmsUnwrapRefused):
        vault.keyring().key(name, 1)
