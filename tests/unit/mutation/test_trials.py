"""Trials: a test that looks kills the mutant, one that does not look lets it live, and nothing of it is left behind."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.mutation.__main__ import EQUIVALENTS, Unfit, fate, judge, main
from tests.mutation.copies import ROOT, Copy, copy
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.targets import TARGETS, Target

RULE = "def may(age):\n    while age < 0:\n        age += 1\n    return age >= 18\n"
LOOKS = "from rule import may\n\ndef test_bound():\n    assert may(18)\n    assert not may(17)\n"
LOOKS_AWAY = "from rule import may\n\ndef test_nothing():\n    may(18)\n"
FAILS = "def test_never():\n    assert False\n"
MARKS = "[pytest]\nmarkers =\n    long: takes minutes\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    root = tmp_path_factory.mktemp("root")
    files = {"rule.py": RULE, "test_looks.py": LOOKS, "test_away.py": LOOKS_AWAY, "test_fails.py": FAILS}
    for name, text in {**files, "pytest.ini": MARKS}.items():
        (root / name).write_text(text, encoding="utf-8")
    with copy(root, parts=[*files, "pytest.ini"]) as made:
        yield made


def mutant(change: str) -> Mutant:
    (found,) = [m for m in mutants(RULE) if m.name.endswith(change)]
    return found


def tried(place: Copy, change: str, tests: str, limit: float = 300) -> str:
    return fate(place.trial("rule.py", mutant(change).source, tests=[tests], limit=limit))


def test_without_a_mutant_all_is_well(place: Copy) -> None:
    assert place.trial("rule.py", None, tests=["test_looks.py"], limit=300).status == 0
    assert place.trial("rule.py", None, tests=["test_fails.py"], limit=300).status == 1


def test_test_that_looks_kills(place: Copy) -> None:
    assert tried(place, "-> age > 18", "test_looks.py") == "failed"


def test_test_that_checks_nothing_lets_it_live(place: Copy) -> None:
    assert tried(place, "-> age > 18", "test_away.py") == ""


@pytest.fixture
def copies(place: Copy) -> "SimpleQueue[Copy]":
    queue: SimpleQueue[Copy] = SimpleQueue()
    queue.put(place)
    return queue


def judged(copies: "SimpleQueue[Copy]", *stages: str) -> dict[str, str]:
    target = Target(module="rule.py", stages=tuple((stage,) for stage in stages))
    results = judge(target, copies, jobs=1, number=None, source="def may(age):\n    return age >= 18\n")
    return {result.mutant.name.partition(": ")[2]: result.killed for result in results}


def test_later_stage_kills_what_the_first_lets_live(copies: "SimpleQueue[Copy]") -> None:
    noticed = judged(copies, "test_away.py", "test_looks.py")

    assert noticed == dict.fromkeys(
        ["age >= 18 -> age > 18", "age >= 18 -> age < 18", "18 -> 19", "18 -> 17"], "failed"
    )


def test_survivors_are_told(copies: "SimpleQueue[Copy]", capsys: pytest.CaptureFixture[str]) -> None:
    assert set(judged(copies, "test_away.py").values()) == {""}
    assert "survived, line 2: may: age >= 18 -> age > 18" in capsys.readouterr().out


def test_tests_that_fail_anyway_prove_nothing(copies: "SimpleQueue[Copy]") -> None:
    with pytest.raises(Unfit, match="fail without any mutant"):
        judged(copies, "test_fails.py")


def test_mutant_that_never_ends_is_ended(place: Copy) -> None:
    assert tried(place, "-> age >= 0", "test_looks.py", limit=3) == "took too long"


def test_mutant_leaves_nothing_behind(place: Copy) -> None:
    tried(place, "-> age > 18", "test_looks.py")

    assert (place.tree / "rule.py").read_text(encoding="utf-8") == RULE
    assert place.trial("rule.py", None, tests=["test_looks.py"], limit=300).status == 0


def test_unknown_module_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "no/such/module"]) == 2
    assert capsys.readouterr().err == "no module is called like no/such/module\n"


def test_table_names_what_exists() -> None:
    tests = {argument for target in TARGETS for stage in target.stages for argument in stage}
    paths = [Path(argument.removeprefix("--confcutdir=")) for argument in tests]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_equivalents_have_a_reason() -> None:
    for module, reasons in tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8")).items():
        assert (ROOT / module).is_file()
        assert all(len(reason) > 20 for reason in reasons.values())


@pytest.mark.long
def test_equivalents_have_a_mutant() -> None:
    for module, reasons in tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8")).items():
        assert set(reasons) <= {m.name for m in mutants((ROOT / module).read_text(encoding="utf-8"))}
