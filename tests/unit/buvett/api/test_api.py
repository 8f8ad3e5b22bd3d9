"""The API gives what the pages give, and every error is a problem document."""

import json
from uuid import UUID, uuid4

import pytest
from django.test import Client

from buvett.access.roles import Role
from buvett.agreements.models import Region
from buvett.plans.sending import send
from buvett.plans.writing import make_plan
from buvett.releases import queries
from buvett.releases.lock import lock
from buvett.releases.publish import publish
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal.models import Heimel
from tests import people
from tests.integration.releases.region import agree
from tests.integration.releases.region import people as counted


@pytest.fixture(scope="module")
def released(make_municipality):
    """The one release of a small region."""
    agreed = agree(make_municipality, [counted(7, 6, 2), counted(8, 5, 0), counted(6, 9, 1)])
    run = agreed.open()
    agreed.contribute_all(run)
    lock(run)
    publish(run)
    (summary,) = queries.releases(agreed.region.slug)
    return queries.release(summary.id)


@pytest.fixture
def reader(released):
    person = people.user()
    people.give_role(person, Role.PROJECT_LEADER, of=Region.objects.get(slug=released.region))
    return people.browser(person)


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


def check_problem(answer, status, kind):
    body = json.loads(answer.content)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status"}
    assert (body["type"], body["status"]) == (f"urn:buvett:problem:{kind}", status)


def test_table_has_the_cells_that_were_signed(released, reader):
    signed = json.loads(released.body)

    for table in signed["tables"]:
        told = reader.get(f"/api/v1/releases/{released.id}/tables/{table['id']}").json()
        assert [(c["key"], c["value"], c["status"], c["why"]) for c in told["cells"]] == [
            (c["key"], c["value"], c["status"], c.get("why")) for c in table["cells"]
        ]
        assert [d["name"] for d in told["dimensions"]] == table["dimensions"]


def test_release_names_its_tables_and_its_hash(released, reader):
    told = reader.get(f"/api/v1/releases/{released.id}").json()

    assert told["sha256"] == released.sha256
    assert [table["id"] for table in told["tables"]] == [table.id for table in released.tables]
    assert told["contributors"] == list(released.contributors)


def test_list_holds_the_release_as_the_detail_tells_it(released, reader):
    detail = reader.get(f"/api/v1/releases/{released.id}").json()
    detail.pop("tables")

    assert detail in reader.get("/api/v1/releases").json()["releases"]


def test_my_cases_are_those_of_the_page(house):
    worker = people.worker(house)
    cases = people.register(house, names=["Ada", "Bo"], to=worker)
    people.register(house, names=["Ikkje Min"])
    client = people.browser(worker)

    told = client.get("/api/v1/me/cases")

    assert told.json()["municipality"] == house.code
    assert [case["name"] for case in told.json()["cases"]] == ["Ada Oppdikta", "Bo Oppdikta"]
    assert {case["id"] for case in told.json()["cases"]} == {str(case) for case in cases}
    assert {key for case in told.json()["cases"] for key in case} == {"id", "name", "changed_month"}
    assert told["Cache-Control"] == "no-store"
    page = client.get(f"/municipality/{house.code}/cases/").content.decode()
    assert all(case["id"] in page for case in told.json()["cases"])


NOWHERE = UUID(int=1)


@pytest.mark.parametrize("path", ["releases", f"releases/{NOWHERE}", f"releases/{NOWHERE}/tables/x", "me/cases"])
def test_signed_out_is_told_to_sign_in(installation, path):
    answer = people.browser().get(f"/api/v1/{path}")

    check_problem(answer, 401, "sign-in-first")
    assert answer["WWW-Authenticate"] == "Session"


def test_unknown_release_and_unknown_table_are_not_found(released, reader):
    check_problem(reader.get(f"/api/v1/releases/{uuid4()}"), 404, "not-found")
    check_problem(reader.get(f"/api/v1/releases/{released.id}/tables/nothing"), 404, "not-found")


def test_role_without_the_right_is_refused(reader):
    check_problem(reader.get("/api/v1/me/cases"), 403, "not-allowed")


def test_declaration_comes_first(house):
    client = people.browser(people.worker(house, signed=False))

    check_problem(client.get("/api/v1/me/cases"), 403, "declaration-needed")


def test_without_a_legal_basis_nothing(house):
    worker = people.worker(house)
    with scope(house.pk, by="set-up", purpose=Purpose.SAK):
        Heimel.objects.filter(purpose="SAK").update(valid_to=people.days_ago(1))

    check_problem(people.browser(worker).get("/api/v1/me/cases"), 403, "no-legal-basis")


def test_two_hats_and_none_chosen_is_refused(house, neighbour):
    person = people.worker(house)
    people.give_role(person, Role.CASE_WORKER, neighbour)

    check_problem(people.browser(person).get("/api/v1/me/cases"), 403, "not-allowed")


def test_method_that_is_not_taken(reader):
    client = Client(headers={"host": "localhost"})
    client.cookies = reader.cookies

    check_problem(client.post("/api/v1/releases", {}), 405, "request")


def test_other_form_than_json_is_not_given(reader):
    check_problem(reader.get("/api/v1/releases", headers={"accept": "text/html"}), 406, "request")


def test_plan_is_told_as_it_was_sent(released, reader):
    writer = people.give_role(
        people.user(name="Skrivar"), Role.PROJECT_LEADER, of=Region.objects.get(slug=released.region)
    )
    plan = make_plan(writer, region=released.region, title="Bustadplan")
    version = send(writer, plan, revision=1)

    told = reader.get(f"/api/v1/plans/{version}").json()
    listed = [one for one in reader.get("/api/v1/plans").json()["plans"] if one["id"] == str(version)]

    assert (told["title"], told["number"], told["state"], told["sent_by_name"]) == ("Bustadplan", 1, "sent", "Skrivar")
    assert listed == [{name: told[name] for name in listed[0]}]
    check_problem(reader.get(f"/api/v1/plans/{plan}"), 404, "not-found")


def test_schema_describes_every_address(installation):
    schema = people.browser().get("/api/v1/openapi.json").json()

    assert sorted(schema["paths"]) == [
        "/api/v1/me/cases",
        "/api/v1/plans",
        "/api/v1/plans/{version}",
        "/api/v1/releases",
        "/api/v1/releases/{release}",
        "/api/v1/releases/{release}/tables/{table}",
    ]
    for path in schema["paths"].values():
        answer = path["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer["$ref"].startswith("#/components/schemas/")
