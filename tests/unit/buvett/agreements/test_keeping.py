"""A leader puts legal bases and papers in place: of the own municipality, always told, and never half of it."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone

from buvett.access.errors import NotAllowed, NotHere
from buvett.access.memberships import hats_of
from buvett.access.roles import Role
from buvett.agreements import actions, keeping
from buvett.agreements.errors import PaperRefused, Why
from buvett.agreements.models import Agreement, Document
from buvett.agreements.queries import missing
from tenants.audit.models import Entry
from tenants.isolation.enums import Purpose
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.legal.models import Heimel
from tests import people

TODAY = timezone.localdate()
FIRST, LAST = date(2026, 1, 1), TODAY + timedelta(days=300)


def hat_of(municipality, role=Role.LOCAL_LEADER):
    return hats_of(people.worker(municipality, role, signed=False).pk, on=TODAY)[0]


@pytest.fixture
def leader(municipality):
    """A leader who has just come: nothing is signed, nothing adopted."""
    return hat_of(municipality)


@pytest.fixture
def agreement(municipality, neighbour):
    with connected_as(DatabaseRole.OWNER):
        region = actions.make_region(slug=f"r-{uuid4().hex[:12]}", name="Prøveregionen")
        made = actions.make_agreement(region, programme="p", text="text", sha256=uuid4().hex * 2, since=FIRST)
        for one in (municipality, neighbour):
            actions.join_region(region, one, since=FIRST)
            actions.sign(made, one, since=FIRST)
    return made


def file(hat, agreement, *, kind=Document.Kind.DPIA, since=FIRST, until=LAST, code=None):
    return keeping.file_paper(
        hat, agreement.pk, code=code or hat.code, kind=kind, reference="2026/17", since=since, until=until
    )


def told(municipality):
    with connected_as(DatabaseRole.BACKUP):
        rows = list(Entry.objects.filter(municipality=municipality).order_by("recorded_at", "id"))
    return [json.loads(row.entry)["action"] for row in rows]


def is_live(municipality, purpose=Purpose.SAK, on=TODAY):
    with scope(municipality.pk, by="test", purpose=Purpose.KONTROLL):
        return heimel.is_live(purpose, on=on)


def refusal(call):
    with pytest.raises(PaperRefused) as caught:
        call()
    return caught.value.why


def test_first_leader_adopts_what_the_law_gives(leader, municipality):
    assert not is_live(municipality)
    assert keeping.lacking(leader, code=leader.code) == heimel.standard()

    assert keeping.adopt(leader, code=leader.code) == len(heimel.standard())

    assert all(is_live(municipality, purpose) for purpose in Purpose)
    assert keeping.lacking(leader, code=leader.code) == ()
    assert told(municipality)[-1] == "bases_adopted"


def test_adopting_again_changes_and_tells_nothing(leader, municipality):
    keeping.adopt(leader, code=leader.code)
    before = told(municipality)

    assert keeping.adopt(leader, code=leader.code) == 0
    assert told(municipality) == before


def test_basis_that_has_ended_stays_ended_when_the_others_are_adopted(leader, municipality):
    keeping.adopt(leader, code=leader.code)
    with scope(municipality.pk, by="test", purpose=Purpose.KONTROLL):
        rows = list(Heimel.objects.filter(purpose=Purpose.REGIONAL))
    for row in rows:
        keeping.end_basis(leader, row.pk, code=leader.code, last_day=TODAY)
    keeping.adopt(leader, code=leader.code)

    assert is_live(municipality, Purpose.REGIONAL)
    assert not is_live(municipality, Purpose.REGIONAL, on=TODAY + timedelta(days=1))
    keeping.end_basis(leader, rows[0].pk, code=leader.code, last_day=None)
    assert is_live(municipality, Purpose.REGIONAL, on=TODAY + timedelta(days=1))
    assert told(municipality)[-3:] == ["basis_changed"] * 3


def test_basis_of_another_house_is_not_there(leader, neighbour):
    people.adopt_heimel(neighbour)
    with scope(neighbour.pk, by="test", purpose=Purpose.KONTROLL):
        foreign = Heimel.objects.filter(purpose=Purpose.SAK).first()

    assert refusal(lambda: keeping.end_basis(leader, foreign.pk, code=leader.code, last_day=TODAY)) is Why.GONE
    assert is_live(neighbour, on=TODAY + timedelta(days=1))


def test_basis_does_not_end_before_it_begins(leader, municipality):
    keeping.adopt(leader, code=leader.code)
    with scope(municipality.pk, by="test", purpose=Purpose.KONTROLL):
        row = Heimel.objects.filter(purpose=Purpose.SAK).first()
    day = row.valid_from - timedelta(days=1)

    assert refusal(lambda: keeping.end_basis(leader, row.pk, code=leader.code, last_day=day)) is Why.DATES


def test_filed_papers_are_no_longer_missing(leader, agreement, municipality):
    before = {one.value for one in missing(agreement, municipality.pk, on=TODAY)}
    for kind in Document.Kind:
        file(leader, agreement, kind=kind)

    assert before - {one.value for one in missing(agreement, municipality.pk, on=TODAY)} == set(Document.Kind.values)
    assert told(municipality)[-2:] == ["paper_filed", "paper_filed"]


def test_paper_that_ends_is_missing_the_day_after(leader, agreement, municipality):
    paper = file(leader, agreement)

    keeping.end_paper(leader, paper.pk, code=leader.code, last_day=TODAY)

    assert "dpia" not in missing(agreement, municipality.pk, on=TODAY)
    assert "dpia" in missing(agreement, municipality.pk, on=TODAY + timedelta(days=1))
    assert told(municipality)[-1] == "paper_changed"


def test_what_cannot_be_filed_says_why_and_is_not_told(leader, agreement, municipality):
    file(leader, agreement)
    before = told(municipality)

    assert refusal(lambda: file(leader, agreement)) is Why.THERE
    assert refusal(lambda: file(leader, agreement, since=LAST, until=FIRST)) is Why.DATES
    assert refusal(lambda: file(leader, Agreement(pk=uuid4()))) is Why.NOT_SIGNED
    assert refusal(lambda: keeping.end_paper(leader, uuid4(), code=leader.code, last_day=TODAY)) is Why.GONE
    assert told(municipality) == before


def test_paper_of_another_house_is_out_of_reach(leader, agreement, municipality, neighbour):
    foreign = file(hat_of(neighbour), agreement)

    assert refusal(lambda: keeping.end_paper(leader, foreign.pk, code=leader.code, last_day=TODAY)) is Why.GONE
    with scope(municipality.pk, by="test", purpose=Purpose.KONTROLL):
        assert Document.objects.filter(pk=foreign.pk).update(valid_to=FIRST) == 0  # the database's own answer


def test_database_lets_nothing_but_the_last_day_change(leader, agreement, municipality):
    paper = file(leader, agreement)

    with (
        pytest.raises(DatabaseError, match="permission denied"),
        scope(municipality.pk, by="test", purpose=Purpose.KONTROLL),
    ):
        Document.objects.filter(pk=paper.pk).update(reference="another")


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.DATA_PROTECTION_OFFICER, Role.CHIEF_EXECUTIVE])
def test_only_a_leader_keeps_them(role, municipality, agreement):
    hat = hat_of(municipality, role)

    for call in (
        lambda: keeping.adopt(hat, code=hat.code),
        lambda: keeping.lacking(hat, code=hat.code),
        lambda: file(hat, agreement),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_leader_of_another_municipality_finds_nothing(leader, neighbour, agreement):
    with pytest.raises(NotHere):
        keeping.adopt(leader, code=neighbour.code)
    with pytest.raises(NotHere):
        file(leader, agreement, code=neighbour.code)
