"""The table of states: every state and verb is in it, and each move does what the table says and nothing else."""

from datetime import date
from itertools import product

import pytest

from tenants.register.kartlegging import blank_assessment
from tenants.register.states import (
    BY_VERB,
    EFFECTS,
    MOVES,
    Counting,
    Listing,
    State,
    Verb,
    Who,
    allows,
    counts_in,
    is_changeable,
    is_masked,
    listing_of,
    moved,
    states_of,
)

ON = date(2026, 3, 12)
LIFE = {State.OPEN, State.REOPENED, State.CLOSED}
MARKS = {State.BLOCKED, State.OBJECTED, State.PROTECTED}
LIFTS = {Verb.UNBLOCK, Verb.WITHDRAW_OBJECTION, Verb.UNPROTECT}


def assessment(**changed):
    return {**blank_assessment(registered="2026-01-01"), **changed}


def every_assessment():
    for closed, reopened, blocked, objected, protected in product(
        [None, "2026-03-12"], [None, "2026-02-01"], [False, True], [False, True], [False, True]
    ):
        yield assessment(
            closed_on=closed, reopened_on=reopened, blocked=blocked, objected=objected, address_protected=protected
        )


def test_every_state_has_an_effect_and_every_verb_a_move():
    assert set(EFFECTS) == set(State)
    assert [move.verb for move in MOVES] == list(Verb)


def test_every_state_but_open_is_led_to_and_only_known_states_are_named():
    assert {move.leads_to for move in MOVES} == set(State)
    assert all(move.needs and not move.needs & move.unless for move in MOVES)


def test_case_is_in_exactly_one_of_open_reopened_and_closed():
    for found in every_assessment():
        assert len(states_of(found) & LIFE) == 1


def test_new_case_is_open_and_nothing_else():
    assert states_of(assessment()) == {State.OPEN}


@pytest.mark.parametrize("verb", Verb)
def test_move_changes_no_other_state(verb):
    for found in every_assessment():
        states = states_of(found)
        if not allows(states, verb):
            continue
        after = states_of(moved(found, verb, on=ON))
        leads_to = BY_VERB[verb].leads_to
        if verb in LIFTS:
            assert states - after == BY_VERB[verb].needs & MARKS
            assert after < states
        elif leads_to in MARKS:
            assert after == states | {leads_to}
        else:
            assert after == states - LIFE | {leads_to}


@pytest.mark.parametrize("verb", Verb)
def test_move_touches_no_fact_of_the_kartlegging(verb):
    after = moved(assessment(), verb, on=ON)

    changed = {name for name in after if after[name] != assessment()[name]}
    assert changed <= {"closed_on", "reopened_on", "blocked", "objected", "address_protected"}


def test_whatever_makes_a_case_less_safe_is_the_leaders():
    assert {move.verb for move in MOVES if move.who is Who.LEADER} == LIFTS


def test_blocked_case_allows_only_what_makes_it_safer_or_lifts_the_block():
    states = frozenset({State.OPEN, State.BLOCKED})

    assert {verb for verb in Verb if allows(states, verb)} == {Verb.UNBLOCK, Verb.OBJECT, Verb.PROTECT}


@pytest.mark.parametrize(
    ("verb", "states"),
    [
        (Verb.CLOSE, {State.CLOSED}),
        (Verb.REOPEN, {State.OPEN}),
        (Verb.REOPEN, {State.REOPENED}),
        (Verb.UNBLOCK, {State.OPEN}),
        (Verb.BLOCK, {State.OPEN, State.BLOCKED}),
        (Verb.PROTECT, {State.CLOSED, State.PROTECTED}),
        (Verb.WITHDRAW_OBJECTION, {State.OPEN}),
    ],
)
def test_move_that_the_state_does_not_allow(verb, states):
    assert not allows(frozenset(states), verb)


def test_closed_and_blocked_cases_are_not_changed_by_hand():
    fixed = {state for state in State if not is_changeable(frozenset({State.OPEN, state}))}

    assert fixed == {State.CLOSED, State.BLOCKED}


def test_marks_are_not_counted_in_any_year():
    assert {state for state in State if EFFECTS[state].counting is Counting.NO} == MARKS
    for fact in ("blocked", "objected", "address_protected"):
        assert not counts_in(assessment(**{fact: True}), year=2026)
        assert not counts_in(assessment(closed_on="2026-03-12", **{fact: True}), year=2026)


@pytest.mark.parametrize(("year", "counts"), [(2025, True), (2026, True), (2027, False), (2030, False)])
def test_closed_case_counts_for_its_year_and_not_after(year, counts):
    assert counts_in(assessment(closed_on="2026-12-31"), year=year) is counts


def test_reopened_case_counts_again():
    closed = assessment(closed_on="2024-05-05")

    assert not counts_in(closed, year=2026)
    assert counts_in(moved(closed, Verb.REOPEN, on=ON), year=2026)


@pytest.mark.parametrize(
    ("states", "listing", "masked"),
    [
        ({State.OPEN}, Listing.PLAIN, False),
        ({State.OPEN, State.OBJECTED}, Listing.PLAIN, False),
        ({State.REOPENED, State.PROTECTED}, Listing.MASKED, True),
        ({State.CLOSED}, Listing.ON_REQUEST, False),
        ({State.CLOSED, State.PROTECTED}, Listing.ON_REQUEST, True),
        ({State.OPEN, State.BLOCKED}, Listing.ON_REQUEST, False),
    ],
)
def test_listing_is_the_strictest(states, listing, masked):
    assert listing_of(frozenset(states)) is listing
    assert is_masked(frozenset(states)) is masked
