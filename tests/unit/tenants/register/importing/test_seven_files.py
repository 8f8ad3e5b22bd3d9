"""The seven registers of the brief give exactly the answers that lie beside them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tenants.register.counting import count
from tenants.register.importing import import_report, parse_register, read_file

_FOLDER = Path(__file__).parents[4] / "data" / "registers"
_EXPECTED = json.loads((_FOLDER / "expected.json").read_text(encoding="utf-8"))
_COUNTED_ON = date.fromisoformat(_EXPECTED["counted_on"])
_COUNTS = ("countable", "by_support", "by_situation", "by_dwelling", "by_age_band", "by_group", "by_area")


@pytest.mark.parametrize("name", sorted(_EXPECTED["files"]))
def test_register_gives_expected_report_and_counts(name):
    expected = _EXPECTED["files"][name]
    parsed = parse_register(read_file(_FOLDER / name), counted_on=_COUNTED_ON, synthetic_mode=True)
    report = import_report(parsed, municipality=expected["municipality"], created=len(parsed.rows))

    for key in ("municipality", "data_rows", "first_data_row", "imported", "refused"):
        assert report[key] == expected[key]
    keys = ("row", "column", "code", "severity")
    assert Counter(tuple(i[k] for k in keys) for i in report["issues"]) == Counter(
        tuple(i[k] for k in keys) for i in expected["issues"]
    )
    counts = count([row.assessment for row in parsed.rows], counted_on=_COUNTED_ON).as_json()
    assert counts == {key: expected[key] for key in _COUNTS}


@pytest.mark.parametrize("name", sorted(_EXPECTED["files"]))
def test_register_report_never_shows_a_number_or_a_name(name):
    parsed = parse_register(read_file(_FOLDER / name), counted_on=_COUNTED_ON, synthetic_mode=True)
    shown = json.dumps(import_report(parsed, municipality="4032"), ensure_ascii=False)
    for row in parsed.rows:
        for fact in ("identity_number", "given_name", "family_name", "phone", "address"):
            assert f'"{row.identity[fact]}"' not in shown
            assert f"{row.identity['identity_number']}" not in shown


def test_demo_registers_are_the_same_bytes():
    demo = Path(__file__).parents[5] / "platform" / "buvett" / "demo" / "registers"
    assert sorted(p.name for p in demo.iterdir()) == sorted(_EXPECTED["files"])
    for name in _EXPECTED["files"]:
        assert (demo / name).read_bytes() == (_FOLDER / name).read_bytes()
