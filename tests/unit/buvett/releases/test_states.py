"""The state table: every state is named, reachable and judged; the database and the models hold the same."""

from importlib import import_module
from itertools import product

import pytest

from buvett.releases.errors import WrongState
from buvett.releases.models import STATES
from buvett.releases.states import ENDS, MOVES, START, Move, State, check_may_move

VERBS = {move.verb for move in MOVES}


def test_every_state_is_named() -> None:
    assert set(State) == {START} | {move.after for move in MOVES}
    assert [name for name, _ in STATES] == [state.value for state in State]


def test_every_end_has_no_move_and_every_other_has_one() -> None:
    assert {state for state in State if state not in {move.before for move in MOVES}} == ENDS


def test_key_lives_only_until_something_is_shown_or_refused() -> None:
    assert {state for state in State if state.has_key} == {State.OPEN, State.LOCKED}
    # Nothing comes back to a state with a key once it is gone.
    assert not [move for move in MOVES if not move.before.has_key and move.after.has_key]


def test_nothing_is_published_without_a_lock() -> None:
    assert {move.before for move in MOVES if move.after is State.PUBLISHED} == {State.LOCKED}


@pytest.mark.parametrize(("before", "after", "verb"), list(product(State, State, sorted(VERBS))))
def test_move_allowed_only_by_the_table(before: State, after: State, verb: str) -> None:
    if any((move.before, move.after, move.verb) == (before, after, verb) for move in MOVES):
        check_may_move(before, after, verb=verb)
    else:
        with pytest.raises(WrongState):
            check_may_move(before, after, verb=verb)


def test_database_holds_the_same_moves() -> None:
    held = import_module("buvett.releases.migrations.0002_rights").MOVES
    assert set(held) == {(move.before.value, move.after.value) for move in MOVES}


@pytest.mark.parametrize("move", MOVES)
def test_verb_is_the_function_that_makes_the_move(move: Move) -> None:
    assert callable(getattr(import_module(f"buvett.releases.{move.verb}"), move.verb))


def test_moves_are_those_of_the_design() -> None:
    assert {(move.before.value, move.verb, move.after.value) for move in MOVES} == {
        ("open", "lock", "locked"),
        ("locked", "publish", "published"),
        ("locked", "publish", "refused"),
        ("locked", "withdraw", "refused"),
        ("published", "withdraw", "withdrawn"),
    }
