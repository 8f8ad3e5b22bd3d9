"""P3: nobody opens a case without declaration, need and legal basis; each look is logged before it happens."""

import ast
import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

import buvett
from buvett.access.case_lists import listed
from buvett.access.cases import case_room
from buvett.access.memberships import hats_of
from buvett.access.models import CaseUserObjectPermission, Membership
from buvett.access.roles import Role
from buvett.accounts.models import User
from tenants.audit.models import Entry
from tenants.isolation.enums import Purpose
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tests import people

TODAY = timezone.localdate()
LIST, CASE = "/municipality/{}/cases/", "/municipality/{}/cases/{}/"
# Tables of people who work, of Django and of grants: for the web process alone.
OF_THE_WEB = (
    "accounts_user",
    "accounts_failedsignin",
    "accounts_invitation",
    "mfa_authenticator",
    "access_membership",
    "access_reset",
    "access_resetconsent",
    "access_caseuserobjectpermission",
    "django_session",
    "auth_permission",
    "django_content_type",
)
OTHERS = (
    "buvett_reader",
    "buvett_contributor",
    "buvett_publisher",
    "buvett_outbox",
    "buvett_audit_writer",
    "buvett_audit_reader",
)


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def other_house(neighbour):
    people.adopt_heimel(neighbour)
    return neighbour


def actions(municipality):
    """What the municipality's log tells of, oldest first: (action, whether it is an intent)."""
    with connected_as(DatabaseRole.BACKUP):
        rows = list(Entry.objects.filter(municipality=municipality).order_by("recorded_at", "id"))
    told = [json.loads(row.entry) for row in rows]
    return [(entry["action"], entry["intent"]) for entry in told]


@contextmanager
def taken_away(rights, table, role):
    """The owner takes rights from a role, and gives them back."""

    def as_owner(statement):
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement)

    as_owner(f"REVOKE {rights} ON {table} FROM {role}")
    try:
        yield
    finally:
        as_owner(f"GRANT {rights} ON {table} TO {role}")


def test_each_look_leaves_its_intent_in_the_log(house):
    worker = people.worker(house)
    (case,) = people.register(house, names=["Ada"], to=worker)
    client = people.browser(worker)
    before = len(actions(house))

    client.get(LIST.format(house.code))
    client.get(CASE.format(house.code, case))
    client.get("/api/v1/me/cases")

    assert actions(house)[before:] == [("cases_listed", True), ("case_opened", True), ("cases_listed", True)]


def test_rollback_does_not_unsay_a_look(house):
    worker = people.worker(house)
    people.register(house, names=["Ada"], to=worker)
    (hat,) = hats_of(worker.pk, on=TODAY)
    before = len(actions(house))

    def look_and_fail():
        with case_room(worker, hat, code=house.code, on=TODAY):
            listed(worker)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look_and_fail()

    assert actions(house)[before:] == [("cases_listed", True)]


@pytest.mark.parametrize("path", [LIST, CASE, "/api/v1/me/cases"])
def test_no_log_no_access(house, path):
    worker = people.worker(house)
    (case,) = people.register(house, names=["Ada"], to=worker)
    client = people.browser(worker)

    with taken_away("INSERT", "audit_entry", "buvett_audit_writer"):
        answer = client.get(path.format(house.code, case))

    assert answer.status_code == 503
    assert b"Oppdikta" not in answer.content
    assert client.get(path.format(house.code, case)).status_code == 200


def test_refusal_is_told_in_the_own_log_and_not_in_the_neighbours(house, other_house):
    worker = people.worker(house)
    (foreign,) = people.register(other_house, names=["Bo"])
    client = people.browser(worker)
    mine, theirs = len(actions(house)), len(actions(other_house))

    for path in (
        LIST.format(other_house.code),
        CASE.format(other_house.code, foreign),
        CASE.format(house.code, foreign),
    ):
        assert client.get(path).status_code == 404

    assert actions(house)[mine:] == [("access_refused", False)] * 3
    assert len(actions(other_house)) == theirs


def test_refusal_names_nothing_in_clear(house, other_house):
    worker = people.worker(house)
    (foreign,) = people.register(other_house, names=["Bo"])
    people.browser(worker).get(CASE.format(house.code, foreign))

    with connected_as(DatabaseRole.BACKUP):
        stored = [(row.entry.encode(), bytes(row.personal)) for row in Entry.objects.filter(municipality=house)]

    assert not any(str(foreign).encode() in part or str(worker.pk).encode() in part for row in stored for part in row)


def test_case_worker_without_declaration_reads_and_signs_first(house):
    worker = people.worker(house, signed=False)
    (case,) = people.register(house, names=["Ada"], to=worker)
    client = people.browser(worker)
    path = CASE.format(house.code, case)

    answer = client.get(path, follow=True)
    assert answer.redirect_chain[0][0].startswith(f"/municipality/{house.code}/declaration/?next=")
    assert b"Oppdikta" not in answer.content
    assert b"forvaltningslova" in answer.content

    unread = client.post(f"/municipality/{house.code}/declaration/", {"next": path})
    assert unread.status_code == 422
    assert client.get(path).status_code == 302

    signed = client.post(f"/municipality/{house.code}/declaration/", {"next": path, "read": "yes"})
    assert (signed.status_code, signed["Location"]) == (302, path)
    assert b"Ada Oppdikta" in client.get(path).content
    assert ("declaration_signed", False) in actions(house)


def test_only_the_rights_of_the_hat_that_is_on(house, other_house):
    person = people.user()
    here = people.give_role(person, Role.CASE_WORKER, house)
    there = people.give_role(person, Role.LOCAL_LEADER, other_house)
    region = people.give_role(person, Role.INTERMUNICIPAL_MEMBER)
    for municipality in (house, other_house):
        people.sign(person, municipality, on=TODAY)
        people.register(municipality, names=["Ada"], to=person)
    paths = (LIST.format(house.code), LIST.format(other_house.code), f"/municipality/{other_house.code}/counts/")

    def answers(hat):
        client = people.browser(person, hat=hat)
        return [client.get(path).status_code for path in paths]

    assert answers(None) == [302, 302, 302]  # to choose
    assert answers(here) == [200, 404, 404]
    assert answers(there) == [404, 200, 200]
    assert answers(region) == [404, 404, 404]


def test_two_roles_in_one_house_do_not_add_up(house):
    person = people.user()
    as_worker = people.give_role(person, Role.CASE_WORKER, house)
    as_representative = people.give_role(person, Role.USER_REPRESENTATIVE, house)
    people.sign(person, house, on=TODAY)

    assert people.browser(person, hat=as_worker).get(LIST.format(house.code)).status_code == 200
    assert people.browser(person, hat=as_representative).get(LIST.format(house.code)).status_code == 403


def test_nobody_puts_on_another_persons_hat(house):
    other = people.worker(house)
    (theirs,) = hats_of(other.pk, on=TODAY)
    client = people.browser(people.user())

    for membership in (str(theirs.membership), "not a role", ""):
        assert client.post("/role/", {"membership": membership}).status_code == 404
    assert client.get(LIST.format(house.code)).status_code == 404


def test_hat_that_runs_out_falls_off_at_once(house):
    worker = people.worker(house)
    client = people.browser(worker)
    assert client.get(LIST.format(house.code)).status_code == 200

    Membership.objects.filter(user=worker).update(valid_to=people.days_ago(1))

    assert client.get(LIST.format(house.code)).status_code == 404


def test_grants_of_another_municipality_do_not_exist(house, other_house):
    worker = people.worker(house)
    people.register(other_house, names=["Bo"], to=people.worker(other_house))
    people.register(house, names=["Ada"], to=worker)

    with transaction.atomic(using="app"):
        assert CaseUserObjectPermission.objects.count() == 0
    with scope(house.pk, by=worker.pk, purpose=Purpose.SAK):
        assert CaseUserObjectPermission.objects.count() == 1


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("table", OF_THE_WEB)
def test_tables_of_the_web_are_closed_to_every_other_role(installation, table, role):
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT has_any_column_privilege(%s, %s, 'SELECT, INSERT, UPDATE')", [role, table])
        (allowed,) = cursor.fetchone()

    assert not allowed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_user SET is_superuser = true",
        "UPDATE accounts_user SET demo = false",
        "DELETE FROM accounts_user",
        "UPDATE access_membership SET role = 'local_leader'",
        "UPDATE access_membership SET municipality_id = NULL",
        "DELETE FROM access_membership",
        "UPDATE access_caseuserobjectpermission SET content_object_id = id",
        "SELECT 1 FROM guardian_userobjectpermission",
        "SELECT 1 FROM guardian_groupobjectpermission",
        "INSERT INTO auth_permission (name, content_type_id, codename) VALUES ('x', 1, 'x')",
    ],
)
def test_web_process_cannot_raise_anyone_above_the_gates(installation, statement):
    with pytest.raises(DatabaseError, match="permission denied"), connections["app"].cursor() as cursor:
        cursor.execute(statement)


def test_session_holds_no_fact(house):
    worker = people.worker(house)
    (case,) = people.register(house, names=["Ada"], to=worker)
    client = people.browser(worker, hat=hats_of(worker.pk, on=TODAY)[0])
    client.get(CASE.format(house.code, case))

    kept = Session.objects.get(pk=client.session.session_key).get_decoded()

    assert set(kept) == {"_auth_user_id", "_auth_user_backend", "_auth_user_hash", "hat", "second_factor"}


def test_logs_hold_no_fact(house, caplog):
    worker = people.worker(house)
    (case,) = people.register(house, names=["Ada"], to=worker)
    client = people.browser(worker)
    client.raise_request_exception = False

    client.get(CASE.format(house.code, case))
    with taken_away("SELECT", "register_case", "buvett_app"):
        broken = client.get(CASE.format(house.code, case))

    assert broken.status_code == 500
    text = broken.content.decode() + caplog.text
    for fact in ("Ada", "Oppdikta", "SELECT", "register_case", "ProgrammingError: "):
        assert fact not in broken.content.decode()
    assert "Oppdikta" not in text


def test_guardian_is_known_to_one_room_only():
    source = Path(buvett.__path__[0])
    importers = {
        path.relative_to(source).parts[0]
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "guardian")
        or (isinstance(node, ast.Import) and any(name.name.split(".")[0] == "guardian" for name in node.names))
    }

    assert importers == {"access"}


def test_person_shut_out_sees_nothing(house):
    worker = people.worker(house)
    people.register(house, names=["Ada"], to=worker)
    client = people.browser(worker)
    User.objects.filter(pk=worker.pk).update(is_active=False)

    answer = client.get(LIST.format(house.code))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/?next=")
