"""What every holder of root keys promises (`tenants.vault.kms.adapter.Kms`); a new adapter is added to `ADAPTERS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.vault import names
from tenants.vault.errors import KmsKeyNotHeld, KmsKeyRefused, KmsUnwrapRefused, NameRefused
from tenants.vault.kms import documents
from tenants.vault.kms.adapter import Kms
from tenants.vault.kms.environment import EnvironmentKms
from tenants.vault.kms.file import FileKms

ONE, OTHER = "0f7a2e64/assessment", "region/vt/signing"


def write(folder: Path, keys: Mapping[str, str], *, mode: int) -> None:
    """Lays the documents out as files."""
    for name, text in keys.items():
        path = folder / (names.as_file(name) + ".key")
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(mode)


def by_file(folder: Path, keys: Mapping[str, str], allow_demo: bool) -> Kms:
    folder.chmod(0o700)
    write(folder, keys, mode=0o600)
    return FileKms(folder, allow_demo=allow_demo)


def by_credential(folder: Path, keys: Mapping[str, str], allow_demo: bool) -> Kms:
    write(folder, keys, mode=0o440)  # as systemd shows them
    return EnvironmentKms({"CREDENTIALS_DIRECTORY": str(folder)}, allow_demo=allow_demo)


def by_variable(folder: Path, keys: Mapping[str, str], allow_demo: bool) -> Kms:
    return EnvironmentKms({names.as_variable(name): text for name, text in keys.items()}, allow_demo=allow_demo)


ADAPTERS = [by_file, by_credential, by_variable]
Adapter = Callable[[Path, Mapping[str, str], bool], Kms]


@dataclass
class House:
    """Makes a holder of the given keys, of the adapter under test."""

    folder: Path
    adapter: Adapter

    def holding(self, *roots: documents.RootKey, allow_demo: bool = True) -> Kms:
        return self.adapter(self.folder, {root.name: documents.dump(root) for root in roots}, allow_demo)

    def holding_text(self, name: str, text: str) -> Kms:
        return self.adapter(self.folder, {name: text}, True)


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.__name__)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    return House(tmp_path, request.param)


@pytest.fixture
def kms(house: House) -> Kms:
    return house.holding(documents.make(ONE, demo=True), documents.make(OTHER, demo=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(secret=st.binary(min_size=1, max_size=300), context=st.binary(max_size=50))
def test_secret_comes_back(kms: Kms, secret: bytes, context: bytes) -> None:
    wrapped = kms.wrap(ONE, secret, context=context)
    assert kms.unwrap(ONE, wrapped, context=context) == secret


def test_secret_is_not_readable_in_what_is_wrapped_and_never_wrapped_alike(kms: Kms) -> None:
    wrapped = {kms.wrap(ONE, b"CANARY-CANARY", context=b"") for _ in range(20)}
    assert len(wrapped) == 20
    assert all(b"CANARY" not in one for one in wrapped)


@pytest.mark.parametrize("length", [0, 64 * 1024 + 1])
def test_secret_of_no_or_too_many_bytes_is_refused(kms: Kms, length: int) -> None:
    with pytest.raises(ValueError, match="64 KiB"):
        kms.wrap(ONE, bytes(length), context=b"")


def test_secret_of_the_largest_size_is_wrapped(kms: Kms) -> None:
    wrapped = kms.wrap(ONE, bytes(64 * 1024), context=b"")
    assert kms.unwrap(ONE, wrapped, context=b"") == bytes(64 * 1024)


def test_wrapped_secret_unwraps_under_no_other_name_or_context(kms: Kms) -> None:
    wrapped = kms.wrap(ONE, b"secret", context=b"here")
    for name, context in ((OTHER, b"here"), (ONE, b"there"), (ONE, b""), (ONE, b"here\0")):
        with pytest.raises(KmsUnwrapRefused):
            kms.unwrap(name, wrapped, context=context)


def test_name_is_bound_even_where_two_names_share_a_key(house: House) -> None:
    root = documents.make(ONE, demo=False)
    kms = house.holding(root, documents.RootKey(name=OTHER, demo=False, keys=root.keys))
    wrapped = kms.wrap(ONE, b"secret", context=b"")
    with pytest.raises(KmsUnwrapRefused):
        kms.unwrap(OTHER, wrapped, context=b"")


def test_wrapped_secret_with_any_bit_flipped_does_not_unwrap(kms: Kms) -> None:
    wrapped = kms.wrap(ONE, b"secret", context=b"")
    for at in range(len(wrapped) * 8):
        broken = bytearray(wrapped)
        broken[at // 8] ^= 1 << at % 8
        with pytest.raises(KmsUnwrapRefused):
            kms.unwrap(ONE, bytes(broken), context=b"")


def test_wrapped_secret_cut_or_lengthened_does_not_unwrap(kms: Kms) -> None:
    wrapped = kms.wrap(ONE, b"secret", context=b"")
    for broken in [*(wrapped[:length] for length in range(len(wrapped))), wrapped + b"\0"]:
        with pytest.raises(KmsUnwrapRefused):
            kms.unwrap(ONE, broken, context=b"")


def test_names_are_those_that_are_held(kms: Kms) -> None:
    assert kms.names() == {ONE, OTHER}


def test_key_that_is_not_held_is_refused_by_name(kms: Kms) -> None:
    for ask in (kms.wrap, kms.unwrap):
        with pytest.raises(KmsKeyNotHeld, match="0f7a2e64/identity"):
            ask("0f7a2e64/identity", b"secret", context=b"")


@pytest.mark.parametrize("name", ["../" + ONE, "", "A", "a~b"])
def test_name_outside_the_grammar_is_refused(kms: Kms, name: str) -> None:
    for ask in (kms.wrap, kms.unwrap):
        with pytest.raises(NameRefused):
            ask(name, b"secret", context=b"")


def test_older_key_unwraps_and_the_newest_wraps(house: House) -> None:
    older, newer = documents.make(ONE, demo=False), documents.make(ONE, demo=False)
    before = house.holding(older).wrap(ONE, b"secret", context=b"")
    both = house.holding(documents.RootKey(name=ONE, demo=False, keys=newer.keys + older.keys))
    assert both.unwrap(ONE, before, context=b"") == b"secret"
    after = both.wrap(ONE, b"secret", context=b"")
    alone = house.holding(newer)
    assert alone.unwrap(ONE, after, context=b"") == b"secret"
    with pytest.raises(KmsUnwrapRefused):
        alone.unwrap(ONE, before, context=b"")


def test_key_of_the_demo_is_refused_in_production(house: House) -> None:
    kms = house.holding(documents.make(ONE, demo=True), documents.make(OTHER, demo=False), allow_demo=False)
    for ask in (kms.wrap, kms.unwrap):
        with pytest.raises(KmsKeyRefused, match="made by the demo"):
            ask(ONE, b"secret", context=b"")
    assert kms.unwrap(OTHER, kms.wrap(OTHER, b"secret", context=b""), context=b"") == b"secret"


def test_document_of_another_name_is_refused(house: House) -> None:
    kms = house.holding_text(ONE, documents.dump(documents.make(OTHER, demo=False)))
    with pytest.raises(KmsKeyRefused, match="another name"):
        kms.wrap(ONE, b"secret", context=b"")


def test_malformed_document_is_refused_without_repeating_it(house: House) -> None:
    kms = house.holding_text(ONE, '{"keys": ["CANARY"]}')
    with pytest.raises(KmsKeyRefused) as caught:
        kms.wrap(ONE, b"secret", context=b"")
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
