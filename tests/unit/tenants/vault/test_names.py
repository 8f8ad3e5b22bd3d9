import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.vault import names
from tenants.vault.compartments import Compartment
from tenants.vault.errors import NameRefused

groups = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=5)
segments = st.lists(groups, min_size=1, max_size=3).map("-".join)
good_names = st.lists(segments, min_size=1, max_size=8).map("/".join)

BAD = [
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "..",
    "a/../b",
    ".",
    "A",
    "å",
    "a_b",
    "a~b",
    "a--b",
    "-a",
    "a-",
    "a b",
    "a\n",
    "a\0",
    "a/" * 8 + "a",
    "a" * 201,
]


@given(good_names)
def test_name_goes_to_file_and_variable_and_back(name: str) -> None:
    assert names.checked(name) == name
    assert names.from_file(names.as_file(name)) == name
    assert names.from_variable(names.as_variable(name)) == name
    assert "/" not in names.as_file(name)


@given(good_names, good_names)
def test_two_names_never_share_a_file_or_a_variable(one: str, other: str) -> None:
    assert (names.as_file(one) == names.as_file(other)) == (one == other)
    assert (names.as_variable(one) == names.as_variable(other)) == (one == other)


@pytest.mark.parametrize("name", BAD)
def test_name_outside_the_grammar_is_refused(name: str) -> None:
    for function in (names.checked, names.as_file, names.as_variable):
        with pytest.raises(NameRefused):
            function(name)
    with pytest.raises(NameRefused):
        names.KeyName(entry=name, root="a")
    with pytest.raises(NameRefused):
        names.KeyName(entry="a", root=name)


@pytest.mark.parametrize("variable", ["PATH", "BUVETT_KEY_", "BUVETT_KEY_a", "BUVETT_KEY_A___B", "BUVETT_KEYS"])
def test_variable_that_holds_no_key_is_refused(variable: str) -> None:
    with pytest.raises(NameRefused):
        names.from_variable(variable)


def test_key_names_are_those_of_the_document() -> None:
    place = UUID("0f7a2e64-6a3a-4d8f-9a53-0a8d0e1f2a3b")
    found = [
        names.compartment_key(place, Compartment.ASSESSMENT),
        names.index_key(place, "fnr"),
        names.region_key(place, "period", "2026"),
    ]
    assert found == [
        names.KeyName(entry=f"{place}/assessment", root=f"{place}/assessment"),
        names.KeyName(entry=f"{place}/index/fnr", root=f"{place}/index"),
        names.KeyName(entry=f"region/{place}/period/2026", root=f"region/{place}/period"),
    ]
