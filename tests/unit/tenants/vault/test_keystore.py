import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tenants.vault.errors import KeyExists, KeyMissing, NameRefused, StoreRefused
from tenants.vault.keystore import KeyStore


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    tmp_path.chmod(0o700)
    return KeyStore(tmp_path)


def test_version_is_kept_and_listed(store: KeyStore) -> None:
    store.put("a/b", 1, b"one")
    store.put("a/b", 2, b"two")
    assert (store.get("a/b", 1), store.get("a/b", 2)) == (b"one", b"two")
    assert store.versions("a/b") == (1, 2)
    assert store.used("a/b") == 2


def test_version_is_never_overwritten(store: KeyStore) -> None:
    store.put("a", 1, b"one")
    with pytest.raises(KeyExists):
        store.put("a", 1, b"other")
    assert store.get("a", 1) == b"one"


def test_version_shredded_is_gone_and_its_number_is_not_used_again(store: KeyStore, tmp_path: Path) -> None:
    store.put("a", 1, b"secret-bytes")
    store.delete("a", 1)
    with pytest.raises(KeyMissing):
        store.get("a", 1)
    with pytest.raises(KeyExists):
        store.put("a", 1, b"other")
    assert store.versions("a") == ()
    assert store.used("a") == 1
    assert all(b"secret-bytes" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_unknown_key_is_missing_in_every_question(store: KeyStore) -> None:
    for ask in (store.get, store.delete, store.made_at):
        with pytest.raises(KeyMissing):
            ask("a", 1)
    with pytest.raises(KeyMissing):
        store.replace("a", 1, b"")
    assert (store.versions("a"), store.used("a"), store.names("a")) == ((), 0, ())


def test_replace_changes_one_version_only(store: KeyStore) -> None:
    store.put("a", 1, b"one")
    store.put("a", 2, b"two")
    store.replace("a", 1, b"rewrapped")
    assert (store.get("a", 1), store.get("a", 2)) == (b"rewrapped", b"two")


def test_names_lists_what_lives_below(store: KeyStore) -> None:
    for name in ("a/x", "a/index/fnr", "ab/x", "region/r/period"):
        store.put(name, 1, b"w")
    store.delete("a/x", 1)
    assert store.names() == ("a/index/fnr", "ab/x", "region/r/period")
    assert store.names("a") == ("a/index/fnr",)


def test_draft_of_a_killed_writer_is_no_key(store: KeyStore, tmp_path: Path) -> None:
    store.put("a", 1, b"one")
    (tmp_path / "a" / ".draft-0011").write_bytes(b"half")
    assert (store.versions("a"), store.names()) == ((1,), ("a",))


def test_tombstone_of_a_killed_shredder_already_blocks_the_number(store: KeyStore, tmp_path: Path) -> None:
    store.put("a", 1, b"one")
    (tmp_path / "a" / "v00000001.gone").touch()
    store.delete("a", 1)
    with pytest.raises(KeyExists):
        store.put("a", 1, b"other")


@pytest.mark.parametrize("mode", [0o701, 0o704, 0o702, 0o720, 0o777])
def test_store_that_others_can_enter_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(StoreRefused):
        KeyStore(tmp_path)


def test_store_that_a_group_may_read_is_accepted(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    KeyStore(tmp_path).put("a", 1, b"one")
    assert KeyStore(tmp_path).get("a", 1) == b"one"


def test_store_that_is_absent_or_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("none", "link"):
        with pytest.raises(StoreRefused):
            KeyStore(tmp_path / name)


@pytest.mark.parametrize("mode", [0o660, 0o644, 0o642])
def test_wrapped_key_with_loose_modes_is_refused(store: KeyStore, tmp_path: Path, mode: int) -> None:
    store.put("a", 1, b"one")
    (tmp_path / "a" / "v00000001.wrapped").chmod(mode)
    with pytest.raises(StoreRefused):
        store.get("a", 1)


@pytest.mark.parametrize("name", ["../a", "/etc/x", "a/../../b", "A", ""])
def test_name_cannot_leave_the_store(store: KeyStore, name: str) -> None:
    for ask in (store.get, store.delete):
        with pytest.raises(NameRefused):
            ask(name, 1)
    with pytest.raises(NameRefused):
        store.put(name, 1, b"")


def test_key_shredded_while_it_is_rewrapped_does_not_come_back(store: KeyStore) -> None:
    for turn in range(40):
        name = f"k{turn}"
        store.put(name, 1, b"one")
        start = threading.Barrier(2)

        def rewrap(name: str = name, start: threading.Barrier = start) -> None:
            start.wait()
            with suppress(KeyMissing):  # shredded before it could be
                store.replace(name, 1, b"rewrapped")

        thread = threading.Thread(target=rewrap)
        thread.start()
        start.wait()
        store.delete(name, 1)
        thread.join()
        with pytest.raises(KeyMissing):
            store.get(name, 1)


class StoreMachine(RuleBasedStateMachine):
    """The store against a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = KeyStore(Path(self.folder.name))
        self.live: dict[tuple[str, int], bytes] = {}
        self.gone: set[tuple[str, int]] = set()

    def teardown(self) -> None:
        self.folder.cleanup()

    names = st.sampled_from(["a", "a/b", "c"])
    versions = st.integers(1, 3)

    @rule(name=names, version=versions, content=st.binary(max_size=4))
    def put(self, name: str, version: int, content: bytes) -> None:
        if (name, version) in self.live or (name, version) in self.gone:
            with pytest.raises(KeyExists):
                self.store.put(name, version, content)
        else:
            self.store.put(name, version, content)
            self.live[name, version] = content

    @rule(name=names, version=versions, content=st.binary(max_size=4))
    def replace(self, name: str, version: int, content: bytes) -> None:
        if (name, version) in self.live:
            self.store.replace(name, version, content)
            self.live[name, version] = content
        else:
            with pytest.raises(KeyMissing):
                self.store.replace(name, version, content)

    @rule(name=names, version=versions)
    def delete(self, name: str, version: int) -> None:
        if (name, version) in self.live:
            self.store.delete(name, version)
            del self.live[name, version]
            self.gone.add((name, version))
        else:
            with pytest.raises(KeyMissing):
                self.store.delete(name, version)

    @invariant()
    def agrees(self) -> None:
        for name in ("a", "a/b", "c"):
            assert self.store.versions(name) == tuple(sorted(v for n, v in self.live if n == name))
            assert self.store.used(name) == max((v for n, v in {*self.live, *self.gone} if n == name), default=0)
        assert self.store.names() == tuple(sorted({n for n, _ in self.live}))
        for (name, version), content in self.live.items():
            assert self.store.get(name, version) == content


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
