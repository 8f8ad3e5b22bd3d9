"""The pages of who has the cases: what they say, what they refuse, what they never show."""

from uuid import UUID, uuid4

import pytest

from buvett.access.roles import Role
from buvett.accounts.models import User
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register.models import Case, Person
from tenants.vault import salts
from tests import people
from tests.unit.buvett.pages.register.sent import fields


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def leader(house):
    return people.worker(house, Role.LOCAL_LEADER)


@pytest.fixture
def client(leader):
    return people.browser(leader)


@pytest.fixture
def ada(house):
    return named(people.worker(house), "Ada Arbeidar")


@pytest.fixture
def bo(house):
    return named(people.worker(house, signed=False), "Bo Arbeidar")


@pytest.fixture
def base(house):
    return f"/municipality/{house.code}/access/"


def named(user, name):
    User.objects.filter(pk=user.pk).update(name=name)
    user.name = name
    return user


def left(house):
    person = people.user(name="Cecilie Slutta")
    people.give_role(person, Role.CASE_WORKER, house, valid_to=people.days_ago(1))
    return person


def text(answer):
    return answer.content.decode()


def send(client, path, receiver, **changed):
    """What the form on the page sends."""
    found = fields(client.get(path), "expected")
    return client.post(path, {**found, "which": "all", "to": str(receiver.pk), **changed})


def test_overview_says_who_has_how_many_and_what_nobody_has(house, client, ada, bo, base):
    people.register(house, names=["Ein", "To"], to=ada)
    people.register(house, names=["Tre"], to=left(house))

    said = text(client.get(base))

    assert "Ingen har 1 sak" in said
    assert "Ada Arbeidar" in said
    assert "er her ikkje lenger" in said
    assert "3 saker i alt" in said
    assert "(deg)" in said


def test_overview_without_a_case_left_lying_says_so(house, client, ada, base):
    assert "Kvar sak er hos nokon" not in text(client.get(base))
    people.register(house, names=["Ein"], to=ada)

    assert "Kvar sak er hos nokon" in text(client.get(base))


@pytest.mark.parametrize("path", ["", "{user}/", "nobody/", "case/{case}/"])
def test_no_page_names_anyone_who_is_registered(house, client, ada, base, path):
    (case,) = people.register(house, names=["Hemmeleg"], to=ada)
    people.register(house, names=["Hemmeleg"], to=left(house))

    said = text(client.get(base + path.format(user=ada.pk, case=case)))

    assert "Hemmeleg" not in said
    assert "Oppdikta" not in said


def test_case_is_found_by_its_reference(house, client, ada, base):
    (case,) = people.register(house, names=["Ein"], to=ada)

    assert client.get(base, {"case": str(case)[:8]})["Location"] == f"{base}case/{case}/"
    for wrong in ("00000000", "ada", str(uuid4()), "'"):
        answer = client.get(base, {"case": wrong})
        assert answer.status_code == 422
        assert "Inga sak her har den referansen" in text(answer)


def test_two_cases_that_begin_alike_are_asked_for_with_more(house, client, ada, base):
    (case,) = people.register(house, names=["Ein"], to=ada)
    alike = UUID(str(case)[:8] + str(uuid4())[8:])
    with scope(house.pk, by="test", purpose=Purpose.SAK):
        month = people.days_ago(0).replace(day=1)
        person = Person.objects.create(municipality_id=house.pk, identity=b"", created_month=month)
        empty = dict.fromkeys(("assessment", "notes", "line"), b"")
        Case.objects.create(municipality_id=house.pk, id=alike, person=person, changed_month=month, **empty)
        salts.create(alike)

    answer = client.get(base, {"case": str(case)[:8]})

    assert answer.status_code == 422
    assert "Meir enn éi sak byrjar slik" in text(answer)
    assert client.get(base, {"case": str(case)})["Location"] == f"{base}case/{case}/"


def test_all_cases_are_handed_on(house, client, ada, bo, base):
    people.register(house, names=["Ein", "To"], to=ada)

    answer = send(client, f"{base}{ada.pk}/", bo)

    assert (answer.status_code, answer["Location"]) == (302, base)
    assert "Bo Arbeidar har fått 2 saker til." in text(client.get(base))
    assert "inga sak" in text(client.get(f"{base}{ada.pk}/")).lower()


def test_only_the_ticked_are_handed_on(house, client, ada, bo, base):
    first, second = people.register(house, names=["Ein", "To"], to=ada)

    send(client, f"{base}{ada.pk}/", bo, which="chosen", case=[str(first)])

    assert str(first) in text(client.get(f"{base}{bo.pk}/"))
    assert str(second) in text(client.get(f"{base}{ada.pk}/"))
    assert str(first) not in text(client.get(f"{base}{ada.pk}/"))


def test_keeping_needs_its_tick(house, client, ada, bo, base):
    (case,) = people.register(house, names=["Ein"], to=ada)

    send(client, f"{base}{ada.pk}/", bo, keeping="on")

    for person in (ada, bo):
        assert str(case) in text(client.get(f"{base}{person.pk}/"))


def test_colleague_without_a_declaration_is_marked_in_the_choice(house, client, ada, bo, base):
    people.register(house, names=["Ein"], to=ada)

    said = text(client.get(f"{base}{ada.pk}/"))

    assert "Bo Arbeidar – sakshandsamar, har ikkje signert erklæringa" in said
    assert "deg sjølv" in said
    assert f'value="{ada.pk}"' not in said


def test_nobodys_cases_are_handed_on_and_lie_no_more(house, client, ada, base):
    people.register(house, names=["Ein"], to=left(house))
    assert "Cecilie Slutta" in text(client.get(f"{base}nobody/"))

    send(client, f"{base}nobody/", ada)

    assert "Ingenting ligg att" in text(client.get(f"{base}nobody/"))
    assert "Cecilie Slutta" not in text(client.get(base))


def test_list_that_changed_meanwhile_is_shown_anew(house, client, ada, bo, base):
    people.register(house, names=["Ein"], to=ada)
    path = f"{base}{ada.pk}/"
    old = fields(client.get(path), "expected")
    (new,) = people.register(house, names=["To"], to=ada)

    answer = client.post(path, {**old, "which": "all", "to": str(bo.pk)})

    assert answer.status_code == 409
    assert "Lista er endra sidan du opna ho" in text(answer)
    assert str(new) in text(answer)
    assert fields(answer, "expected") != old
    assert "inga sak" in text(client.get(f"{base}{bo.pk}/")).lower()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"to": ""}, "Til kven"),
        ({"to": "nobody"}, "Til kven"),
        ({"to": str(uuid4())}, "Den personen arbeider ikkje med saker her"),
        ({"which": "chosen"}, "Kryss av minst éi sak"),
        ({"which": "both"}, "Kva saker"),
    ],
)
def test_what_cannot_be_done_is_explained_and_nothing_is_done(house, client, ada, base, changed, says):
    (case,) = people.register(house, names=["Ein"], to=ada)

    answer = send(client, f"{base}{ada.pk}/", ada, **changed)

    assert answer.status_code == 422
    assert says in text(answer)
    assert str(case) in text(answer)


def test_ticks_that_are_no_cases_are_a_list_that_changed(house, client, ada, bo, base):
    people.register(house, names=["Ein"], to=ada)

    for wrong in ("x", str(uuid4())):
        assert send(client, f"{base}{ada.pk}/", bo, which="chosen", case=[wrong]).status_code == 409


def test_ticks_stay_where_something_else_was_wrong(house, client, ada, base):
    (case,) = people.register(house, names=["Ein"], to=ada)

    answer = send(client, f"{base}{ada.pk}/", ada, which="chosen", case=[str(case)], to="")

    assert f'value="{case}" checked' in text(answer)


def test_one_case_is_given_and_taken_back(house, client, ada, bo, base):
    (case,) = people.register(house, names=["Ein"], to=ada)
    path = f"{base}case/{case}/"

    assert client.post(path, {"verb": "give", "person": str(bo.pk)})["Location"] == path
    assert "Bo Arbeidar har saka." in text(client.get(path))
    client.post(path, {"verb": "take", "person": str(ada.pk)})
    assert "Ada Arbeidar har ikkje saka lenger." in text(client.get(path))

    answer = client.post(path, {"verb": "take", "person": str(bo.pk)})
    assert answer.status_code == 422
    assert "Gje ho til ein annan først" in text(answer)


def test_case_with_nobody_says_so_and_who_had_it(house, client, base):
    (case,) = people.register(house, names=["Ein"], to=left(house))

    said = text(client.get(f"{base}case/{case}/"))

    assert "Ingen har denne saka" in said
    assert "Cecilie Slutta" in said


@pytest.mark.parametrize("sent", [{}, {"verb": "steal"}, {"verb": "give"}, {"verb": "give", "person": "x"}])
def test_what_is_no_answer_of_the_page_is_not_found(house, client, ada, base, sent):
    (case,) = people.register(house, names=["Ein"], to=ada)

    assert client.post(f"{base}case/{case}/", sent).status_code == 404


def test_leader_opens_a_case_they_gave_themself(house, client, leader, ada, base):
    (case,) = people.register(house, names=["Ein"], to=ada)
    own = f"/municipality/{house.code}/cases/{case}/"
    assert client.get(own).status_code == 404

    client.post(f"{base}case/{case}/", {"verb": "give", "person": str(leader.pk)})

    assert own in text(client.get(f"{base}case/{case}/"))
    said = text(client.get(own))
    assert f"{base}case/{case}/" in said
    assert str(case)[:8] in said


def test_case_worker_sees_the_reference_and_no_way_to_give(house, ada, base):
    (case,) = people.register(house, names=["Ein"], to=ada)

    said = text(people.browser(ada).get(f"/municipality/{house.code}/cases/{case}/"))

    assert str(case)[:8] in said
    assert base not in said


def test_long_list_is_turned_page_by_page(house, client, ada, base):
    cases = people.register(house, names=[f"N{number}" for number in range(26)], to=ada)

    first, second = (text(client.get(f"{base}{ada.pk}/", {"page": number})) for number in (1, 2))

    assert sum(f"case/{case}/" in first for case in cases) == 25
    assert sum(f"case/{case}/" in second for case in cases) == 1
    assert "Kryss gjeld berre på denne sida" in first


def test_leader_alone_is_told_to_invite_someone(house, client, leader, base):
    people.register(house, names=["Ein"], to=leader)

    said = text(client.get(f"{base}{leader.pk}/"))

    assert "Det finst ingen kollega" in said
    assert 'name="to"' not in said


@pytest.mark.parametrize("path", ["{user}/", "case/{case}/"])
def test_what_never_was_is_not_found(house, client, base, path):
    assert client.get(base + path.format(user=uuid4(), case=uuid4())).status_code == 404


def test_people_page_and_person_page_lead_here(house, client, ada, base):
    assert base in text(client.get(f"/municipality/{house.code}/people/"))
    page = client.get(f"/municipality/{house.code}/people/{ada.memberships.get().pk}/")

    assert f"{base}{ada.pk}/" in text(page)
