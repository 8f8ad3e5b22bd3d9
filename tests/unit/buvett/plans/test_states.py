"""The state table: every state is named and judged, each verb is the function that makes the move."""

from importlib import import_module
from itertools import product

import pytest

from buvett.plans.errors import NotToAnswer
from buvett.plans.states import ENDS, MOVES, START, Move, State, check_may_move, state_of

VERBS = sorted({move.verb for move in MOVES})
ROOMS = {"send": "sending", "answer": "answering"}


def test_every_state_is_named():
    assert set(State) == {START} | {move.after for move in MOVES}


def test_every_end_has_no_move_and_every_other_has_one():
    assert {state for state in State if state not in {move.before for move in MOVES}} == ENDS


@pytest.mark.parametrize(("before", "after", "verb"), list(product(State, State, VERBS)))
def test_move_allowed_only_by_the_table(before, after, verb):
    if any((move.before, move.after, move.verb) == (before, after, verb) for move in MOVES):
        check_may_move(before, after, verb=verb)
    else:
        with pytest.raises(NotToAnswer):
            check_may_move(before, after, verb=verb)


@pytest.mark.parametrize("move", MOVES)
def test_verb_is_the_function_that_makes_the_move(move: Move):
    assert callable(getattr(import_module(f"buvett.plans.{ROOMS[move.verb]}"), move.verb))


@pytest.mark.parametrize(
    ("answered", "is_newest", "state"),
    [
        ("", True, State.SENT),
        ("a", True, State.SENT),
        ("ab", True, State.ANSWERED),
        ("ab", False, State.ANSWERED),
        ("a", False, State.REPLACED),
        ("abc", True, State.ANSWERED),
    ],
)
def test_state_follows_from_the_answers(answered, is_newest, state):
    assert state_of(asked=frozenset("ab"), answered=frozenset(answered), is_newest=is_newest) is state
