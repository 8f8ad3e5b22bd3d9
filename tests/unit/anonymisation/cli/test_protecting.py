"""`anonymise protect` and `anonymise counts`: exit codes, one line per problem, nothing written on failure."""

import json
from pathlib import Path

import pytest

from anonymisation import Counts, Programme, Release
from anonymisation.cli import main
from anonymisation.programme import EXAMPLE

ROWS = "place,situation,n\nA,INNE,9\nA,UTE,6\nB,INNE,8\nB,UTE,1\nC,INNE,7\nC,UTE,5\n"


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    (tmp_path / "p.toml").write_text(EXAMPLE)
    (tmp_path / "c.csv").write_text(ROWS)
    return ["--programme", str(tmp_path / "p.toml"), "--counts", str(tmp_path / "c.csv")]


def test_protect_writes_release_and_private_report(given: list[str], tmp_path: Path):
    out, report = tmp_path / "r.json", tmp_path / "d.json"
    assert main(["protect", *given, "--out", str(out), "--private-report", str(report)]) == 0
    release = Release.load(out)
    assert out.read_bytes() == release.to_bytes()
    assert ("situation", ("B", "UTE")) not in release.values
    told = json.loads(report.read_text())
    assert (told["cells"], told["hidden"]) == (12, 12 - len(release.values))
    assert report.stat().st_mode & 0o777 == 0o600
    for line in told["why"]:
        low, high = line["worlds"]
        assert low["n"] <= high["n"]


def test_protect_same_key_same_bytes(given: list[str], tmp_path: Path):
    (tmp_path / "k").write_bytes(b"secret")
    out = [tmp_path / "r1.json", tmp_path / "r2.json"]
    for path in out:
        assert main(["protect", *given, "--out", str(path), "--key-file", str(tmp_path / "k")]) == 0
    assert out[0].read_bytes() == out[1].read_bytes()


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("p.toml", EXAMPLE + "levle = {}\n", "p.toml: table situation"),
        ("p.toml", "", "p.toml: [programme]"),
        ("c.csv", ROWS + "D,UTE,1\n", "c.csv: row 8, column place"),
    ],
)
def test_protect_bad_input(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, line: str
):
    (tmp_path / file).write_text(text)
    before = sorted(p.name for p in tmp_path.iterdir())
    assert main(["protect", *given, "--out", str(tmp_path / "r.json")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(line.split(":")[0])
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_protect_out_cannot_be_written(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    report = tmp_path / "d.json"
    code = main(["protect", *given, "--out", str(tmp_path / "no" / "r.json"), "--private-report", str(report)])
    assert (code, report.exists()) == (2, False)
    assert capsys.readouterr().err.count("\n") == 1


def test_nothing_is_written_where_one_of_two_files_cannot_be(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "d.json").mkdir()
    arguments = ["--out", str(tmp_path / "r.json"), "--private-report", str(tmp_path / "d.json")]
    assert main(["protect", *given, *arguments]) == 2
    assert capsys.readouterr().err.startswith("d.json: cannot be written")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", "d.json", "p.toml"]


def test_private_report_never_takes_the_releases_place(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "link").symlink_to("r.json")
    for same in ("r.json", "link"):
        arguments = ["--out", str(tmp_path / "r.json"), "--private-report", str(tmp_path / same)]
        assert main(["protect", *given, *arguments]) == 2
        assert capsys.readouterr().err == "--private-report: is the same file as --out, which is published\n"
        assert not (tmp_path / "r.json").exists()


def test_protect_history_of_other_people(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "r.json"
    assert main(["protect", *given, "--out", str(out)]) == 0
    told = json.loads(out.read_text())
    other = Release.parse(json.dumps(told))
    text = EXAMPLE.replace('population = "example"', 'population = "others"')
    changed = Release(Programme.parse(text), other.contributors, other.cells)
    (tmp_path / "h.json").write_bytes(changed.to_bytes())
    again = tmp_path / "again.json"
    assert main(["protect", *given, "--out", str(again), "--history", str(tmp_path / "h.json")]) == 2
    assert "another population" in capsys.readouterr().err
    assert not again.exists()


def test_protect_no_safe_release(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "p.toml").write_text(EXAMPLE.replace('["INNE", "UTE"]', '["INNE"]') + "sensitive = true\n")
    (tmp_path / "c.csv").write_text("place,situation\nA,INNE\n")
    assert main(["protect", *given, "--out", str(tmp_path / "r.json")]) == 3
    assert "situation" in capsys.readouterr().err
    assert not (tmp_path / "r.json").exists()


def test_counts_writes_the_tables_alone(given: list[str], tmp_path: Path):
    out = tmp_path / "t.json"
    assert main(["counts", *given, "--out", str(out)]) == 0
    programme = Programme.load(tmp_path / "p.toml")
    assert Counts.load(out, programme) == Counts.load(tmp_path / "c.csv", programme)
