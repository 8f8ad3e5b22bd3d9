"""How many statements a list takes: the same for one and for three."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from anonymisation.programme import Programme
from buvett.access.roles import Role
from buvett.agreements import actions
from buvett.plans.sending import send
from buvett.plans.writing import make_plan
from buvett.releases.lock import lock
from buvett.releases.publish import publish
from tenants.isolation.enums import Purpose
from tenants.isolation.enums import Role as Database
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.register import changing
from tenants.register.states import Verb
from tests import people
from tests.integration.register.test_uploading import NUMBERS, file, row
from tests.integration.releases.region import agree
from tests.integration.releases.region import people as counted
from tests.unit.buvett.pages.register.sent import fields

# Session, user, memberships; scope; declaration, legal basis, grants; the intent's own transaction; cases with
# their salts; drafts; session. On the page also whether a new person has been begun.
CASE_LIST = {
    "/municipality/{code}/cases/": {"app": 13, "audit_writer": 4},
    "/api/v1/me/cases": {"app": 12, "audit_writer": 4},
}
# The same, and what was before, who changed it, their names.
CASE_PAGE = {"app": 18, "audit_writer": 4}
UPLOAD = {"app": 17, "audit_writer": 8}
UPLOADS = {"app": 16, "audit_writer": 4, "reader": 1}
# What a body says of itself is read once in a process.
RELEASE_LIST, WITH_NEW_ONES = {"app": 6, "reader": 1}, {"app": 6, "reader": 2}
REGION = {"app": 6, "reader": 5}
DELIVERIES = {"app": 8}
PLANS = {"app": 6, "reader": 5}
PEOPLE = {"app": 13}
HOLDERS, HELD, HELD_BY_NOBODY, HAS_CASE = {"app": 15}, {"app": 18}, {"app": 18}, {"app": 17}
LOG = {"app": 12, "audit_writer": 4, "audit_reader": 6}
RELEASES = {"app": 6, "reader": 7}
COMPLETENESS = {"app": 6, "reader": 8}
OPERATIONS = {"app": 7, "reader": 4}


@contextmanager
def counting():
    found = {}
    aliases = ("app", "audit_writer", "reader", "audit_reader")
    contexts = {alias: CaptureQueriesContext(connections[alias]) for alias in aliases}
    for context in contexts.values():
        context.__enter__()
    yield found
    for alias, context in contexts.items():
        context.__exit__(None, None, None)
        if len(context):
            found[alias] = len(context)


@pytest.mark.parametrize("names", [["Ada"], ["Ada", "Bo", "Cecilie"]])
@pytest.mark.parametrize("path", CASE_LIST)
def test_case_list_takes_the_same_statements(municipality, names, path):
    people.adopt_heimel(municipality)
    worker = people.worker(municipality)
    people.register(municipality, names=names, to=worker)
    client = people.browser(worker)
    client.get(path.format(code=municipality.code))  # what a process reads once

    with counting() as found:
        answer = client.get(path.format(code=municipality.code))

    assert (answer.status_code, answer.content.decode().count("Oppdikta")) == (200, len(names))
    assert found == CASE_LIST[path]


@pytest.mark.parametrize("moves", [1, 3])
def test_case_page_takes_the_same_statements(municipality, moves):
    people.adopt_heimel(municipality)
    worker = people.worker(municipality)
    (case,) = people.register(municipality, names=["Ada"], to=worker)
    for revision in range(1, moves + 1):
        with scope(municipality.pk, by=worker.pk, purpose=Purpose.SAK):
            verb = Verb.CLOSE if revision % 2 else Verb.REOPEN
            changing.move(case, verb, revision=revision, why="Grunn.", on=timezone.localdate())
    client = people.browser(worker)
    client.get(f"/municipality/{municipality.code}/cases/{case}/")  # what a process reads once

    with counting() as found:
        answer = client.get(f"/municipality/{municipality.code}/cases/{case}/")

    assert answer.content.count(b"Grunn.") == moves
    assert found == CASE_PAGE


@pytest.mark.parametrize("many", [1, 9])
def test_people_page_takes_the_same_statements(municipality, many):
    client = people.browser(people.worker(municipality, Role.LOCAL_LEADER))
    for _ in range(many):
        people.worker(municipality)

    with counting() as found:
        answer = client.get(f"/municipality/{municipality.code}/people/")

    assert answer.content.decode().count(">case_worker ") == many
    assert found == PEOPLE


@pytest.mark.parametrize("many", [1, 3])
def test_lists_of_who_has_the_cases_take_the_same_statements(municipality, many):
    people.adopt_heimel(municipality)
    client = people.browser(people.worker(municipality, Role.LOCAL_LEADER))
    left = people.user()
    people.give_role(left, Role.CASE_WORKER, municipality, valid_to=people.days_ago(1))
    for _ in range(many):
        worker = people.worker(municipality)
        cases = people.register(municipality, names=[f"N{number}" for number in range(many)], to=worker)
        people.register(municipality, names=["Ingen"], to=left)
    for case in cases:
        people.grant(municipality, case, to=left)
    base, found = f"/municipality/{municipality.code}/access/", {}

    for path in ("", f"{worker.pk}/", "nobody/", f"case/{cases[0]}/"):
        with counting() as found[path]:
            assert client.get(base + path).status_code == 200

    assert list(found.values()) == [HOLDERS, HELD, HELD_BY_NOBODY, HAS_CASE]


@pytest.mark.parametrize("names", [["Ada"], ["Ada", "Bo", "Cecilie"]])
@pytest.mark.parametrize(("query", "fewer"), [("", 0), ("?case=0123abcd", 1)])  # nothing found: nobody to name
def test_log_page_takes_the_same_statements(municipality, names, query, fewer):
    people.adopt_heimel(municipality)
    worker = people.worker(municipality)
    for case in people.register(municipality, names=names, to=worker):
        people.browser(worker).get(f"/municipality/{municipality.code}/cases/{case}/")
    client = people.browser(people.worker(municipality, Role.DATA_PROTECTION_OFFICER, signed=False))

    with counting() as found:
        assert client.get(f"/municipality/{municipality.code}/log/{query}").status_code == 200

    assert found == LOG | {"app": LOG["app"] - fewer}


@pytest.mark.parametrize("rows", [1, 3])
def test_upload_takes_the_same_statements(municipality, rows):
    people.adopt_heimel(municipality)
    worker = people.worker(municipality)
    client = people.browser(worker)
    base = f"/municipality/{municipality.code}/uploads/"

    def sent():
        content = file(*(row(f"Ada {n}", NUMBERS[n]) for n in range(rows)))
        return client.post(base, {"file": SimpleUploadedFile("register.csv", content)})["Location"]

    path = sent()
    client.post(path, {"action": "apply", "fingerprint": fields(client.get(path), "fingerprint")["fingerprint"]})
    path = sent()  # everybody is known now
    client.get(path)

    with counting() as found:
        answer = client.get(path)

    assert answer.content.decode().count("Oppdikta") == rows
    assert found == UPLOAD


@pytest.mark.parametrize("imports", [1, 3])
def test_list_of_imports_takes_the_same_statements(municipality, imports):
    people.adopt_heimel(municipality)
    worker = people.worker(municipality)
    client = people.browser(worker)
    base = f"/municipality/{municipality.code}/uploads/"
    for n in range(imports):
        content = file(row("Ada", NUMBERS[n]))
        path = client.post(base, {"file": SimpleUploadedFile("register.csv", content)})["Location"]
        client.post(path, {"action": "apply", "fingerprint": fields(client.get(path), "fingerprint")["fingerprint"]})
    client.get(base)

    with counting() as found:
        answer = client.get(base)

    assert answer.content.count(b"/undo/") == imports
    assert found == UPLOADS


@pytest.fixture(scope="module")
def regions(make_municipality):
    """Three regions with a release each; their releases are published one by one."""
    return [agree(make_municipality, [counted(7, 6, 2), counted(8, 5, 0), counted(6, 9, 1)]) for _ in range(3)]


def release(region):
    run = region.open()
    region.contribute_all(run)
    lock(run)
    publish(run)


def test_lists_of_releases_take_the_same_statements_for_one_and_for_three(regions):
    reader = people.user()
    people.give_role(reader, Role.PROJECT_LEADER)
    client = people.browser(reader)
    release(regions[0])
    with counting() as for_one:
        first = client.get("/api/v1/releases").json()["releases"]
    for region in regions[1:]:
        release(region)
    with counting() as for_three:
        second = client.get("/api/v1/releases").json()["releases"]
    with counting() as again:
        client.get("/api/v1/releases")
    with counting() as on_page:
        client.get(f"/region/{regions[0].region.slug}/")
    with counting() as on_subject:
        client.get(f"/region/{regions[0].region.slug}/need/support/?show=rate")
    with counting() as on_list:
        client.get(f"/region/{regions[0].region.slug}/releases/")

    assert len(second) == len(first) + 2
    assert for_one == for_three == WITH_NEW_ONES
    assert again == RELEASE_LIST
    assert on_page == on_subject == REGION
    assert on_list == RELEASES


@pytest.mark.parametrize("members", [3, 6])
def test_completeness_takes_the_same_statements_for_three_members_and_for_six(make_municipality, members):
    region = agree(make_municipality, [counted(7, 6, 2) for _ in range(members)])
    region.open(hours=1)
    reader = people.user()
    people.give_role(reader, Role.PROJECT_LEADER)
    client = people.browser(reader)

    with counting() as found:
        client.get(f"/region/{region.region.slug}/completeness/")

    assert found == COMPLETENESS


@pytest.mark.parametrize("runs", [1, 3])
def test_operations_takes_the_same_statements_whatever_has_run(regions, make_municipality, runs):
    for _ in range(runs):
        agree(make_municipality, [counted(7), counted(8), counted(6)]).open()
    someone = people.user()
    people.give_role(someone, Role.OPERATIONS)
    client = people.browser(someone)

    with counting() as found:
        client.get("/operations/")

    assert found == OPERATIONS


@pytest.mark.parametrize("many", [1, 3])
def test_delivery_list_takes_the_same_statements(make_municipality, many):
    agreed = agree(make_municipality, [counted(3), counted(2), counted(4)])
    member = agreed.members[0]
    agreed.open()
    for number in range(1, many):
        with connected_as(Database.OWNER):
            other = actions.make_agreement(
                agreed.region,
                programme=agreed.programme.id,
                text=agreed.agreement.programme_text.replace('period = "2026"', f'period = "203{number}"'),
                sha256=Programme.parse(
                    agreed.agreement.programme_text.replace('period = "2026"', f'period = "203{number}"')
                ).sha256,
                since=agreed.agreement.valid_from,
            )
            actions.sign(other, member, since=agreed.agreement.valid_from)
        replace(agreed, agreement=other).open()
    client = people.browser(people.worker(member, Role.LOCAL_LEADER))

    with counting() as found:
        answer = client.get(f"/municipality/{member.code}/delivery/")

    assert answer.content.decode().count("Låst seinast") == many
    assert found == DELIVERIES


@pytest.mark.parametrize("many", [1, 3])
def test_plan_list_takes_the_same_statements(make_municipality, many):
    agreed = agree(make_municipality, [counted(3)])
    leader = people.give_role(people.user(name="Prosjekt Leiarsen"), Role.PROJECT_LEADER, of=agreed.region)
    for _ in range(many):
        plan = make_plan(leader, region=agreed.region.slug, title=agreed.region.slug)
        send(leader, plan, revision=1)
    reader = people.user()
    people.give_role(reader, Role.CHIEF_EXECUTIVE, agreed.members[0])
    client = people.browser(reader)

    with counting() as found:
        answer = client.get("/plans/")

    assert answer.content.decode().count(f">{agreed.region.slug}</a>") == many
    assert found == PLANS
