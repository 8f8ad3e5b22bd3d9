"""Upload in the page: read, shown, mended, taken out, applied, undone; and whoever must not, cannot."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from buvett.access.roles import Role
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.register.models import Case, ImportRun
from tenants.vault.compartments import KIB, Compartment
from tests import people
from tests.integration.register.test_uploading import HEADER, NUMBERS, file, row
from tests.unit.buvett.pages.register.sent import fields
from tests.unit.buvett.pages.register.test_editing import Desk, text


@pytest.fixture
def house(municipality):
    people.adopt_heimel(municipality)
    return municipality


@pytest.fixture
def desk(house):
    return Desk(people.worker(house), house)


def upload(desk, content, name="register.csv"):
    return desk.client.post(f"{desk.base}/uploads/", {"file": SimpleUploadedFile(name, content)})


def staged(desk, content):
    answer = upload(desk, content)
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def apply(desk, path):
    form = fields(desk.client.get(path), "fingerprint")
    return desk.client.post(path, {**form, "action": "apply"}, follow=True)


def cases(house):
    with scope(house.pk, by="looker", purpose=Purpose.SAK):
        return Case.objects.count()


def test_file_is_read_shown_and_applied(desk, house):
    path = staged(desk, file(row("Ada", NUMBERS[0]), row("Bo", NUMBERS[1])))
    shown = text(desk.client.get(path))
    assert "Ingenting er endra enno." in shown
    assert "Ny person: 2" in shown
    assert cases(house) == 0

    answer = apply(desk, path)

    assert "2 nye personar. 0 saker endra." in text(answer)
    assert "Ada Oppdikta" in text(desk.get("/cases/"))


def test_changed_facts_are_named_before_they_are_changed(desk):
    apply(desk, staged(desk, file(row("Ada", NUMBERS[0]))))

    shown = text(desk.client.get(staged(desk, file(row("Eva", NUMBERS[0], support="Dagleg oppfølging")))))

    assert "Endra opplysningar: 1" in shown
    assert "Førenamn, Bistandsnivå" in shown


def test_refused_row_is_mended_in_the_page(desk):
    path = staged(desk, file(row("Ada", "12345678901"), row("Bo", NUMBERS[1])))
    shown = desk.client.get(path)
    assert "Fødselsnummer : Dette er ikkje noko gyldig fødselsnummer." in text(shown)
    mend = f"{path}rows/0/"
    form = fields(desk.client.get(mend), "cell-Fødselsnummer")

    still = desk.client.post(mend, {**form, "cell-Fødselsnummer": "12345678902"})
    assert still.status_code == 422
    assert fields(still, "cell-Fødselsnummer")["cell-Fødselsnummer"] == ["12345678902"]
    assert desk.client.post(mend, {**form, "cell-Fødselsnummer": NUMBERS[0]}).status_code == 302

    assert "Ny person: 2" in text(desk.client.get(path))


def test_refused_rows_are_taken_out_as_a_file_that_comes_back(desk):
    path = staged(desk, file(row("=1+1", "12345678901"), row("Bo", NUMBERS[1])))

    answer = desk.client.post(f"{path}refused/")

    assert (answer["Cache-Control"], answer.status_code) == ("no-store", 200)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 2
    assert sheet["A2"].data_type == "s"
    assert "Fødselsnummer: Dette er ikkje noko gyldig" in sheet.cell(2, sheet.max_column).value
    apply(desk, path)
    again = staged(desk, answer.content)
    assert "Avvist: 1" in text(desk.client.get(again))


def test_sign_that_xml_cannot_write_leaves_the_file_readable(desk):
    path = staged(desk, file(row("A\x02d\ufffea\uffff & <b>", "12345678901")))

    sheet = openpyxl.load_workbook(io.BytesIO(desk.client.post(f"{path}refused/").content)).active

    assert sheet["A2"].value == "Ada & <b>"


def test_rows_are_shown_by_what_will_happen(desk):
    path = staged(desk, file(row("Ada", "12345678901"), row("Bo", NUMBERS[1])))

    only = text(desk.client.get(path, {"only": "refused"}))

    assert "Ada Oppdikta" in only
    assert "Bo Oppdikta" not in only


def test_thrown_away_file_is_gone(desk, house):
    path = staged(desk, file(row("Ada", NUMBERS[0])))

    assert "Fila er kasta." in text(desk.client.post(path, {"action": "discard"}, follow=True))

    assert desk.client.get(path).status_code == 404
    assert cases(house) == 0


def test_register_that_changed_meanwhile_is_shown_anew_before_it_is_applied(desk):
    apply(desk, staged(desk, file(row("Ada", NUMBERS[0]))))
    case = re.search(r"/cases/([0-9a-f-]{36})/", desk.get("/cases/").content.decode())[1]
    path = staged(desk, file(row("Ada", NUMBERS[0], support="Dagleg oppfølging")))
    form = fields(desk.client.get(path), "fingerprint")
    desk.edit(case, support="2")

    answer = desk.client.post(path, {**form, "action": "apply"}, follow=True)

    assert "Registeret er endra sidan du såg på det." in text(answer)
    assert "Bistandsnivå Praktisk bistand" in desk.case(case)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Fila er tom."),
        (b"%PDF-1.7", "Fila er ikkje noko register."),
        (
            HEADER.replace(";Adressesperre", "").encode(),
            "Adressesperre eller Motsegn manglar",
        ),
    ],
)
def test_file_that_is_no_register_is_refused_with_what_to_do(desk, house, content, told):
    answer = upload(desk, content)

    assert answer.status_code == 422
    assert told in text(answer)
    with scope(house.pk, by="looker", purpose=Purpose.SAK):
        assert ImportRun.objects.count() == 0


def test_refused_rows_that_no_envelope_holds_refuse_the_file(desk, house, monkeypatch):
    monkeypatch.setattr(Compartment.STAGING, "sizes", (KIB, 4 * KIB))  # 32 MiB, made small
    answer = upload(desk, file(row("Ada", NUMBERS[0]), *(row("Bo" * 50, "12345678901") for _ in range(40))))

    assert (answer.status_code, "Fila er større enn noko register." in text(answer)) == (422, True)
    with scope(house.pk, by="looker", purpose=Purpose.SAK):
        assert ImportRun.objects.count() == 0


def test_no_file_is_asked_for_again(desk):
    answer = desk.client.post(f"{desk.base}/uploads/", {})

    assert answer.status_code == 422
    assert "Vel fila først." in text(answer)


def test_import_is_undone_with_its_consequences_told_first(desk, house):
    apply(desk, staged(desk, file(row("Ada", NUMBERS[0]), row("Bo", NUMBERS[1]))))
    case = re.search(r"/cases/([0-9a-f-]{36})/", desk.get("/cases/").content.decode())[1]
    desk.edit(case, support="4")
    undo = re.search(r'href="([^"]*/undo/)"', desk.get("/uploads/").content.decode())[1]
    told = text(desk.client.get(undo))
    assert "1 person som importen registrerte, blir teken ut for godt." in told
    assert "1 sak blir som ho er, fordi nokon har endra ho sidan." in told

    assert "Importen er angra." in text(desk.client.post(undo, follow=True))

    listed = text(desk.get("/cases/"))
    assert "Ada Oppdikta" in listed
    assert "Bo Oppdikta" not in listed
    assert "Angra" in text(desk.get("/uploads/"))


def test_upload_and_import_of_a_colleague_are_not_here_and_the_leader_sees_imports(desk, house):
    path = staged(desk, file(row("Ada", NUMBERS[0])))
    colleague = Desk(people.worker(house), house)
    for there in (path, f"{path}rows/0/"):
        assert colleague.client.get(there).status_code == 404
    assert colleague.client.post(f"{path}refused/").status_code == 404
    apply(desk, path)
    undo = re.search(r'href="([^"]*/undo/)"', desk.get("/uploads/").content.decode())[1]

    assert colleague.client.get(undo).status_code == 404
    assert colleague.client.post(undo).status_code == 404
    assert Desk(people.worker(house, Role.LOCAL_LEADER), house).client.get(undo).status_code == 200


def test_upload_of_another_municipality_is_not_here(desk, house, neighbour):
    people.adopt_heimel(neighbour)
    path = staged(desk, file(row("Ada", NUMBERS[0])))
    run = path.rstrip("/").rsplit("/", 1)[1]
    other = Desk(people.worker(neighbour), neighbour)

    for tail in ("", "rows/0/", "undo/"):
        assert other.get(f"/uploads/{run}/{tail}").status_code == 404
        assert other.client.post(f"{other.base}/uploads/{run}/{tail}", {"action": "discard"}).status_code == 404
    assert "Ny person: 1" in text(desk.client.get(path))


@pytest.mark.parametrize("role", [Role.USER_REPRESENTATIVE, Role.DATA_PROTECTION_OFFICER, Role.CHIEF_EXECUTIVE])
def test_whoever_sees_figures_only_uploads_nothing(house, role):
    desk = Desk(people.worker(house, role), house)

    assert desk.get("/uploads/").status_code == 403
    assert upload(desk, file(row("Ada", NUMBERS[0]))).status_code == 403
