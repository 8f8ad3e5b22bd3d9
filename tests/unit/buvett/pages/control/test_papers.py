"""What the work rests on: the officer reads it, the leader puts it in place; what is missing is said in words."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from buvett.access.roles import Role
from buvett.agreements import actions
from buvett.agreements.models import Document
from tenants.isolation.enums import Purpose
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.legal.models import Heimel
from tests import people

TODAY = timezone.localdate()


@pytest.fixture
def leader(municipality):
    return people.browser(people.worker(municipality, Role.LOCAL_LEADER, signed=False))


@pytest.fixture
def agreement(municipality):
    with connected_as(DatabaseRole.OWNER):
        region = actions.make_region(slug=f"r-{uuid4().hex[:12]}", name="Prøveregionen")
        made = actions.make_agreement(region, programme="behov", text="text", sha256=uuid4().hex * 2, since=TODAY)
        actions.join_region(region, municipality, since=TODAY)
        actions.sign(made, municipality, since=TODAY)
    return made


def at(municipality, end=""):
    return f"/municipality/{municipality.code}/papers/{end}"


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def filed(municipality):
    return Document.objects.filter(municipality=municipality)


def paper(**changed):
    told = {
        "kind": "dpia",
        "reference": "2026/17",
        "since": str(TODAY),
        "until": str(TODAY + timedelta(days=100)),
    }
    return told | changed


def test_first_leader_reads_what_the_law_gives_and_adopts_it(leader, municipality):
    assert at(municipality, "bases/") in text(leader, at(municipality))
    offered = text(leader, at(municipality, "bases/"))
    assert all(one.section in offered for one in heimel.standard())

    assert leader.post(at(municipality, "bases/")).status_code == 302

    shown = text(leader, at(municipality))
    assert "Heimlane er tekne i bruk." in shown
    assert all(one.section in shown for one in heimel.standard())
    assert at(municipality, '"bases/"') not in shown


def test_nobody_who_reads_only_is_offered_a_change(municipality, agreement):
    people.adopt_heimel(municipality)
    officer = people.browser(people.worker(municipality, Role.DATA_PROTECTION_OFFICER, signed=False))

    shown = text(officer, at(municipality))

    assert "Lov 20.12.2022 nr. 121" in shown
    assert at(municipality, "bases/") not in shown
    assert at(municipality, "agreement/") not in shown
    assert officer.post(at(municipality, "bases/")).status_code == 403


def test_what_is_missing_is_named(leader, municipality, agreement):
    shown = text(leader, at(municipality))

    assert "(DPIA) manglar" in shown
    assert "Databehandlaravtalen manglar" in shown


def test_paper_is_filed_and_shown(leader, municipality, agreement):
    answer = leader.post(at(municipality, f"agreement/{agreement.pk}/"), paper())

    assert answer.status_code == 302
    assert "2026/17" in text(leader, at(municipality))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until": str(TODAY - timedelta(days=1))}, "Siste dag kan ikkje vere før første dag."),
        ({"kind": "recipe"}, "recipe"),
        ({"reference": ""}, "Referanse"),
        ({"since": "soon"}, "Første dag"),
        ({"reference": "x" * 121}, "Referanse"),
    ],
)
def test_paper_that_cannot_be_is_explained_and_not_filed(leader, municipality, agreement, changed, said):
    answer = leader.post(at(municipality, f"agreement/{agreement.pk}/"), paper(**changed))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not filed(municipality).exists()


def test_the_same_day_again_is_explained(leader, municipality, agreement):
    leader.post(at(municipality, f"agreement/{agreement.pk}/"), paper())

    answer = leader.post(at(municipality, f"agreement/{agreement.pk}/"), paper(reference="2026/18"))

    assert answer.status_code == 422
    assert "Endre heller siste dag på det." in answer.content.decode()
    assert filed(municipality).get().reference == "2026/17"


def test_last_day_of_a_paper_is_changed(leader, municipality, agreement):
    leader.post(at(municipality, f"agreement/{agreement.pk}/"), paper())
    row = filed(municipality).get()
    path = at(municipality, f"{row.pk}/")
    assert "2026/17" in text(leader, path)

    assert leader.post(path, {"until": str(TODAY - timedelta(days=9))}).status_code == 422
    assert leader.post(path, {"until": ""}).status_code == 422
    assert leader.post(path, {"until": str(TODAY)}).status_code == 302

    row.refresh_from_db()
    assert row.valid_to == TODAY


def test_last_day_of_a_basis_is_set_and_taken_away(leader, municipality):
    people.adopt_heimel(municipality)
    with scope(municipality.pk, by="test", purpose=Purpose.KONTROLL):
        row = Heimel.objects.filter(purpose=Purpose.KONTROLL).get()
    path = at(municipality, f"bases/{row.pk}/")

    for sent, kept in ((str(TODAY), TODAY), ("", None)):
        assert leader.post(path, {"until": sent}).status_code == 302
        with scope(municipality.pk, by="test", purpose=Purpose.KONTROLL):
            row.refresh_from_db()
        assert row.valid_to == kept
    assert leader.post(path, {"until": "1999-01-01"}).status_code == 422


def test_what_is_not_of_this_house_is_not_there(leader, municipality, neighbour):
    people.adopt_heimel(neighbour)
    with scope(neighbour.pk, by="test", purpose=Purpose.KONTROLL):
        foreign = Heimel.objects.first()

    for end in (f"bases/{foreign.pk}/", f"{uuid4()}/", f"agreement/{uuid4()}/"):
        assert leader.get(at(municipality, end)).status_code == 404
        assert leader.post(at(municipality, end), paper()).status_code == 404


def test_list_costs_the_same_however_much_is_filed(leader, municipality, agreement):
    def cost():
        with CaptureQueriesContext(connections["default"]) as found:
            text(leader, at(municipality))
        return len(found)

    cost()
    before = cost()
    for day in range(20):
        leader.post(at(municipality, f"agreement/{agreement.pk}/"), paper(since=str(TODAY + timedelta(days=day))))

    assert filed(municipality).count() == 20
    assert cost() == before
