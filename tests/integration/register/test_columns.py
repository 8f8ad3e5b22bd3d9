"""A file held while its columns are named, and the names that are remembered, under row security."""

import json
import os

import pytest

from tenants.audit.models import Entry
from tenants.isolation.enums import Role
from tenants.isolation.errors import NoScope
from tenants.isolation.roles import connected_as
from tenants.register import column_names, holding, staging, uploading
from tenants.register.errors import ImportSuperseded
from tenants.register.importing import ColumnMapping
from tenants.register.models import ColumnNames, HeldFile, ImportRun
from tests.integration.register.house import ON, adopt, room, rows_of
from tests.integration.register.test_uploading import NUMBERS, apply, file, parsed, row

CHOSEN = ColumnMapping(headers={"Klient-ID": "Fødselsnummer"}, unread=frozenset({"Adresse"}))


@pytest.fixture
def house(municipality):
    return adopt(municipality)


def keep(house, content, by="worker"):
    with room(house, by=by):
        return staging.keep_unread(content, on=ON)


def held(house, run, by="worker"):
    with room(house, by=by):
        return holding.held(run)


def remember(house, chosen, by="worker"):
    with room(house, by=by):
        column_names.remember(chosen)


def remembered(house):
    with room(house):
        return column_names.remembered()


def told(house):
    """The entries of the house's log, as text."""
    with connected_as(Role.AUDIT_READER), room(house):
        return list(Entry.objects.order_by("recorded_at").values_list("entry", flat=True))


@pytest.mark.parametrize("size", [1, holding.PART - 1, holding.PART, holding.PART + 1, 3 * holding.PART])
def test_file_comes_back_byte_by_byte(house, size):
    content = os.urandom(size)

    assert held(house, keep(house, content)) == content


def test_file_is_its_own_person_s_and_goes_with_the_next(house):
    run = keep(house, b"en fil")

    with pytest.raises(ImportSuperseded):
        held(house, run, by="colleague")
    keep(house, b"ei anna", by="colleague")
    assert held(house, run) == b"en fil"
    keep(house, b"den neste")
    with pytest.raises(ImportSuperseded):
        held(house, run)
    assert rows_of(house, HeldFile) == 2


def test_unread_file_is_neither_looked_at_nor_applied(house):
    run = keep(house, file(row("Ada", NUMBERS[0])))

    with room(house), pytest.raises(ImportSuperseded):
        uploading.look(run)
    with room(house), pytest.raises(ImportSuperseded):
        uploading.apply(run, fingerprint="", code="0", after_storing=lambda stored: None)
    with room(house):
        assert (staging.unfinished(), holding.is_unread(run)) == ((run,), True)


def test_read_file_is_held_until_it_is_applied(house):
    content = file(row("Ada", NUMBERS[0]))
    with room(house):
        run = staging.stage(parsed(content), on=ON, content=content)
    assert held(house, run) == content

    apply(house, run)

    assert rows_of(house, HeldFile) == 0
    with pytest.raises(ImportSuperseded):
        held(house, run)


def test_file_is_opened_only_after_the_log_says_so(house):
    run = keep(house, b"en fil")
    before = told(house)

    held(house, run)

    assert len(told(house)) == len(before) + 1


def test_names_are_the_municipality_s_own(house, neighbour):
    adopt(neighbour)
    remember(house, CHOSEN)

    assert (remembered(house), remembered(neighbour)) == (CHOSEN, ColumnMapping())
    assert (rows_of(house, ColumnNames), rows_of(neighbour, ColumnNames)) == (1, 0)
    with room(neighbour):
        assert not column_names.are_remembered()


def test_names_of_two_people_add_up_and_one_is_forgotten(house):
    remember(house, CHOSEN)
    remember(house, ColumnMapping(headers={"Born": "Barn u/18"}), by="colleague")

    with room(house):
        column_names.forget("klient id")

    assert remembered(house) == ColumnMapping(headers={"Born": "Barn u/18"}, unread=CHOSEN.unread)
    assert rows_of(house, ColumnNames) == 1


def test_log_and_row_never_hold_a_heading(house):
    remember(house, ColumnMapping(headers={"Liv Ætteby 17865528469": "Merknad"}))

    with room(house):
        (kept,) = ColumnNames.objects.all()
    log = "\n".join(told(house))
    assert "17865528469" not in log
    assert b"17865528469" not in bytes(kept.envelope)
    assert "column_names_changed" in log


def test_nothing_changed_is_not_told(house):
    remember(house, CHOSEN)
    before = told(house)

    remember(house, CHOSEN)

    assert [json.loads(entry)["action"] for entry in told(house)[len(before) :]] == ["column_names_read"]


def test_without_a_scope_there_is_neither_file_nor_name(house):
    run = keep(house, b"en fil")

    for ask in (lambda: holding.held(run), column_names.remembered, lambda: column_names.remember(CHOSEN)):
        with pytest.raises(NoScope):
            ask()


def test_file_that_is_not_kept_leaves_no_run(house, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("no space")

    monkeypatch.setattr(HeldFile.objects, "bulk_create", full)
    with pytest.raises(OSError, match="no space"):
        keep(house, b"en fil")

    assert rows_of(house, ImportRun) == 0
