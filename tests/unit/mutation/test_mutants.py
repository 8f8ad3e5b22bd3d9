"""Mutants: each is other code, and the rules that matter have one."""

import ast

import pytest

from tests.mutation.copies import ROOT
from tests.mutation.mutants import mutants, sample
from tests.mutation.targets import TARGETS

QUICK = ("tenants/vault/receipts.py", "platform/buvett/releases/states.py")
"""Modules with few mutants; all those of the others come with --long, where they are also run."""


def changes(source: str) -> set[str]:
    return {mutant.source for mutant in mutants(source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a == b", {"a != b"}),
        ("a is None", {"a is not None"}),
        ("a in b", {"a not in b"}),
        ("a < b", {"a <= b", "a >= b", "a < b - 1"}),
        ("a >= b", {"a > b", "a < b", "a >= b - 1"}),
        ("a < 3", {"a <= 3", "a >= 3", "a < 4", "a < 2"}),
        ("a and b", {"a or b"}),
        ("not a", {"a"}),
        ("a + b", {"a - b"}),
        ("a // b", {"a * b"}),
        ("x = True", {"x = False"}),
        ("x = 'word'", {"x = 'word?'"}),
        ("x = b'word'", {"x = b'word?'"}),
        ("check_may(a)", {"pass"}),
        ("self._check(a)", {"pass"}),
        ("x = -a", {"x = a"}),
        ("frame(a, b)", {"frame(b)", "frame(a)"}),
        ("yield a", {"pass"}),
        ("raise Refused(f'{a} is more than 3')", {"pass"}),
    ],
)
def test_change_is_made(source: str, expected: set[str]) -> None:
    assert changes(source) == expected


def test_condition_and_raise_are_turned() -> None:
    source = "if bad(a):\n    raise Refused('in words')"

    assert changes(source) == {
        "if not bad(a):\n    raise Refused('in words')",
        "if bad(a):\n    pass",
    }


def test_returned_condition_is_turned() -> None:
    assert changes("def f():\n    return a and b") == {
        "def f():\n    return a or b",
        "def f():\n    return not (a and b)",
    }


@pytest.mark.parametrize(
    "source",
    [
        "'''A docstring.'''",
        "def f(a: 'Name') -> 'Name':\n    '''Word.'''",
        "@dataclass(frozen=True)\nclass A:\n    a: int",
        "from a import b",
        "if TYPE_CHECKING:\n    from a import b",
        "x = 'words that a person reads'",
        "open(a, encoding='ascii')",
    ],
)
def test_what_is_for_readers_is_left_alone(source: str) -> None:
    assert changes(source) == set()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_target_is_there(target) -> None:
    assert (ROOT / target.module).is_file()


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(target.module, marks=() if target.module in QUICK else pytest.mark.long, id=target.module)
        for target in TARGETS
    ],
)
def test_mutant_is_other_code_that_parses(module) -> None:
    source = (ROOT / module).read_text(encoding="utf-8")
    original = ast.dump(ast.parse(source))
    found = mutants(source)

    assert found
    assert len({mutant.name for mutant in found}) == len(found)
    for mutant in found:
        assert ast.dump(ast.parse(mutant.source)) != original


def test_same_change_twice_has_two_names() -> None:
    assert [mutant.name for mutant in mutants("a == b\na == b")] == [
        "module: a == b -> a != b",
        "module: a == b -> a != b #2",
    ]


def test_name_says_the_place() -> None:
    (mutant,) = mutants("class A:\n    def f(self):\n        return self.a == 'two words'")

    assert (mutant.name, mutant.line) == ("A.f: self.a == 'two words' -> self.a != 'two words'", 3)


def test_sample_is_the_same_whatever_else_changes() -> None:
    few = mutants("a == b\nc == d\ne == f\ng == h")
    more = mutants("a == b\nc == d\ne == f\ng == h\ni == j")
    names = {mutant.name for mutant in sample(few, number=2, module="m")}

    assert len(names) == 2
    assert {m.name for m in sample(few, number=2, module="m")} == names
    assert {m.name for m in sample(more, number=2, module="m")} <= names | {"module: i == j -> i != j"}
    assert [m.line for m in sample(few, number=9, module="m")] == [1, 2, 3, 4]
