"""Register, correct, draft, meet a colleague's change: as a browser does it, on the real database."""

import re

import pytest

from buvett.access.roles import Role
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register.models import Case, Draft, LookUp
from tests import people
from tests.unit.buvett.pages.register.sent import fields, send

ADA, BO = "01818512321", "15929045618"  # synthetic numbers of the domain brief


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def worker(house):
    return people.worker(house)


class Desk:
    """One person's browser in one municipality."""

    def __init__(self, user, house):
        self.client, self.base = people.browser(user), f"/municipality/{house.code}"

    def get(self, path):
        return self.client.get(f"{self.base}{path}")

    def new(self, **changed):
        return self.fill("/cases/new/", **changed)

    def fill(self, path, **changed):
        form = fields(self.get(path), "given_name")
        return self.send(path, form, **{"action": "save"} | changed)

    def send(self, path, form, **changed):
        return send(self.client, f"{self.base}{path}", form, **changed)

    def register(self, **changed):
        answer = self.new(**{"given_name": "Ada", "family_name": "Oppdikta", "identity_number": ADA} | changed)
        assert answer.status_code == 302, text(answer)
        return re.search(r"/cases/([0-9a-f-]{36})/", answer["Location"])[1]

    def edit(self, case, **changed):
        return self.fill(f"/cases/{case}/edit/", **changed)

    def case(self, case):
        return text(self.get(f"/cases/{case}/"))


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def rows_of(house, model, **only):
    with scope(house.pk, by="looker", purpose=Purpose.SAK):
        return model.objects.filter(**only).count()


@pytest.fixture
def desk(worker, house):
    return Desk(worker, house)


def test_person_is_registered_with_what_is_known_and_the_rest_says_not_asked(desk):
    case = desk.register(
        birth_year="1985", situation="UTE", groups=["RUS", "PSYK"], areas_BU="R", children_why="?declined"
    )

    shown = desk.case(case)
    for fact in (
        "Ada Oppdikta",
        "Fødselsår 1985",
        "Busituasjon Ute / utan stad å sove",
        "Rusmiddelvanskar, Psykisk liding",
        "R – Raud",
        "Barn under 18 ville ikkje svare",
        "Bistandsnivå ikkje spurt",
    ):
        assert fact in shown, fact


def test_every_fact_can_be_answered_and_comes_back(desk):
    answers = {
        "birth_year": "1985",
        "household": "BARN_E",
        "children": "2",
        "situation": "MELL_VEN",
        "groups": ["RUS", "UNG"],
        "support": "4",
        "dwelling": "EINMANN",
        "skills": ["ORDEN", "NETTVERK"],
        **{
            f"areas_{area}": level
            for area, level in zip(["BU", "AKT", "OKO", "FYS", "PSY", "RUSB", "SOS", "NET"], "GYRGYRGY", strict=True)
        },
        "phone": "00000000",
        "address": "Ingen veg 1",
        "text": "Linje éin.\nLinje to.",
    }
    case = desk.register(**answers)

    form = fields(desk.get(f"/cases/{case}/edit/"), "given_name")

    assert {
        name: form[name] if isinstance(value, list) else form[name][0].replace("\r\n", "\n")
        for name, value in answers.items()
    } == answers


@pytest.mark.parametrize("why", ["?not_asked", "?unknown", "?declined"])
def test_kinds_of_no_answer_stay_apart(desk, why):
    names = [
        "birth_year_why",
        "household",
        "children_why",
        "situation",
        "groups_why",
        "support",
        "dwelling",
        "skills_why",
        "areas_NET",
    ]
    case = desk.register(**dict.fromkeys(names, why))

    form = fields(desk.get(f"/cases/{case}/edit/"), "given_name")

    assert {form[name][0] for name in names} == {why}


def test_none_of_the_skills_is_an_answer(desk):
    case = desk.register(skills_why="?none")

    assert "Buevne ingen av desse" in desk.case(case)
    assert fields(desk.get(f"/cases/{case}/edit/"), "given_name")["skills_why"] == ["?none"]


def test_person_without_a_number_needs_a_reason_which_is_kept(desk):
    refused = desk.new(given_name="Ada")
    assert refused.status_code == 422
    assert "Skriv dei elleve siffera" in text(refused)

    case = desk.register(identity_number="", no_number="IKKJE_FAATT")

    assert "Kvifor utan fødselsnummer Har ikkje fått nummer enno" in desk.case(case)


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"given_name": "", "family_name": ""}, "given_name", "Skriv minst eitt namn"),
        ({"identity_number": "01818512320"}, "identity_number", "ikkje noko gyldig fødselsnummer"),
        ({"identity_number": "17054026641"}, "identity_number", "Dette nummeret kan tilhøyre ein verkeleg person"),
        ({"no_number": "ANNA"}, "no_number", "Det står eit nummer ovanfor"),
        ({"birth_year": "85"}, "birth_year", "fire siffer, frå 1900"),
        ({"birth_year": "3026"}, "birth_year", "fire siffer, frå 1900"),
        ({"birth_year": "１９８５"}, "birth_year", "fire siffer, frå 1900"),
        ({"children": "-1"}, "children", "heilt tal frå 0 til 20"),
        ({"children": "2", "children_why": "?declined"}, "children_why", "Det står eit svar ovanfor"),
        ({"groups": ["RUS"], "groups_why": "?unknown"}, "groups_why", "Det står eit svar ovanfor"),
        ({"support": "7"}, "support", "7"),
        ({"given_name": "a" * 81}, "given_name", "80"),
    ],
)
def test_what_is_wrong_is_said_in_the_summary_and_at_the_field_and_nothing_is_lost(desk, house, changed, field, told):
    filled = {"given_name": "Ada", "identity_number": ADA, "text": "Blir ståande.", **changed}

    answer = desk.new(**filled)

    body = answer.content.decode()
    assert answer.status_code == 422
    summary = body[body.index("<ds-error-summary") : body.index("</ds-error-summary>")]
    assert f'href="#id_{field}"' in summary
    assert told in summary
    assert f'id="id_{field}_error"' in body
    assert fields(answer, "given_name")["text"] == ["Blir ståande."]
    assert rows_of(house, Case) == 0


def test_same_number_is_told_with_a_way_to_the_own_case(desk):
    case = desk.register()

    answer = desk.new(given_name="Ada igjen", identity_number=ADA)

    assert answer.status_code == 422
    assert "kan vere registrert frå før" in text(answer)
    assert f"/cases/{case}/" in answer.content.decode()


def test_number_of_a_case_that_is_not_granted_is_told_without_a_way_to_it(house, desk):
    other = Desk(people.worker(house), house)
    case = other.register()

    answer = desk.new(given_name="Eva", identity_number=ADA)

    assert "i ei sak som du ikkje har fått" in text(answer)
    assert case not in answer.content.decode()
    assert "Oppdikta" not in text(answer)


def test_name_and_year_alike_are_asked_about_and_registered_when_confirmed(desk):
    desk.register(birth_year="1985")
    alike = {"given_name": "ADA", "family_name": "oppdikta", "identity_number": BO, "birth_year": "1985"}

    asked = desk.new(**alike)
    assert asked.status_code == 422
    assert "kan vere registrert frå før" in text(asked)

    assert desk.send("/cases/new/", fields(asked, "given_name"), action="save", confirmed="yes").status_code == 302


def test_confirming_does_not_register_the_same_number_twice(desk, house):
    desk.register()
    asked = desk.new(given_name="Ada", identity_number=ADA)

    answer = desk.send("/cases/new/", fields(asked, "given_name"), action="save", confirmed="yes")

    assert answer.status_code == 422
    assert rows_of(house, Case) == 1


def test_same_person_next_door_is_no_warning(desk, neighbour):
    people.adopt_heimel(neighbour)
    Desk(people.worker(neighbour), neighbour).register(birth_year="1985")

    assert desk.new(given_name="Ada", family_name="Oppdikta", identity_number=ADA, birth_year="1985").status_code == 302


def test_look_ups_are_throttled_with_an_explanation(desk, house, worker, monkeypatch):
    monkeypatch.setattr("tenants.register.looking_up.LOOK_UPS", 1)
    desk.new(given_name="Eva", identity_number="12345678901")  # refused before anything is looked up
    assert rows_of(house, LookUp) == 0
    desk.client.post(f"{desk.base}/cases/", {"text": BO})

    answer = desk.new(given_name="Ada", identity_number=ADA)

    assert answer.status_code == 422
    assert "Vent ein time" in text(answer)
    searched = desk.client.post(f"{desk.base}/cases/", {"text": BO})
    assert searched.status_code == 422
    assert "Vent ein time" in text(searched)


def test_correction_is_shown_with_who_and_why_and_what(desk, worker):
    case = desk.register(support="1")

    assert desk.edit(case, support="4", why="Ny vurdering.").status_code == 302

    shown = desk.case(case)
    assert "Endra" in shown
    assert worker.name in shown
    assert "Kvifor: Ny vurdering." in shown
    assert "Bistandsnivå: Råd og rettleiing → Dagleg oppfølging" in shown


def test_saving_what_is_shown_changes_nothing(desk, house):
    case = desk.register(birth_year="1985", skills_why="?unknown")

    desk.edit(case)

    assert rows_of(house, Case, revision=1) == 1


def test_imported_case_is_saved_unchanged_when_nothing_is_changed(desk, house, worker):
    (case,) = people.register(house, names=["Ada"], to=worker)
    form = fields(desk.get(f"/cases/{case}/edit/"), "given_name")

    # The tests' own people have numbers that are none; a correct one takes its place.
    desk.send(f"/cases/{case}/edit/", form, action="save", identity_number=ADA)

    assert "Fødselsnummer" in desk.case(case)
    assert "Hushald:" not in desk.case(case)


def test_draft_is_kept_with_its_errors_shown_again_and_thrown_away(desk, house):
    kept = desk.new(given_name="Ada", birth_year="nei", groups=["RUS", "UNG"], areas_BU="R", action="draft")
    assert kept.status_code == 302

    answer = desk.get("/cases/new/")
    form = fields(answer, "given_name")
    assert "Dette er utkastet ditt" in text(answer)
    assert (form["given_name"], form["birth_year"], form["groups"], form["areas_BU"]) == (
        ["Ada"],
        ["nei"],
        ["RUS", "UNG"],
        ["R"],
    )
    assert "Hald fram med utkastet" in text(desk.get("/cases/"))

    desk.new(action="drop")
    assert fields(desk.get("/cases/new/"), "given_name")["given_name"] == [""]
    assert rows_of(house, Draft) == 0


def test_draft_about_a_case_is_the_writers_alone_and_gone_when_saved(desk, house):
    case = desk.register(support="1")
    colleague = people.worker(house)
    people.grant(house, case, to=colleague)

    desk.edit(case, support="4", action="draft")

    assert fields(Desk(colleague, house).get(f"/cases/{case}/edit/"), "given_name")["support"] == ["1"]
    assert fields(desk.get(f"/cases/{case}/edit/"), "given_name")["support"] == ["4"]
    assert "Du har eit utkast om denne saka" in desk.case(case)
    desk.edit(case)
    assert "Dagleg oppfølging" in desk.case(case)
    assert rows_of(house, Draft) == 0


def both_open(desk, house, **first):
    """A case that the worker and a colleague have opened; gives case, the worker's form, the colleague's desk."""
    case = desk.register(**first)
    colleague = people.worker(house)
    people.grant(house, case, to=colleague)
    return case, fields(desk.get(f"/cases/{case}/edit/"), "given_name"), Desk(colleague, house)


def test_change_of_a_colleague_meanwhile_is_told_and_both_are_kept(desk, house):
    case, mine, colleague = both_open(desk, house, support="1", phone="11111111")
    colleague.edit(case, phone="22222222", household="PAR")

    answer = desk.send(f"/cases/{case}/edit/", mine, action="save", support="4")

    assert answer.status_code == 409
    assert "Nokon annan har endra saka i mellomtida" in text(answer)
    assert "Telefon: 11111111 → 22222222" in text(answer)
    form = fields(answer, "given_name")
    assert (form["support"], form["phone"], form["household"]) == (["4"], ["22222222"], ["PAR"])
    assert desk.send(f"/cases/{case}/edit/", form, action="save").status_code == 302
    shown = desk.case(case)
    assert "Telefon 22222222" in shown
    assert "Bistandsnivå Dagleg oppfølging" in shown


def test_where_both_changed_the_same_fact_the_own_is_kept_and_theirs_is_told(desk, house):
    case, mine, colleague = both_open(desk, house, support="1", groups=["RUS"])
    colleague.edit(case, support="2", groups=["UNG"])

    answer = desk.send(f"/cases/{case}/edit/", mine, action="save", support="4", groups=["RUS", "PSYK"])

    form = fields(answer, "given_name")
    assert (form["support"], form["groups"]) == (["4"], ["RUS", "PSYK"])
    assert "Råd og rettleiing → Praktisk bistand" in text(answer)


def test_draft_that_was_overtaken_is_told_when_it_is_opened(desk, house):
    case, _, colleague = both_open(desk, house, support="1", phone="11111111")
    desk.edit(case, support="4", action="draft")
    colleague.edit(case, phone="22222222")

    answer = desk.get(f"/cases/{case}/edit/")

    assert answer.status_code == 200
    assert "Nokon annan har endra saka i mellomtida" in text(answer)
    form = fields(answer, "given_name")
    assert (form["support"], form["phone"], form["revision"]) == (["4"], ["22222222"], ["2"])


@pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999999999999"])
def test_revision_that_is_none_is_not_the_newest(desk, revision):
    case = desk.register(support="1")

    assert desk.edit(case, support="4", revision=revision).status_code == 409
    assert "Dagleg oppfølging" not in desk.case(case)


def test_texts_that_do_not_fit_together_are_refused_with_an_explanation(desk):
    answer = desk.new(given_name="æ" * 80, family_name="ø" * 80, address="å" * 150, phone="å" * 30, identity_number=ADA)

    assert answer.status_code in (302, 422)  # room for these, or an explanation; never an error
    assert answer.status_code == 302 or "for lange til saman" in text(answer)


@pytest.mark.parametrize("role", [Role.USER_REPRESENTATIVE, Role.CHIEF_EXECUTIVE, Role.DATA_PROTECTION_OFFICER])
def test_whoever_sees_figures_only_registers_nobody(house, role):
    desk = Desk(people.worker(house, role), house)

    assert desk.get("/cases/new/").status_code == 403
    assert desk.client.post(f"{desk.base}/cases/new/", {"given_name": "Ada", "action": "save"}).status_code == 403
    assert rows_of(house, Case) == 0
