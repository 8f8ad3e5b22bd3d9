"""The cases of the disclosure benchmark: always the same people, programmes of the size that is told."""

import hashlib

import pytest

from tests.benchmarks import microdata
from tests.benchmarks.disclosure import CASES, PROGRAMMES, render

DATA = {
    "small": "a717fbc6275ea7ec81e25ec76f0dfed61948ee3a5a347c8527f34906020778d3",
    "large": "06a8685f5c5f3647fbbc7ce9b492626c9e2302c246cd16dae4f4592498bd66ae",
}


@pytest.mark.parametrize("name", DATA)
def test_same_people_every_time(name: str):
    people = getattr(microdata, name)()
    told = "\n".join(",".join(row) for row in people.rows)
    assert hashlib.sha256(told.encode()).hexdigest() == DATA[name]


def test_counts_add_up_and_rows_are_sorted(tmp_path):
    people = microdata.small()
    people.write(tmp_path / "counts.csv", ["need", "municipality"])
    lines = (tmp_path / "counts.csv").read_text().splitlines()
    assert lines[0] == "need,municipality,n"
    assert lines[1:] == sorted(lines[1:])
    assert sum(int(line.rsplit(",", 1)[1]) for line in lines[1:]) == 600


def test_each_programme_has_a_case():
    used = {case.programme for case in CASES.values()}
    assert set(PROGRAMMES.glob("*.toml")) <= used


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.people is not microdata.large])
def test_case_loads(name: str):
    programme, counts = CASES[name].load()
    assert counts.programme == programme
    assert all(counts.tables[table.id].sum() > 0 for table in programme.tables)


def test_render_tells_what_was_not_measured_by_nothing():
    told = render({"small": {"audit": {"cpu": 1.5, "safe": False, "complete": False, "measured": "today"}}})
    rows = {line.split(" | ")[0]: line for line in told.splitlines() if line.startswith("| ")}
    assert rows["| small"] == f"| small |  |  |  |  |  |  |  | 1.5 | not finished | {CASES['small'].goal} |"
    assert rows["| large"] == f"| large |  |  |  |  |  |  |  |  |  | {CASES['large'].goal} |"
    assert "- small, audit: today" in told
