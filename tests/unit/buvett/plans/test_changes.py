"""What changed between two versions, by properties and examples."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from buvett.plans.changes import Change, Kind, Part, changes

WORDS = st.sampled_from(["a", "b", "c"])
CHAPTERS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("123456"), "heading": WORDS, "text": WORDS}),
    unique_by=lambda one: one["id"],
    max_size=6,
)
MEASURE = {
    "id": "9",
    "title": "Tiltak",
    "text": "",
    "reach": "local",
    "owner": "Ho",
    "due": None,
    "number": {"release": "r", "table": "t", "key": ["a"], "value": 7, "why": None},
}


def body(chapters=(), measures=(), title="Plan", asks=""):
    return {"title": title, "asks": asks, "chapters": list(chapters), "measures": list(measures)}


@given(CHAPTERS)
def test_nothing_changes_from_a_version_to_itself(chapters):
    assert changes(body(chapters), body(deepcopy(chapters))) == ()


@given(CHAPTERS, CHAPTERS)
def test_every_part_is_told_as_it_is(before, after):
    told = changes(body(before), body(after))
    was, now = {one["id"]: one for one in before}, {one["id"]: one for one in after}
    added = [one["heading"] for one in after if one["id"] not in was]
    removed = [one["heading"] for one in before if one["id"] not in now]
    other = [one["heading"] for one in after if one["id"] in was and was[one["id"]] != one]
    assert [change.name for change in told if change.kind is Kind.ADDED] == added
    assert [change.name for change in told if change.kind is Kind.REMOVED] == removed
    assert [change.name for change in told if change.kind is Kind.CHANGED] == other


@given(st.permutations("12345"))
def test_as_few_parts_are_moved_as_explain_the_order(order):
    chapters = {name: {"id": name, "heading": name, "text": ""} for name in "12345"}
    told = changes(body(chapters.values()), body(chapters[name] for name in order))
    moved = {change.name for change in told}
    assert {change.kind for change in told} <= {Kind.MOVED}
    left = [name for name in order if name not in moved]
    assert left == sorted(left)
    assert len(moved) == 5 - longest_rising(order)


def longest_rising(order):
    """The slow way: every choice of places."""
    return max(
        choice.bit_count()
        for choice in range(2 ** len(order))
        if (kept := [name for at, name in enumerate(order) if choice >> at & 1]) == sorted(kept)
    )


def test_fields_of_a_measure_and_of_the_plan_are_named():
    changed = {**MEASURE, "owner": "Han", "number": {**MEASURE["number"], "value": None, "why": "protected"}}
    told = changes(body(measures=[MEASURE]), body(measures=[changed], title="Ny", asks="Svar"))
    assert told == (
        Change(kind=Kind.CHANGED, part=Part.PLAN, name="Ny", fields=("title", "asks")),
        Change(kind=Kind.CHANGED, part=Part.MEASURE, name="Tiltak", fields=("owner", "number")),
    )
