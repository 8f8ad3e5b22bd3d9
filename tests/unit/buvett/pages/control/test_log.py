"""The data protection officer's log: who looked at what and when; no content, no name; reading it is told first."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connections
from django.utils import timezone, translation

from buvett.access import control
from buvett.access.control import Filter, Kind, PeriodTooLong
from buvett.access.memberships import hats_of
from buvett.access.roles import Role
from buvett.console.key_works import BY as OPERATOR
from buvett.pages.control.words import PURPOSES, WORDS, purpose_of, who_of, words_of
from buvett.releases.tasks import BY as TASKS
from tenants.audit.enums import Action
from tenants.audit.models import Entry
from tenants.isolation.enums import Purpose
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.roles import connected_as
from tests import people
from tests.attacks.test_p3_gates import taken_away
from tests.unit.buvett.access.test_members import told

TODAY = timezone.localdate()
LATELY = Filter(since=TODAY - timedelta(days=1), until=TODAY)


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def officer(house):
    return people.worker(house, Role.DATA_PROTECTION_OFFICER, signed=False)


def looks(officer, wanted=LATELY, page=1):
    hat = hats_of(officer.pk, on=TODAY)[0]
    return control.looks(hat, code=hat.code, wanted=wanted, page=page)


def works(house, *names, name="Kari Kollega"):
    """(a case worker who has looked at each of their cases, the cases)."""
    worker = people.worker(house)
    worker.name = name
    worker.save(update_fields=["name"])
    cases = people.register(house, names=names, to=worker)
    client = people.browser(worker)
    for case in cases:
        assert client.get(f"/municipality/{house.code}/cases/{case}/").status_code == 200
    return worker, cases


def test_look_is_shown_with_who_and_case_and_no_name_of_the_registered(house, officer):
    _, (case,) = works(house, "Ada")

    answer = people.browser(officer).get(f"/municipality/{house.code}/log/")

    text = answer.content.decode()
    assert answer.status_code == 200
    for shown in ("Kari Kollega", "opna ei sak", str(case)[:8], "saksarbeid"):
        assert shown in text
    for hidden in ("Ada", "Oppdikta", "00000000", "Ingen veg", "Noko oppdikta", "MELL_VEN"):
        assert hidden not in text


def test_reading_is_told_before_anything_is_opened(house, officer):
    works(house, "Ada")
    looks(officer)

    assert told(house)[-1] == "log_read"
    assert looks(officer).lines[0].action == "log_read"


def test_no_log_no_reading(house, officer):
    works(house, "Ada")
    client = people.browser(officer)

    with taken_away("INSERT", "audit_entry", "buvett_audit_writer"):
        answer = client.get(f"/municipality/{house.code}/log/")

    assert answer.status_code == 503
    assert "Kari Kollega" not in answer.content.decode()


def test_unassigned_stand_first_however_old(house, officer):
    worker = people.worker(house)
    assert people.browser(worker).get(f"/municipality/{house.code}/cases/{officer.pk}/").status_code == 404
    works(house, "Ada", "Bo")

    found = looks(officer).lines

    assert [line.unassigned for line in found] == sorted((line.unassigned for line in found), reverse=True)
    assert "access_refused" in {line.action for line in found if line.unassigned}
    assert "case_opened" in {line.action for line in found if not line.unassigned}


def test_by_colleague(house, officer):
    first, _ = works(house, "Ada", name="Fyrste Kollega")
    works(house, "Bo", name="Andre Kollega")

    found = looks(officer, Filter(since=TODAY, until=TODAY, person=first.pk))

    assert {line.who for line in found.lines} == {"Fyrste Kollega"}
    assert found.total == len(found.lines) == 1
    assert {"Fyrste Kollega", "Andre Kollega"} <= {name for _, name in found.people}


@pytest.mark.parametrize("length", [4, 8, 36])
def test_by_case_reference(house, officer, length):
    _, (case, other) = works(house, "Ada", "Bo")

    found = looks(officer, Filter(since=TODAY, until=TODAY, case=str(case)[:length])).lines

    assert found
    assert all(str(case)[:8] in line.cases for line in found)
    assert length < 36 or all(str(other)[:8] not in line.cases for line in found if line.action == "case_opened")


def test_by_period(house, officer):
    works(house, "Ada")

    assert looks(officer, Filter(since=TODAY - timedelta(days=9), until=TODAY - timedelta(days=1))).total == 0
    assert looks(officer, Filter(since=TODAY, until=TODAY)).total > 0


def test_everything_holds_what_is_no_look(house, officer):
    works(house, "Ada")

    only, everything = looks(officer), looks(officer, Filter(since=TODAY, until=TODAY, kind=Kind.ALL))

    assert "grant_given" not in {line.action for line in only.lines}
    assert "grant_given" in {line.action for line in everything.lines}
    assert not any(line.unassigned for line in everything.lines if line.action == "grant_given")


def test_neighbours_log_is_not_there(house, officer, neighbour):
    people.adopt_heimel(neighbour)
    works(neighbour, "Bo", name="Nabo Kollega")
    client = people.browser(officer)

    assert client.get(f"/municipality/{neighbour.code}/log/").status_code == 404
    found = looks(officer, Filter(since=TODAY, until=TODAY, kind=Kind.ALL))
    assert "Nabo Kollega" not in {line.who for line in found.lines}


def test_search_in_too_much_is_refused_and_not_cut(house, officer, monkeypatch):
    worker, _ = works(house, "Ada", "Bo")
    monkeypatch.setattr(control, "MOST_SEARCHED", 1)

    with pytest.raises(PeriodTooLong):
        looks(officer, Filter(since=TODAY, until=TODAY, person=worker.pk))
    path = f"/municipality/{house.code}/log/?person={worker.pk}"
    assert people.browser(officer).get(path).status_code == 422
    assert looks(officer).total >= 2  # without a search a page at a time is opened


@pytest.mark.parametrize(
    "query",
    [
        "since=x",
        "since=2026-01-01&until=2025-01-01",
        "since=2020-01-01&until=2026-01-01",
        "since=0001-01-01&until=0001-01-02",
        "since=9999-12-30&until=9999-12-31",
        "case=%27%3B--",
        "case=abc",
        "person=nobody",
        "show=none",
    ],
)
def test_what_cannot_be_asked_is_explained(house, officer, query):
    works(house, "Ada")

    answer = people.browser(officer).get(f"/municipality/{house.code}/log/?{query}")

    assert answer.status_code == 422
    assert "ds-error-summary" in answer.content.decode()
    assert told(house)[-1] != "log_read"


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "9" * 30])
def test_page_that_is_none_is_answered(house, officer, page):
    works(house, "Ada")

    assert people.browser(officer).get(f"/municipality/{house.code}/log/?page={page}").status_code == 200


def test_second_page_goes_on_where_the_first_ended(house, officer, monkeypatch):
    works(house, "Ada", "Bo", "Cecilie")
    monkeypatch.setattr(control, "PER_PAGE", 2)
    everything = Filter(since=TODAY, until=TODAY, kind=Kind.ALL)

    first, second = looks(officer, everything, 1).lines, looks(officer, everything, 2).lines

    assert len(first) == len(second) == 2
    assert {line.at for line in first}.isdisjoint(line.at for line in second)


def test_colleague_who_has_left_is_named_and_can_be_asked_for(house, officer):
    worker, _ = works(house, "Ada", name="Tidlegare Kollega")
    worker.memberships.update(ended_at=timezone.now())

    assert "Tidlegare Kollega" in {line.who for line in looks(officer).lines}
    assert worker.pk in {pk for pk, _ in looks(officer).people}


@pytest.mark.parametrize(
    "statement", ["INSERT INTO {0} DEFAULT VALUES", "UPDATE {0} SET entry = ''", "DELETE FROM {0}"]
)
def test_audit_reader_only_reads(installation, statement):
    with pytest.raises(DatabaseError, match="permission denied"), connections["audit_reader"].cursor() as cursor:
        cursor.execute(statement.format("audit_entry"))


def test_audit_reader_reads_nothing_else_and_nothing_without_a_scope(house, officer):
    works(house, "Ada")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT t FROM unnest(%s::text[]) AS t WHERE has_any_column_privilege('buvett_audit_reader', t, 'SELECT')",
            [tables],
        )
        readable = {name for (name,) in cursor.fetchall()}
    with connected_as(DatabaseRole.AUDIT_READER):
        without = Entry.objects.count()

    assert readable == {"audit_entry", "isolation_municipality"}
    assert without == 0


def test_app_still_reads_no_entry(installation):
    with pytest.raises(DatabaseError, match="permission denied"), connections["app"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM audit_entry")


def test_action_without_words_is_unassigned_and_shown_by_its_name():
    assert words_of("case_borrowed") == "case borrowed"
    assert {action.value for action in Action} == {str(action) for action in WORDS}  # every known one has words


def test_papers_show_declarations_bases_and_no_case(house, officer):
    works(house, "Ada")
    answer = people.browser(officer).get(f"/municipality/{house.code}/papers/")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Kari Kollega" in text
    assert "2026-1" in text
    assert "Oppdikta" not in text


def test_entry_of_the_reading_holds_what_was_asked_sealed(house, officer):
    works(house, "Ada")
    looks(officer, Filter(since=TODAY, until=TODAY, case="abcd"))
    with connected_as(DatabaseRole.BACKUP):
        row = Entry.objects.filter(municipality=house).order_by("-recorded_at").first()

    assert json.loads(row.entry)["action"] == "log_read"
    assert "abcd" not in row.entry
    assert b"abcd" not in bytes(row.personal)


def test_every_purpose_and_process_has_words():
    with translation.override("nn"):
        assert [purpose_of(purpose) for purpose in Purpose if purpose not in PURPOSES] == []
        assert (purpose_of("KONTROLL"), purpose_of("LEIK")) == ("kontroll", "LEIK")
        assert who_of("process:contributor") == who_of(TASKS) == "den automatiske teljinga"
        assert who_of(OPERATOR) == "konsollen til drift"
        assert who_of("Kari Kollega") == "Kari Kollega"
