"""Naming the columns of a register in the page: asked once, remembered for the municipality, changed, forgotten."""

import re

import pytest

from buvett.access.roles import Role
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register.models import ColumnNames, HeldFile, ImportRun
from tests import people
from tests.integration.register.test_uploading import HEADER, NUMBERS, row
from tests.unit.buvett.pages.register.sent import fields
from tests.unit.buvett.pages.register.test_editing import Desk, text
from tests.unit.buvett.pages.register.test_uploads import apply, upload

OWN = HEADER.replace("Fødselsnummer", "Klient-ID").replace("Adressesperre", "Skjerma?").replace("Bustadtype", "Ynskje")


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def desk(house):
    return Desk(people.worker(house), house)


def file(*rows, header=OWN):
    return "\n".join([header, *rows]).encode()


def asked(desk, content):
    """The address of the question that the file leads to."""
    answer = upload(desk, content)
    assert answer.status_code == 302, text(answer)
    question = desk.client.get(answer["Location"])
    assert question.status_code == 302, text(question)
    return question["Location"]


def place_of(answer, heading):
    """The choice with that heading."""
    return re.search(rf'<option value="(\d+)"[^>]*>{re.escape(heading)} \(', answer.content.decode())[1]


def count(house, model, **only):
    with scope(house.pk, by="looker", purpose=Purpose.SAK):
        return model.objects.filter(**only).count()


def say(desk, path, **headings):
    """Send the form as it is shown, with other columns for some fields."""
    shown = desk.client.get(path)
    chosen = {f"column_{fact}": place_of(shown, heading) if heading else "" for fact, heading in headings.items()}
    return desk.client.post(path, {**fields(shown, "column_situation"), **chosen})


def test_unknown_heading_is_asked_about_with_what_is_missing_and_what_is_there(desk, house):
    path = asked(desk, file(row("Ada", NUMBERS[0])))

    shown = desk.client.get(path)

    assert "Inga overskrift i ho er kjend som: Fødselsnummer, Bustadtype, Adressesperre." in text(shown)
    assert "Klient-ID" in text(shown)
    form = fields(shown, "column_situation")
    assert form["column_identity_number"] == [place_of(shown, "Klient-ID")]  # its values are told from any other
    assert form["column_dwelling"] == [place_of(shown, "Ynskje")]
    assert form["column_address_protected"] == [""]  # yes and no may mean anything
    assert "(11 siffer)" in text(shown)
    assert (count(house, ImportRun, state="unread"), count(house, HeldFile)) == (1, 1)


def test_no_value_of_the_file_is_in_the_question(desk):
    shown = desk.client.get(asked(desk, file(row("Ada", NUMBERS[0], note="Hemmeleg."))))

    assert [word for word in ("Ada", "Oppdikta", NUMBERS[0], "1980", "Hemmeleg") if word in text(shown)] == []


def test_named_columns_are_read_remembered_and_not_asked_about_again(desk, house):
    answer = say(desk, asked(desk, file(row("Ada", NUMBERS[0]))), address_protected="Skjerma?")

    assert answer.status_code == 302, text(answer)
    assert "Ny person: 1" in text(desk.client.get(answer["Location"]))
    apply(desk, answer["Location"])
    colleague = Desk(people.worker(house), house)
    again = upload(colleague, file(row("Bo", NUMBERS[1]), row("Eva", NUMBERS[2], protected="Ja")))
    shown = text(colleague.client.get(again["Location"]))
    assert "Ny person: 2" in shown
    assert "Eva" not in shown  # the protected one has no name: the named column is read as what it is
    assert count(house, ColumnNames) == 1


def test_names_are_the_own_municipality_s_only(desk, neighbour):
    say(desk, asked(desk, file(row("Ada", NUMBERS[0]))), address_protected="Skjerma?")
    people.adopt_heimel(neighbour)
    other = Desk(people.worker(neighbour), neighbour)

    assert asked(other, file(row("Bo", NUMBERS[1])))
    assert "Ingen namn er hugsa" in text(other.get("/uploads/columns/"))


def test_choice_that_is_lacking_or_made_twice_is_explained(desk, house):
    path = asked(desk, file(row("Ada", NUMBERS[0])))

    lacking = say(desk, path)
    twice = say(desk, path, address_protected="Motsegn")

    assert (lacking.status_code, twice.status_code) == (422, 422)
    assert "Adressesperre: Vel kolonnen." in text(lacking)
    assert text(twice).count("Denne kolonnen er vald to gonger.") >= 2
    assert (count(house, ImportRun, state="staged"), count(house, ColumnNames)) == (0, 0)


def test_columns_that_are_called_the_same_cannot_be_told_apart(desk):
    header = OWN.replace("Merknad", "skjerma ?")
    path = asked(desk, file(row("Ada", NUMBERS[0], note="Nei"), header=header))

    answer = say(desk, path, address_protected="Skjerma?")

    assert answer.status_code == 422
    assert "To kolonnar i fila har denne overskrifta." in text(answer)


def test_column_of_a_read_file_is_changed_before_it_is_applied(desk):
    header = HEADER.replace("Merknad", "Gamalt namn")
    path = upload(desk, file(row("Ada", NUMBERS[0], note="Strand"), header=header))["Location"]
    assert "har ikkje noko kjent namn" in text(desk.client.get(path))

    answer = say(desk, f"{path}columns/", address="Gamalt namn")

    again = text(desk.client.get(answer["Location"]))
    assert "Ny person: 1" in again
    assert "har ikkje noko kjent namn" not in again
    assert desk.client.get(path).status_code == 404  # the run before is gone


def test_known_heading_may_mean_something_else_here(desk):
    header = HEADER.replace("Merknad", "Adresse")
    path = upload(desk, file(row("Ada", NUMBERS[0], note="Ikkje ei adresse."), header=header))["Location"]

    say(desk, f"{path}columns/", address="", text="Adresse")
    apply(desk, upload(desk, file(row("Ada", NUMBERS[0], note="Ikkje ei adresse."), header=header))["Location"])

    case = re.search(r"/cases/([0-9a-f-]{36})/", desk.get("/cases/").content.decode())[1]
    assert "Merknad Ikkje ei adresse." in desk.case(case)


def test_forgotten_name_is_asked_about_anew(desk):
    say(desk, asked(desk, file(row("Ada", NUMBERS[0]))), address_protected="Skjerma?")
    listed = text(desk.get("/uploads/columns/"))
    assert "«Skjerma?» blir lese som Adressesperre" in listed

    desk.client.post(f"{desk.base}/uploads/columns/", {"heading": "Skjerma?"})

    shown = desk.client.get(asked(desk, file(row("Ada", NUMBERS[0]))))
    assert "Inga overskrift i ho er kjend som: Adressesperre." in text(shown)
    assert "Klient-ID" in text(desk.get("/uploads/columns/"))


def test_file_of_which_no_heading_is_known_is_asked_about(desk):
    header = ";".join("ABCDEFGHIJKL")
    path = asked(desk, file(row("Ada", NUMBERS[0], note="Ei lang merknad med fleire ord."), header=header))

    form = fields(desk.client.get(path), "column_situation")

    assert form["column_identity_number"] == ["2"]
    assert say(desk, path, address_protected="J", objected="K").status_code == 302


@pytest.mark.parametrize("header", ["", row("Eva", NUMBERS[3])])
def test_file_without_headings_is_refused_and_no_row_is_taken_for_them(desk, house, header):
    answer = upload(desk, file(row("Ada", NUMBERS[0]), row("Bo", NUMBERS[1]), header=header))

    assert answer.status_code == 422
    assert "Inga rad gir namn til kolonnane i eit register." in text(answer)
    assert count(house, ImportRun) == 0


def test_unread_file_is_thrown_away_with_what_opens_it(desk, house):
    path = asked(desk, file(row("Ada", NUMBERS[0])))

    answer = desk.client.post(path.replace("columns/", ""), {"action": "discard"}, follow=True)

    assert "Fila er kasta." in text(answer)
    assert (desk.client.get(path).status_code, count(house, HeldFile)) == (404, 0)


def test_applied_file_is_held_no_longer(desk, house):
    path = upload(desk, file(row("Ada", NUMBERS[0]), header=HEADER))["Location"]
    assert count(house, HeldFile) == 1

    apply(desk, path)

    assert count(house, HeldFile) == 0
    assert desk.client.get(f"{path}columns/").status_code == 404


def test_file_of_a_colleague_and_of_another_municipality_is_not_here(desk, house, neighbour):
    people.adopt_heimel(neighbour)
    path = asked(desk, file(row("Ada", NUMBERS[0])))
    run = path.split("/")[-3]
    other = Desk(people.worker(neighbour), neighbour)

    assert Desk(people.worker(house), house).client.get(path).status_code == 404
    assert Desk(people.worker(house), house).client.post(path, {}).status_code == 404
    assert other.get(f"/uploads/{run}/columns/").status_code == 404


@pytest.mark.parametrize("role", [Role.USER_REPRESENTATIVE, Role.DATA_PROTECTION_OFFICER, Role.CHIEF_EXECUTIVE])
def test_whoever_may_not_upload_names_no_columns(house, role):
    desk = Desk(people.worker(house, role), house)

    assert desk.get("/uploads/columns/").status_code == 403
    assert desk.client.post(f"{desk.base}/uploads/columns/", {"heading": "x"}).status_code == 403


@pytest.mark.parametrize(("language", "told"), [("nb", "Hva er hva"), ("en", "Which column is which")])
def test_question_is_asked_in_the_language_of_the_page(desk, language, told):
    path = asked(desk, file(row("Ada", NUMBERS[0])))
    desk.client.get(f"/language/{language}/")

    assert told in text(desk.client.get(path))
