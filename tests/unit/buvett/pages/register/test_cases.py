"""The list with its search and the person page: masked, hidden, sorted, paged; states with their explanations."""

import re

import pytest
from django.utils import timezone

from buvett.access import case_lists
from buvett.access.case_lists import Wanted, listed
from buvett.access.cases import case_room
from buvett.access.memberships import hats_of
from buvett.access.roles import Role
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register import changing
from tenants.register.models import Case
from tenants.register.states import Verb
from tests import people
from tests.unit.buvett.pages.register.test_editing import ADA, Desk, text

TODAY = timezone.localdate()


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def worker(house):
    return people.worker(house)


@pytest.fixture
def desk(worker, house):
    return Desk(worker, house)


def move(house, case, verb, *, revision=1):
    with scope(house.pk, by="colleague", purpose=Purpose.SAK):
        changing.move(case, verb, revision=revision, why="Grunn.", on=TODAY)


def names(user, house, **wanted):
    (hat,) = hats_of(user.pk, on=TODAY)
    with case_room(user, hat, code=house.code, on=TODAY):
        return [line.name for line in listed(user, Wanted(**wanted), now=timezone.now())]


def search(desk, **sent):
    return desk.client.post(f"{desk.base}/cases/", sent)


def test_every_state_shows_where_it_should(house, worker):
    who = ["Ada", "Bo", "Cecilie", "Dag"]
    ids = dict(zip(who, people.register(house, names=who, to=worker), strict=True))
    move(house, ids["Bo"], Verb.CLOSE)
    move(house, ids["Cecilie"], Verb.BLOCK)
    move(house, ids["Dag"], Verb.PROTECT)

    assert names(worker, house) == ["Ada Oppdikta", ""]
    assert names(worker, house, state="closed") == ["Bo Oppdikta"]
    assert names(worker, house, state="blocked") == ["Cecilie Oppdikta"]
    assert names(worker, house, everything=True) == ["Ada Oppdikta", "Bo Oppdikta", "Cecilie Oppdikta", ""]
    assert names(worker, house, text="dag") == []
    assert names(worker, house, text="oppdikta") == ["Ada Oppdikta"]


def test_list_says_the_state_of_an_open_case_too(desk, house, worker):
    people.register(house, names=["Ada"], to=worker)

    assert "<td>Open </td>" in " ".join(desk.get("/cases/").content.decode().split())


def test_protected_person_is_nameless_in_the_list_and_found_by_number_only(desk, house, worker):
    case = desk.register()
    move(house, case, Verb.PROTECT)

    assert "Ada" not in text(desk.get("/cases/"))
    assert case[:8] in text(desk.get("/cases/"))
    assert case not in search(desk, text="Ada", state="all").content.decode()
    assert case in search(desk, text=ADA).content.decode()


@pytest.mark.parametrize("written", [ADA, "018185 12321", "018185-12321"])
def test_number_is_found_however_it_is_written_and_whatever_the_state(desk, house, written):
    case = desk.register()
    move(house, case, Verb.CLOSE)

    assert case in search(desk, text=written).content.decode()


def test_number_of_a_case_that_is_not_granted_finds_nothing(desk, house):
    case = Desk(people.worker(house), house).register()

    answer = search(desk, text=ADA)

    assert case not in answer.content.decode()
    assert "Inga sak passar til søket" in text(answer)


def test_number_that_is_looked_up_is_not_shown_in_any_address(desk):
    """The search goes by POST: what is looked for stands in no address, so in no history and no server's log."""
    body = desk.get("/cases/").content.decode()

    assert re.search(r'<form method="post" class="search filter"', body)
    assert 'method="get"' not in body


def test_search_by_part_of_the_name_what_is_missing_and_drafts(desk, house, worker):
    ada, bo = people.register(house, names=["Ada", "Bo"], to=worker)
    desk.edit(ada, identity_number=ADA, household="PAR", skills_why="?unknown", areas_OKO="G")
    desk.edit(bo, action="draft")

    assert names(worker, house, text="  BO   opp ") == ["Bo Oppdikta"]
    assert names(worker, house, missing="household") == ["Bo Oppdikta"]
    assert names(worker, house, missing="any") == ["Bo Oppdikta"]
    assert names(worker, house, drafts=True) == ["Bo Oppdikta"]
    assert "utkast" in text(search(desk, drafts="on"))


@pytest.mark.parametrize("sent", [{"state": "nothing"}, {"missing": "gender"}, {"page": "x"}, {"text": "a" * 81}])
def test_search_that_is_none_is_explained(desk, sent):
    assert search(desk, **sent).status_code == 422


def test_long_list_is_paged_with_the_search_kept(desk, house, worker):
    people.register(house, names=[f"Ada {n:02d}" for n in range(30)] + ["Bo"], to=worker)

    first, second = search(desk, text="ada"), search(desk, text="ada", page="2")

    assert (text(first).count("Oppdikta"), text(second).count("Oppdikta")) == (25, 5)
    assert 'name="text" value="ada"' in first.content.decode()
    assert "Side 1 av 2" in text(first)
    assert "30 saker" in text(second)


def test_list_opens_lines_only(desk, house, worker, monkeypatch):
    people.register(house, names=["Ada"], to=worker)
    told = []
    real = case_lists.record_intent
    monkeypatch.setattr(case_lists, "record_intent", lambda *a, **k: told.append(k) or real(*a, **k))

    desk.get("/cases/")

    ((said),) = told
    with scope(house.pk, by="looker", purpose=Purpose.SAK):
        cases = set(Case.objects.values_list("id", flat=True))
    assert [c.label for c in said["compartments"]] == ["identity"]
    assert set(said["records"]) == cases  # bound to cases: no person's identity opens with this


def test_empty_list_says_what_to_do_next(desk):
    assert "Registrer ein person, last opp eit register" in text(desk.get("/cases/"))


def test_states_are_changed_with_a_reason_and_shown(desk):
    case = desk.register()
    path = f"{desk.base}/cases/{case}/state/close/"
    assert "kan ikkje endrast før ho er opna på nytt" in text(desk.client.get(path))
    refused = desk.client.post(path, {"revision": "1", "why": ""})
    assert refused.status_code == 422
    assert "Skriv kvifor" in text(refused)

    assert desk.client.post(path, {"revision": "1", "why": "Har fått bustad."}).status_code == 302

    shown = desk.case(case)
    assert "Avslutta: ute av arbeidslista" in shown
    assert "Endre opplysningar og kartlegging: Saka er avslutta: opne ho på nytt først." in shown
    assert "Kvifor: Har fått bustad." in shown


def test_move_that_someone_else_made_already_is_explained(desk, house):
    case = desk.register()
    move(house, case, Verb.CLOSE)

    answer = desk.client.get(f"{desk.base}/cases/{case}/state/close/", follow=True)

    assert "Statusen til saka tillèt ikkje det lenger." in text(answer)


def test_move_of_an_older_revision_changes_nothing(desk, house):
    case = desk.register()
    desk.edit(case, support="4")

    answer = desk.client.post(f"{desk.base}/cases/{case}/state/close/", {"revision": "1", "why": "Nei."}, follow=True)

    assert "Nokon annan endra saka i mellomtida" in text(answer)
    assert "Avslutta:" not in text(answer)


def test_only_the_leader_lifts_a_block_and_the_worker_is_told_so(desk, house):
    case = desk.register()
    move(house, case, Verb.BLOCK)
    assert "Opphev sperringa: Berre den lokale leiaren gjer dette." in desk.case(case)
    path = f"/cases/{case}/state/unblock/"
    assert desk.get(path).status_code == 403
    assert desk.client.post(f"{desk.base}{path}", {"revision": "2", "why": "Nei."}).status_code == 403

    leader = people.worker(house, Role.LOCAL_LEADER)
    people.grant(house, case, to=leader)
    Desk(leader, house).client.post(f"{desk.base}{path}", {"revision": "2", "why": "Avgjort."})

    assert "Sperra: teken vare på" not in desk.case(case)


def test_verb_that_is_none_is_not_here(desk):
    case = desk.register()

    assert desk.get(f"/cases/{case}/state/delete/").status_code == 404


@pytest.mark.parametrize("verb", ["close", "block"])
def test_form_of_a_case_that_must_not_change_leads_back_with_an_explanation(desk, house, verb):
    case = desk.register()
    move(house, case, Verb(verb))

    answer = desk.client.get(f"{desk.base}/cases/{case}/edit/", follow=True)

    assert "Ei avslutta eller sperra sak blir ikkje endra." in text(answer)


@pytest.mark.parametrize("path", ["edit/", "state/close/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_case_that_is_not_granted_is_not_here_for_any_change(desk, house, path, method):
    (case,) = people.register(house, names=["Ada"])

    answer = getattr(desk.client, method)(
        f"{desk.base}/cases/{case}/{path}", {"why": "x", "revision": "1", "action": "draft"}
    )

    assert answer.status_code == 404


def test_whoever_has_the_case_sees_who_has_looked_at_it_and_not_at_others(desk, house, worker):
    case, other = desk.register(), desk.register(identity_number="15929045618", given_name="Bo")
    colleague = people.user(name="Kollega Oppdikta")
    people.give_role(colleague, Role.CASE_WORKER, house)
    people.sign(colleague, house, on=TODAY)
    people.grant(house, case, other, to=colleague)
    before = text(desk.get(f"/cases/{other}/looks/")).count("Kollega")
    Desk(colleague, house).get(f"/cases/{case}/")

    shown = text(desk.get(f"/cases/{case}/looks/"))

    assert "Kollega Oppdikta opna ei sak" in shown
    assert text(desk.get(f"/cases/{other}/looks/")).count("Kollega") == before == 0


def test_looks_at_a_case_that_is_not_granted_are_not_here(desk, house):
    (case,) = people.register(house, names=["Ada"])

    assert desk.get(f"/cases/{case}/looks/").status_code == 404
