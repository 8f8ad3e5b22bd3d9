"""The guide to `anonymise`: every file in it is written, every command run, every Python example checked."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from anonymisation.cli import main

GUIDE = Path(__file__).parents[3] / "platform" / "docs" / "anonymise.md"
BLOCK = re.compile(r"^```(toml|csv|console|python) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks() -> list[tuple[str, str, str]]:
    return BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


def ran(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints, and its exit code where it is not 0."""
    name, *arguments = shlex.split(line)
    assert name == "anonymise"
    code = main(arguments)
    told = capsys.readouterr()
    return told.out + told.err + (f"(exit {code})\n" if code else "")


def test_every_example_gives_what_the_guide_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    found = blocks()
    for kind, name, text in found:
        if kind in {"toml", "csv"}:
            (tmp_path / name).write_text(text, encoding="utf-8")
    names: dict[str, object] = {}
    for number, (kind, _, text) in enumerate(found):
        if kind == "console":
            for part in re.split(r"^(?=\$ )", text, flags=re.MULTILINE)[1:]:
                command, _, expected = part.partition("\n")
                assert ran(command[2:], capsys) == expected
        elif kind == "python":
            test = doctest.DocTestParser().get_doctest(text, names, f"guide {number}", str(GUIDE), 0)
            runner = doctest.DocTestRunner()
            wrong: list[str] = []
            runner.run(test, out=wrong.append, clear_globs=False)
            names = test.globs
            assert "".join(wrong) == ""


def test_guide_shows_every_command_and_method():
    text = GUIDE.read_text(encoding="utf-8")
    for command in ("protect", "audit", "compare", "counts"):
        assert f"anonymise {command}" in text
    for method in ("suppress", "round", "cellkey", "dp"):
        assert f"| `{method}` |" in text
