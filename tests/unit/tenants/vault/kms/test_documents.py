import base64
import json

import pytest

from tenants.vault.errors import KmsKeyRefused, NameRefused
from tenants.vault.kms import documents

KEY = base64.b64encode(bytes(32)).decode()
GOOD = {"format": "buvett/kms-key/1", "name": "a/b", "demo": False, "keys": [KEY]}


def test_document_comes_back() -> None:
    root = documents.make("a/b", demo=True)
    assert documents.load(documents.dump(root), name="a/b", allow_demo=True) == root
    assert documents.load(json.dumps(GOOD), name="a/b", allow_demo=False).keys == (bytes(32),)


def test_keys_are_random_and_not_shown() -> None:
    one, other = documents.make("a", demo=False), documents.make("a", demo=False)
    assert one.keys != other.keys
    assert "keys" not in repr(one)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "buvett/kms-key/2"},
        {"name": 1},
        {"demo": "no"},
        {"demo": None},
        {"keys": []},
        {"keys": None},
        {"keys": [KEY, KEY]},
        {"keys": [KEY[:-4]]},
        {"keys": ["?" + KEY[1:]]},
        {"keys": [1]},
        {"more": 1},
    ],
    ids=str,
)
def test_malformed_document_is_refused(change: dict) -> None:
    with pytest.raises(KmsKeyRefused, match="not a key document"):
        documents.load(json.dumps({**GOOD, **change}), name="a/b", allow_demo=True)


@pytest.mark.parametrize("text", ["", "null", "[]", "7", '"text"', "{", b"\xff\xfe", json.dumps({"name": "a/b"})])
def test_text_that_is_no_document_is_refused(text: str | bytes) -> None:
    with pytest.raises(KmsKeyRefused, match="not a key document"):
        documents.load(text, name="a/b", allow_demo=True)


def test_name_outside_the_grammar_is_not_made() -> None:
    with pytest.raises(NameRefused):
        documents.make("A b", demo=False)


def test_id_is_the_published_one() -> None:
    assert documents.id_of(bytes(32)).hex() == "3eb3056ef2777979"
    root = documents.RootKey(name="a", demo=False, keys=(bytes(32), b"\1" * 32))
    assert root.by_id(documents.id_of(b"\1" * 32)) == b"\1" * 32
    assert root.by_id(bytes(8)) is None
