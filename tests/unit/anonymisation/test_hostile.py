"""Whatever is put where: input is read, or refused with lines that say where; never anything else."""

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymisation import Counts, Programme, Release, audit, protect
from anonymisation.errors import AnonymisationError, InputError
from tests.unit.anonymisation.regions import count, programme

PEOPLE = [("A", "OWN", frozenset("X"))] * 9 + [("B", "RENT", frozenset("XY"))] * 8 + [("C", "NONE", frozenset())] * 7
JUNK = [None, True, -1, 0, 1.5, 10**30, "", "x", "2026", [], {}, [[]], [{}], [1], {"a": 1}, "\ud800", float("inf")]


def places(value, path=()):
    """Every place in a value of JSON."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def changed(value, path, junk, *, drop: bool):
    """The value with something else at a place, or without it."""
    found = deepcopy(value)
    if not path:
        return junk
    here = found
    for key in path[:-1]:
        here = here[key]
    if drop:
        del here[path[-1]]
    else:
        here[path[-1]] = junk
    return found


@pytest.fixture(scope="module")
def given_values():
    suppressed = programme(method="suppress", insiders=True)
    rounded = programme(options="[policy.round]\nexact = []\n")
    counts = count(suppressed, PEOPLE)
    return {
        "programme": suppressed.to_json(),
        "rounded": rounded.to_json(),
        "counts": counts.to_json(),
        "release": protect(suppressed, counts).release.to_json(),
        "rounded release": protect(rounded, count(rounded, PEOPLE)).release.to_json(),
    }


def read(name: str, value) -> object:
    if name in {"programme", "rounded"}:
        return Programme.from_json(value)
    text = json.dumps(value)
    if name == "counts":
        return Counts.parse(text, programme(method="suppress", insiders=True))
    return audit(Release.parse(text))


def refusal(name: str, value) -> tuple[str, ...]:
    """The lines that refuse a value, or none where it is read."""
    try:
        read(name, value)
    except InputError as refused:
        return refused.problems or ("",)
    except AnonymisationError as refused:
        return (str(refused),)
    return ()


@settings(max_examples=120, deadline=None)
@given(
    data=st.data(),
    name=st.sampled_from(["programme", "rounded", "counts", "release", "rounded release"]),
    drop=st.booleans(),
)
def test_anything_anywhere_is_read_or_refused(data: st.DataObject, name: str, given_values, *, drop: bool):
    value = given_values[name]
    path = data.draw(st.sampled_from(list(places(value))))
    junk = data.draw(st.sampled_from(JUNK))
    wrong = changed(value, path, junk, drop=drop and bool(path))
    if name in {"programme", "rounded"} and not isinstance(wrong, dict):
        return
    lines = refusal(name, wrong)
    assert all(line.strip() and "\n" not in line for line in lines)
