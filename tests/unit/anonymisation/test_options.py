"""Options of the methods: their defaults, their bounds, and that a release repeats them whole."""

import doctest
import json

import pytest

from anonymisation import Programme, options
from anonymisation.errors import ProgrammeError
from anonymisation.options import CellKey, Privacy, Rounding
from anonymisation.programme import EXAMPLE
from anonymisation.reading import canonical


def programme(method: str, given: str = "", *, policy: str = "threshold = 5", table: str = "") -> Programme:
    text = EXAMPLE.replace("threshold = 5", f'{policy}\nmethod = "{method}"\n{method} = {{ {given} }}') + table
    return Programme.parse(text)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (programme("round"), Rounding(5, 10, ((),))),
        (programme("round", "base = 3, exact = [[], ['place']]"), Rounding(3, 8, ((), ("place",)))),
        # A table's width is at least its threshold: the widest counts.
        (programme("round", "base = 3", policy="threshold = 4\nwidth = 1"), Rounding(3, 7, ((),))),
        (programme("round", table="width = 12\n"), Rounding(5, 17, ((),))),
        (programme("cellkey"), CellKey(10, 10.0, 3)),
        (programme("cellkey", "deviation = 5, variance = 2, smallest = 1"), CellKey(5, 2.0, 1)),
        (programme("dp", "epsilon = 1, budget = 3"), Privacy(1.0, 3.0)),
    ],
)
def test_options_with_their_defaults(told: Programme, expected: object):
    reader = {Rounding: options.rounding, CellKey: options.cell_key, Privacy: options.privacy}[type(expected)]
    assert reader(told.policy) == expected
    again = Programme.from_json(json.loads(canonical(told.to_json())))
    assert (again, again.sha256) == (told, told.sha256)


@pytest.mark.parametrize(
    ("method", "given", "reason"),
    [
        ("round", "base = 1", "base must be a whole number from 2 to 1000"),
        ("round", "base = 3, max_deviation = 4", "max_deviation must be at least 5, the largest width"),
        ("round", "exact = ['place']", "exact must be a list of lists of dimensions"),
        ("round", "exact = [['place', 'place']]", "exact must be a list of lists of dimensions"),
        ("round", "exact = [['age']]", "exact names an unknown dimension 'age'"),
        ("round", "seed = 1", "unknown key 'seed'"),
        ("cellkey", "deviation = 4", "deviation must be at least 5, the largest width"),
        ("cellkey", "deviation = 5, smallest = 6", "smallest must be at most deviation"),
        ("cellkey", "deviation = 5, variance = 11", "variance must be at most 10.000"),
        ("cellkey", "variance = 0", "variance must be a number above 0"),
        ("dp", "epsilon = 1", "budget is missing"),
        ("dp", "epsilon = 2, budget = 1", "epsilon must be at most the budget"),
        ("dp", "epsilon = nan, budget = 1", "epsilon must be a number above 0"),
        ("dp", "epsilon = inf, budget = 1", "epsilon must be a number above 0"),
        ("suppress", "base = 3", "suppress has no options"),
    ],
)
def test_options_that_are_refused(method: str, given: str, reason: str):
    with pytest.raises(ProgrammeError) as refused:
        programme(method, given)
    assert [reason in line for line in refused.value.problems] == [True]
    assert refused.value.problems[0].startswith(f"programme: [policy.{method}]: ")


def test_doctest():
    assert doctest.testmod(options).failed == 0
