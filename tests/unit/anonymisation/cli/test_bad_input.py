"""Every kind of bad input through the command line: exit 2, one line for each problem, nothing written."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from anonymisation.cli import main
from anonymisation.programme import EXAMPLE, Programme

ROWS = "place,situation,n\nA,INNE,9\nA,UTE,6\nB,INNE,8\nB,UTE,1\nC,INNE,7\nC,UTE,5\n"
LEVEL = '[dimensions.place.levels.side]\nWEST = ["A", "B"]\nEAST = ["C"]\n[dimensions.situation]'
TWO = EXAMPLE + '[[tables]]\nid = "people"\ndimensions = ["place"]\n'

PROGRAMMES = {
    "empty": ("", "p.toml: [programme]: missing, or not a table"),
    "no tables": (EXAMPLE.split("[[tables]]")[0], "p.toml: [[tables]]: missing or empty"),
    "truncated": (EXAMPLE[:-12], "p.toml: not TOML: "),
    "level that does not partition": (
        EXAMPLE.replace("[dimensions.situation]", LEVEL.replace(', "B"', "")),
        "p.toml: [dimensions.place] level side: does not partition the codes",
    ),
    "dimension twice": (
        EXAMPLE.replace('["place", "situation"]', '["place", "place"]'),
        "p.toml: table situation: a dimension is used twice",
    ),
    "NaN": (EXAMPLE.replace("= 5", "= nan"), "p.toml: [policy]: threshold must be a whole number"),
    "number of thousands of digits": (EXAMPLE.replace("= 5", "= " + "5" * 5000), "p.toml: a number or a date is none"),
    "method that is a list": (EXAMPLE.replace("= 5", '= 5\nmethod = ["round"]'), "p.toml: [policy]: method must be"),
    "round with a wrong base": (
        EXAMPLE.replace("[dimensions.place]", "[policy.round]\nbase = 1\n[dimensions.place]", 1).replace(
            "= 5", '= 5\nmethod = "round"'
        ),
        "p.toml: [policy.round]: base must be a whole number from 2",
    ),
    "round with an unknown margin": (
        EXAMPLE.replace("[dimensions.place]", '[policy.round]\nexact = [["age"]]\n[dimensions.place]', 1).replace(
            "= 5", '= 5\nmethod = "round"'
        ),
        "p.toml: [policy.round]: exact names an unknown dimension 'age'",
    ),
    "cell key too narrow": (
        EXAMPLE.replace("[dimensions.place]", "[policy.cellkey]\ndeviation = 4\n[dimensions.place]", 1).replace(
            "= 5", '= 5\nmethod = "cellkey"'
        ),
        "p.toml: [policy.cellkey]: deviation must be at least 5, the largest width",
    ),
    "privacy without a budget": (
        EXAMPLE.replace("[dimensions.place]", "[policy.dp]\nepsilon = 1\n[dimensions.place]", 1).replace(
            "= 5", '= 5\nmethod = "dp"'
        ),
        "p.toml: [policy.dp]: budget is missing",
    ),
}
COUNTS = {
    "unknown code": (ROWS + "D,INNE,1\n", "c.csv: row 8, column place: unknown or repeated code"),
    "repeated row": (ROWS + "A,INNE,9\n", "c.csv: row 8, column n: the cell has been given before"),
    "negative": (ROWS.replace(",5\n", ",-5\n"), "c.csv: row 7, column n: must be a whole number"),
    "fraction": (ROWS.replace(",5\n", ",5.0\n"), "c.csv: row 7, column n: must be a whole number"),
    "NaN": (ROWS.replace(",5\n", ",NaN\n"), "c.csv: row 7, column n: must be a whole number"),
    "overflow of one": (ROWS.replace(",5\n", ",99999999999999\n"), "c.csv: row 7, column n: must be a whole number"),
    "overflow together": (
        ROWS.replace(",5\n", ",1000000000000\n"),
        "c.csv: row 7, column n: too many people together",
    ),
    "truncated": (ROWS[:-6], "c.csv: row 7, column 3: 3 fields are needed"),
    "truncated within quotes": (ROWS + '"C,UT', "c.csv: row 8: not CSV, or cut off"),
    "not text": ("\x00\x01\x02", "c.csv: row 1, column place: missing"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.toml").write_text(EXAMPLE)
    (tmp_path / "c.csv").write_text(ROWS)
    return tmp_path


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *more: str, counts: str = "c.csv") -> list[str]:
    """Protect, and return the lines of the refusal; nothing may be written."""
    before = {path: path.read_bytes() for path in folder.iterdir() if path.stat().st_size < 2**20}
    given = ["--programme", str(folder / "p.toml"), "--counts", str(folder / counts)]
    out = ["--out", str(folder / "r.json"), "--private-report", str(folder / "d.json")]
    assert main(["protect", *given, *out, *more]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert {path: path.read_bytes() for path in folder.iterdir() if path.stat().st_size < 2**20} == before
    return told.err.splitlines()


@pytest.mark.parametrize("name", PROGRAMMES)
def test_programme(name: str, folder: Path, capsys: pytest.CaptureFixture[str]):
    text, line = PROGRAMMES[name]
    (folder / "p.toml").write_text(text)
    assert any(told.startswith(line) for told in refused(folder, capsys))


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str, folder: Path, capsys: pytest.CaptureFixture[str]):
    text, line = COUNTS[name]
    (folder / "c.csv").write_text(text)
    assert refused(folder, capsys)[0].startswith(line)


def test_every_problem_has_a_line(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "c.csv").write_text(ROWS + "D,INNE,1\nA,OUT,1\nA,INNE,x\n")
    assert [line.split(":")[1] for line in refused(folder, capsys)] == [
        " row 8, column place",
        " row 9, column situation",
        " row 10, column n",
        " row 10, column n",
    ]


def test_margins_that_disagree(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "p.toml").write_text(TWO)
    given = ["counts", "--programme", str(folder / "p.toml"), "--counts", str(folder / "c.csv")]
    assert main([*given, "--out", str(folder / "t.json")]) == 0
    told = json.loads((folder / "t.json").read_text())
    told["tables"][1]["cells"][0]["n"] += 1
    (folder / "t.json").write_text(json.dumps(told))
    line = "t.json: tables situation and people: disagree on the margin over place"
    assert refused(folder, capsys, counts="t.json") == [line]


def test_truncated_json(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "t.json").write_text('{"format": "anonymise/counts/1", "tables": [')
    assert refused(folder, capsys, counts="t.json") == ["t.json: row 1, column 45: not JSON, or cut off"]


def history(folder: Path, change: Callable[[dict], None], *, name: str = "first") -> str:
    """A release of the same people in another programme, changed."""
    other = folder / "other"
    other.mkdir()
    (other / "p.toml").write_text(EXAMPLE.replace('id = "example"', f'id = "{name}"'))
    given = ["--programme", str(other / "p.toml"), "--counts", str(folder / "c.csv"), "--out", str(other / "r.json")]
    assert main(["protect", *given]) == 0
    told = json.loads((other / "r.json").read_text())
    change(told)
    for path in other.iterdir():
        path.unlink()
    other.rmdir()
    from anonymisation.release import _programme

    told["programme_sha256"] = _programme(told, "h").sha256
    (folder / "h.json").write_text(json.dumps(told))
    return str(folder / "h.json")


def rename(told: dict) -> None:
    """Call place C by another code."""
    told["dimensions"]["place"]["codes"] = told["contributors"] = ["A", "B", "D"]
    for cell in told["tables"][0]["cells"]:
        cell["key"] = ["D" if code == "C" else code for code in cell["key"]]


def shown(told: dict) -> dict:
    return next(cell for cell in told["tables"][0]["cells"] if cell["key"] == ["REGION", "ALL"])


@pytest.mark.parametrize("method", ["suppress", "round"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: told.update(population="others"), "another population"),
        (lambda told: told.update(period="2026-H1"), "its period overlaps with 2026"),
        (lambda told: rename(told), "place cannot be linked"),
        (lambda told: shown(told).update(value=999), "that these people cannot have"),
        (lambda told: told.update(contributors=["A", "B"]), "other contributors delivered to it"),
    ],
)
def test_history_of_other_people(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    method: str,
    change: Callable[[dict], None],
    reason: str,
):
    path = history(folder, change)
    (folder / "p.toml").write_text(EXAMPLE.replace("= 5", f'= 5\nmethod = "{method}"'))
    told = refused(folder, capsys, "--history", path)
    assert [reason in line for line in told] == [True]


def test_history_truncated(folder: Path, capsys: pytest.CaptureFixture[str]):
    path = history(folder, lambda told: None)
    whole = Path(path).read_text()
    Path(path).write_text(whole[: len(whole) // 2])
    assert refused(folder, capsys, "--history", path)[0].startswith("h.json: row 1, column ")


def test_a_gigabyte_of_csv(folder: Path, capsys: pytest.CaptureFixture[str]):
    with (folder / "c.csv").open("wb") as out:
        out.truncate(2**30)
    assert refused(folder, capsys) == ["c.csv: larger than 512 MiB"]


def test_more_rows_than_are_remembered(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("anonymisation.counts_reading.MOST_ROWS", 5)
    assert refused(folder, capsys) == ["c.csv: row 7: more than 5 rows"]


@pytest.mark.parametrize("name", ["c.csv", "p.toml"])
def test_file_that_is_not_there(name: str, folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / name).unlink()
    assert refused(folder, capsys) == [f"{name}: cannot be read (No such file or directory)"]


def test_device_without_an_end_is_too_large(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "p.toml").unlink()
    (folder / "p.toml").symlink_to("/dev/zero")
    given = ["--programme", str(folder / "p.toml"), "--counts", str(folder / "c.csv"), "--out", str(folder / "r.json")]
    assert main(["protect", *given]) == 2
    assert capsys.readouterr().err == "p.toml: larger than 4 MiB\n"


def test_file_that_cannot_be_written_is_named_as_it_was_given(folder: Path, capsys: pytest.CaptureFixture[str]):
    given = ["--programme", str(folder / "p.toml"), "--counts", str(folder / "c.csv")]
    assert main(["protect", *given, "--out", str(folder / "nowhere" / "r.json")]) == 2
    assert capsys.readouterr().err == "r.json: cannot be written (No such file or directory)\n"


def test_programme_with_a_mark_of_its_encoding_is_read(folder: Path):
    (folder / "p.toml").write_bytes(b"\xef\xbb\xbf" + EXAMPLE.encode())
    assert Programme.load(folder / "p.toml") == Programme.parse(EXAMPLE)


def test_empty_key(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "k").touch()
    assert refused(folder, capsys, "--key-file", str(folder / "k")) == ["k: the key is empty"]


def test_module_refuses_without_a_trace(folder: Path):
    (folder / "c.csv").write_text(ROWS + "D,INNE,1\n")
    command = [sys.executable, "-m", "anonymisation", "protect", "--programme", "p.toml", "--counts", "c.csv"]
    done = subprocess.run([*command, "--out", "r.json"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "c.csv: row 8, column place: unknown or repeated code\n"


@pytest.mark.parametrize("command", ["protect", "audit", "compare", "counts"])
def test_help_says_what_it_does(command: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert "exit" in told.lower()
    assert "--programme" in told


@pytest.mark.parametrize("arguments", [[], ["guess"], ["protect"], ["protect", "--seed", "1"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: anonymise")
