"""`anonymise audit` as a person types it: exit codes, one line, the report."""

import json

import numpy as np
import pytest

from anonymisation import Counts, Programme
from anonymisation.cli import main
from tests.oracle.adapter import publish
from tests.oracle.small import TABLES, programme_text

TEXT = programme_text(places=3, kinds=1, tables=TABLES["places"], policy="threshold = 5")


@pytest.fixture
def files(tmp_path):
    """Programme, truth and two releases: one that gives B away to A, one with everything hidden."""
    counts = Counts.from_tables(Programme.parse(TEXT), {"places": np.array([5, 2, 9])})
    (tmp_path / "p.toml").write_text(TEXT)
    (tmp_path / "t.json").write_bytes(counts.to_bytes())
    (tmp_path / "leaky.json").write_bytes(publish(counts, {("places", (c,)) for c in "AB"}).to_bytes())
    hidden = {("places", (c,)) for c in ("A", "B", "C", "ALL")}
    (tmp_path / "tight.json").write_bytes(publish(counts, hidden).to_bytes())
    return tmp_path


def run(folder, release, *more):
    return main(["audit", "--programme", str(folder / "p.toml"), "--release", str(folder / release), *more])


def test_audit_safe(files, capsys):
    assert run(files, "tight.json", "--truth", str(files / "t.json")) == 0
    assert capsys.readouterr().out.splitlines()[0] == "safe"


def test_audit_disclosed_to_an_insider(files, capsys):
    assert run(files, "leaky.json") == 0
    assert run(files, "leaky.json", "--truth", str(files / "t.json"), "--report", str(files / "a.json")) == 1
    assert capsys.readouterr().out.splitlines()[-2] == "NOT safe"
    report = json.loads((files / "a.json").read_text())
    assert set(report) == {"format", "safe", "complete", "attackers"}
    assert (report["format"], report["safe"], report["complete"]) == ("anonymise/audit/1", False, True)
    assert [a["who"] for a in report["attackers"]] == ["public", "A", "B", "C"]
    assert report["attackers"][1]["disclosed"] == [{"table": "places", "key": ["B"], "lower": 2, "upper": 2}]
    assert (files / "a.json").stat().st_mode & 0o077 == 0


def test_audit_other_programme(files, capsys):
    (files / "p.toml").write_text(TEXT.replace("threshold = 5", "threshold = 6"))
    assert run(files, "tight.json", "--report", str(files / "a.json")) == 2
    assert capsys.readouterr().err == "tight.json: is not of this programme\n"
    assert not (files / "a.json").exists()


def test_audit_history_of_another_population(files, capsys):
    other = Programme.parse(TEXT.replace('"people"', '"others"').replace('id = "p"', 'id = "q"'))
    counts = Counts.from_tables(other, {"places": np.array([5, 2, 9])})
    (files / "h.json").write_bytes(publish(counts, set()).to_bytes())
    assert run(files, "tight.json", "--history", str(files / "h.json")) == 2
    assert capsys.readouterr().err == "history: q revision 0: is of another population\n"
