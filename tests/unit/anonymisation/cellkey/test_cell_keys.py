"""Cell keys from persons to release: the same people, the same noise."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from anonymisation import Counts, Programme, Release, protect
from anonymisation.cellkey import maximum_entropy, perturb_counts, record_key
from anonymisation.cli import main
from anonymisation.errors import CountsError, HistoryError, NoSafeRelease
from tests.unit.anonymisation.regions import TEXT, persons, programme, truth

OPTIONS = "[policy.cellkey]\ndeviation = 4\nsmallest = 3\n"
KEY = b"the region's secret"
SHA256 = "c85a510c504d07fe476c5c89ddfb15a3c65d20233351a49371a0ec9ccdce95e2"
PEOPLE = [
    (place, home, needs)
    for place, home, needs, times in (
        ("A", "OWN", "X", 9), ("A", "RENT", "", 6), ("B", "RENT", "XY", 7), ("B", "NONE", "Y", 2),
        ("C", "OWN", "", 8), ("C", "NONE", "X", 1), ("C", "RENT", "Y", 5),
    )
    for _ in range(times)
]  # fmt: skip


def csv(people, *, start: int = 0) -> str:
    """Persons with pseudonyms p0, p1, …"""
    lines = [f"p{at},{place},{home},{'|'.join(sorted(needs))}" for at, (place, home, needs) in enumerate(people, start)]
    return "person,place,home,need\n" + "".join(line + "\n" for line in lines)


def load(folder: Path, text: str, told: Programme, key: bytes = KEY) -> Counts:
    path = folder / "persons.csv"
    path.write_text(text)
    return Counts.load(path, told, key=key)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cellkey")


@settings(max_examples=15, deadline=None)
@given(people=persons())
def test_each_cell_has_the_noise_of_the_people_in_it(people, folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    counts = load(folder, csv(people), told)
    release, _ = perturb_counts(counts, history=())
    table = maximum_entropy(4, 4.0, 3)
    for cell in [(table.id, key) for table, key in told.cells()]:
        inside = [record_key(KEY, f"p{at}") for at, person in enumerate(people) if counted(told, person, *cell)]
        cell_key = np.array([sum(inside) % 2**64], dtype=np.uint64)
        assert release.values[cell] == table.perturb(np.array([len(inside)]), cell_key)[0]
        assert truth(counts)[cell] == len(inside)


def counted(told: Programme, person: tuple[str, str, frozenset[str]], table: str, key: tuple[str, ...]) -> bool:
    """Whether a cell counts a person."""
    facts = dict(zip(("place", "home", "need"), person, strict=True))
    for name, code in zip(told.table(table).dimensions, key, strict=True):
        held = facts[name] if name == "need" else {facts[name]}
        if code != told.dimension(name).total and not held & leaves(told, name, code):
            return False
    return True


def leaves(told: Programme, name: str, code: str) -> set[str]:
    dimension = told.dimension(name)
    return {dimension.codes[at] for at in dimension.members[code]}


def test_same_people_in_another_period_and_programme_have_the_same_noise(folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    text = json.dumps(told.to_json()).replace('"2026"', '"2027"').replace('"id": "p"', '"id": "q"')
    other = Programme.from_json(json.loads(text))
    first, _ = perturb_counts(load(folder, csv(PEOPLE), told), history=())
    second, _ = perturb_counts(load(folder, csv(PEOPLE), other), history=[first])
    assert (first.programme.period, second.programme.period) == ("2026", "2027")
    assert second.values == first.values
    another, _ = perturb_counts(load(folder, csv(PEOPLE), told, b"another"), history=())
    assert another.values != first.values


def test_one_person_more_changes_only_the_cells_of_that_person(folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    first, _ = perturb_counts(load(folder, csv(PEOPLE), told), history=())
    second, _ = perturb_counts(load(folder, csv([*PEOPLE, ("A", "NONE", "X")]), told), history=())
    changed = {cell for cell, value in second.values.items() if first.values[cell] != value}
    assert all(key[0] in {"A", "WEST", "REGION", "NO_ROOF", "ALL"} for _, key in changed)


def test_tables_alone_have_no_record_keys(folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    keyed = load(folder, csv(PEOPLE), told)
    bare = Counts.from_tables(told, keyed.tables)
    with pytest.raises(CountsError, match="method cellkey needs record keys, and tables alone have none"):
        protect(told, bare)


def test_keys_travel_in_json_and_add_up_over_contributors(folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    counts = load(folder, csv(PEOPLE), told)
    assert Counts.parse(counts.to_bytes(), told) == counts
    merged = Counts.merge([Counts.parse(counts.of(code).to_bytes(), told, contributors=[code]) for code in "ABC"])
    assert merged == counts
    with pytest.raises(CountsError, match="some parts hold record keys and some do not"):
        Counts.merge([counts.of("A"), Counts.from_tables(told, counts.of("B").tables, contributors=["B"])])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda cell: cell.pop("k"), "row 1: a cell has key and n, and k like all others"),
        (lambda cell: cell.update(k="xyz"), "row 1, column k: must be 16 hexadecimal digits"),
        (lambda cell: cell.update(k="0" * 15 + "1"), "tables home and need: disagree on record keys of the margin"),
    ],
)
def test_keys_in_json_that_do_not_fit(change, reason: str, folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    value = load(folder, csv(PEOPLE), told).to_json()
    change(value["tables"][0]["cells"][0])
    with pytest.raises(CountsError, match=reason):
        Counts.parse(json.dumps(value), told)


def test_record_keys_in_tables_of_another_method_are_refused(folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    other = programme()
    value = load(folder, csv(PEOPLE), told).to_json() | {"programme_sha256": other.sha256}
    with pytest.raises(CountsError, match="row 1: a cell has key and n"):
        Counts.parse(json.dumps(value), other)


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (csv(PEOPLE) + "p0,A,OWN,\n", KEY, "row 40, column person: the person has been given before"),
        (csv(PEOPLE) + ",A,OWN,\n", KEY, "row 40, column person: empty"),
        (csv(PEOPLE), b"", "row 1, column person: record keys need a secret"),
        ("person,place,home,need,n\np,A,OWN,,3\n", KEY, "row 1, column person: a row is a person or a count n"),
    ],
)
def test_persons_that_are_refused(text: str, key: bytes, reason: str, folder: Path):
    with pytest.raises(CountsError, match=reason) as refused:
        load(folder, text, programme(method="cellkey", options=OPTIONS), key)
    assert "p0" not in str(refused.value)


def test_column_person_is_unknown_to_other_methods(folder: Path):
    with pytest.raises(CountsError, match="row 1, column 1: not a dimension"):
        load(folder, csv(PEOPLE), programme())


def test_earlier_release_with_another_secret_is_refused(folder: Path):
    told, other = (programme(name=name, method="cellkey", options=OPTIONS) for name in "pq")
    first, _ = perturb_counts(load(folder, csv(PEOPLE), told, b"another"), history=())
    with pytest.raises(HistoryError, match="another secret"):
        perturb_counts(load(folder, csv(PEOPLE), other), history=[first])


def test_protect_asks_the_attacker(folder: Path):
    told = programme(method="cellkey", options=OPTIONS)
    done = protect(told, load(folder, csv(PEOPLE * 3), told))
    assert done.report["attackers"] == 1
    assert done.release.stated == {"max_deviation": 4, "variance": 4.0, "smallest": 3, "zeros": "kept"}
    close = programme(method="cellkey", options=OPTIONS.replace("4", "3"), insiders=True)
    with pytest.raises(NoSafeRelease, match="tables home, need: the attacker breaks what method cellkey made"):
        protect(close, load(folder, csv([*PEOPLE, *[("A", "OWN", "")] * 2]), close))


def test_command_line_and_committed_bytes(tmp_path: Path):
    flags = {"insiders": "false", "complete": "false"}
    toml = TEXT.format(name="p", threshold=3, method="cellkey", options=OPTIONS, **flags)
    (tmp_path / "p.toml").write_text(toml)
    (tmp_path / "c.csv").write_text(csv(PEOPLE * 3))
    (tmp_path / "k").write_bytes(KEY)
    given = ["--programme", str(tmp_path / "p.toml"), "--key-file", str(tmp_path / "k")]
    assert main(["counts", *given, "--counts", str(tmp_path / "c.csv"), "--out", str(tmp_path / "t.json")]) == 0
    for source, out in (("c.csv", "one.json"), ("t.json", "two.json")):
        assert main(["protect", *given, "--counts", str(tmp_path / source), "--out", str(tmp_path / out)]) == 0
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert hashlib.sha256((tmp_path / "one.json").read_bytes()).hexdigest() == SHA256
    assert Release.load(tmp_path / "one.json").stated["max_deviation"] == 4
    for truth_ in ("c.csv", "t.json"):
        audited = ["--release", str(tmp_path / "one.json"), "--truth", str(tmp_path / truth_)]
        assert main(["audit", *given[:2], *audited]) == 0
