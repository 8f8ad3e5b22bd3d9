import importlib

import pytest

from buvett.console import owner_works
from buvett.console.requests import WORKS, Request, WorkRefused
from buvett.console.works import _place
from buvett.services.roles import Process


@pytest.mark.parametrize("name", sorted(WORKS))
def test_work_of_the_table_exists(name):
    process, module = WORKS[name]

    assert isinstance(process, Process)
    assert callable(importlib.import_module(f"buvett.console.{module}").WORKS[name])


def test_no_work_is_left_out_of_the_table():
    modules = {module for _, module in WORKS.values()}
    written = {name for module in modules for name in importlib.import_module(f"buvett.console.{module}").WORKS}

    assert written == set(WORKS)


def test_failure_is_told_by_kind_and_place_without_its_text():
    def fail():
        raise ValueError("Kari Demoli")

    with pytest.raises(ValueError, match="Kari") as caught:
        fail()

    assert _place(caught.value).startswith("ValueError at tests.unit.buvett.console.test_works:")


@pytest.mark.parametrize("work", [owner_works.keys, owner_works.municipality])
def test_keys_of_a_real_installation_are_made_in_production_only(work, tmp_path):
    asked = {"keys": str(tmp_path), "code": "4034", "name": "Tokke", "since": "2026-01-01"}

    with pytest.raises(WorkRefused, match="a demo makes its own"):
        work(Request(options=asked, content=b""))
    assert not list(tmp_path.iterdir())
