from datetime import date
from pathlib import Path

import pytest

from buvett.console.parser import parser


def test_import_takes_what_formats_names():
    line = "import F --municipality 4032 --mapping M.toml --report OUT.json --dry-run --counted-on 2026-11-01 --as a@b"

    found = parser().parse_args(line.split())

    assert vars(found) == {
        "command": "import",
        "file": Path("F"),
        "municipality": "4032",
        "mapping": Path("M.toml"),
        "report": Path("OUT.json"),
        "dry_run": True,
        "counted_on": date(2026, 11, 1),
        "user": "a@b",
    }


def test_municipality_takes_number_name_and_first_day():
    found = parser().parse_args(["municipality", "4034", "--name", "Tokke", "--since", "2026-01-01"])

    assert (found.code, found.name, found.since) == ("4034", "Tokke", date(2026, 1, 1))


def test_region_takes_its_members_one_by_one():
    line = "region vest --name Vest --municipality 4034 --municipality 4036 --since 2026-01-01"

    found = parser().parse_args(line.split())

    assert (found.slug, found.name, found.municipality, found.since) == (
        "vest",
        "Vest",
        ["4034", "4036"],
        date(2026, 1, 1),
    )


def test_agreement_is_signed_by_all_unless_some_are_named():
    found = parser().parse_args(["agreement", "P.toml", "--region", "vest", "--since", "2026-01-01"])

    assert (found.file, found.region, found.until, found.municipality) == (Path("P.toml"), "vest", None, [])


def test_leave_takes_the_last_day():
    found = parser().parse_args(["leave", "--region", "vest", "--municipality", "4034", "--last-day", "2026-12-31"])

    assert (found.region, found.municipality, found.last_day) == ("vest", "4034", date(2026, 12, 31))


def test_counts_takes_what_formats_names():
    found = parser().parse_args(["counts", "--municipality", "4032", "--counted-on", "2026-11-01", "--out", "F.json"])

    assert (found.municipality, found.counted_on, found.out) == ("4032", date(2026, 11, 1), Path("F.json"))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nothing",
        "import F",
        "counts --municipality 4032",
        "import F --municipality 1 --counted-on yesterday",
        "municipality 4034",
        "keys 4034",
    ],
)
def test_line_that_cannot_be_understood_is_exit_code_2(line, capsys):
    with pytest.raises(SystemExit) as refused:
        parser().parse_args(line.split())

    assert refused.value.code == 2
    assert "usage: buvett" in capsys.readouterr().err
