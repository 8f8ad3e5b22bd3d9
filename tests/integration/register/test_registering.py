import json
from datetime import date
from pathlib import Path

import pytest

from tenants.isolation.enums import Purpose, Role
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.legal.errors import NoHeimel
from tenants.register import counting
from tenants.register.facts import assessments
from tenants.register.models import Case, EarlierEnvelope, ImportRun, Person, StagedRows
from tenants.register.registering import import_file

ON = date(2026, 11, 1)
REGISTERS = Path(__file__).parents[2] / "data" / "registers"
EXPECTED = json.loads((REGISTERS / "expected.json").read_text(encoding="utf-8"))["files"]


@pytest.fixture
def house(municipality):
    """A municipality with its legal bases."""
    with scope(municipality.id, by="set-up", purpose=Purpose.SAK):
        heimel.adopt_standard()
    return municipality


def bring(house, content, **options):
    return import_file(
        content, municipality=house.id, code=house.code, by="worker", on=ON, synthetic_mode=True, **options
    )


def counts(house, role=Role.APP):
    with connected_as(role), scope(house.id, by="counter", purpose=Purpose.OVERSIKT):
        return counting.count(assessments(), counted_on=ON).as_json()


def rows_of(house, model):
    with scope(house.id, by="looker", purpose=Purpose.SAK):
        return model.objects.count()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_imported_file_gives_exactly_the_expected_report_and_counts(house, name):
    expected = EXPECTED[name]

    imported = bring(house, (REGISTERS / name).read_bytes())

    report = imported.report
    assert {key: report[key] for key in ("data_rows", "first_data_row", "imported", "refused")} == {
        key: expected[key] for key in ("data_rows", "first_data_row", "imported", "refused")
    }
    told = [{k: issue[k] for k in ("row", "column", "code", "severity")} for issue in report["issues"]]
    assert sorted(told, key=str) == sorted(expected["issues"], key=str)
    assert (report["created"], report["updated"], report["unchanged"]) == (expected["imported"], 0, 0)
    counted = counts(house)
    assert counted == {key: expected[key] for key in counted}


def test_same_file_again_changes_nothing(house):
    content = (REGISTERS / "4022-seljord.xlsx").read_bytes()
    first = bring(house, content).report

    again = bring(house, content).report

    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, first["imported"])
    assert rows_of(house, EarlierEnvelope) == 0


def test_changed_row_is_an_update_with_history(house):
    content = (REGISTERS / "4032-fyresdal.csv").read_bytes()
    bring(house, content)
    before = counts(house)

    changed = bring(house, content.replace("Dagleg oppfølging".encode("latin-1"), b"Ingen", 1)).report

    assert (changed["created"], changed["updated"]) == (0, 1)
    assert changed["unchanged"] == changed["imported"] - 1
    assert rows_of(house, EarlierEnvelope) == 1
    after = counts(house)
    assert after["by_support"]["4"] == before["by_support"]["4"] - 1
    assert after["by_support"]["0"] == before["by_support"].get("0", 0) + 1


def test_dry_run_tells_the_same_and_writes_nothing(house):
    content = (REGISTERS / "4036-vinje.ods").read_bytes()

    dry = bring(house, content, dry_run=True).report

    assert rows_of(house, Person) == 0
    assert dry == bring(house, content).report


def test_staged_rows_are_gone_after_the_import(house):
    bring(house, (REGISTERS / "4034-tokke.tsv").read_bytes())

    assert rows_of(house, StagedRows) == 0
    assert rows_of(house, ImportRun) == 1


def test_import_that_dies_while_storing_leaves_nothing_half_written_and_the_next_one_works(house):
    content = (REGISTERS / "4034-tokke.tsv").read_bytes()

    def die(stored):
        raise MemoryError

    with pytest.raises(MemoryError):
        bring(house, content, after_storing=die)

    assert (rows_of(house, Person), rows_of(house, Case)) == (0, 0)
    assert rows_of(house, StagedRows) > 0
    report = bring(house, content).report
    assert report["created"] == report["imported"]
    assert rows_of(house, StagedRows) == 0


def test_refused_file_writes_nothing(house):
    imported = bring(house, b"")

    assert imported.refused
    assert imported.report["refused_file"] == "empty_file"
    assert rows_of(house, ImportRun) == 0


def test_import_without_a_live_basis_is_refused(municipality):
    with pytest.raises(NoHeimel):
        bring(municipality, (REGISTERS / "4034-tokke.tsv").read_bytes())


def test_same_people_in_two_municipalities_are_two_registers(house, neighbour):
    with scope(neighbour.id, by="set-up", purpose=Purpose.SAK):
        heimel.adopt_standard()
    content = (REGISTERS / "4028-kviteseid.csv").read_bytes()
    bring(house, content)

    report = bring(neighbour, content).report

    assert report["created"] == report["imported"]


def test_contributor_counts_the_same_with_its_own_role(house):
    bring(house, (REGISTERS / "4028-kviteseid.csv").read_bytes())

    assert counts(house, role=Role.CONTRIBUTOR) == counts(house)
