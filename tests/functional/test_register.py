"""The first hour of a case worker in a real browser: with and without script, on a phone and at a desk, by keyboard."""

import random
import re
from datetime import date

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.data.register_files import number_for
from tests.functional.conftest import REGISTERS
from tests.functional.site import CODE, REGISTER, WIDTHS, WORKER, Site, press

pytestmark = pytest.mark.browser
_RANDOM = random.Random(80)


def new_number() -> str:
    """A synthetic number that nobody in the demo has."""
    return number_for(date(1990, 1, 1 + _RANDOM.randrange(28)), _RANDOM)


def fits(page: Page, width: int) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_case_worker_registers_maps_drafts_and_closes(site: Site, width: str, script: bool) -> None:
    page, pixels = site.window(width=WIDTHS[width], script=script), WIDTHS[width]
    name = f"Prøve{width}{script}"
    site.sign_in(page, WORKER)
    page.goto(f"{site.address}/municipality/{CODE}/cases/")
    press(page.get_by_role("link", name="Registrer ein person"))
    press(page.get_by_role("button", name="Registrer", exact=True))
    summary = page.locator("ds-error-summary")
    expect(summary).to_be_visible()
    assert fits(page, pixels)
    press(summary.get_by_role("link").first)
    assert page.evaluate("document.activeElement.id") == "id_given_name"
    page.get_by_label("Førenamn").fill(name)
    page.get_by_label("Etternamn").fill("Oppdikta")
    page.get_by_label("Fødselsnummer", exact=True).fill(new_number())
    page.get_by_label("Fødselsår", exact=False).first.fill("1990")
    page.get_by_label("Busituasjon").first.select_option(label="Ute / utan stad å sove")
    page.get_by_label("Flyktning").check()
    page.get_by_role("group", name="Økonomi").get_by_label("R – Raud").check()
    press(page.get_by_role("button", name="Registrer", exact=True))
    assert page.get_by_role("heading", level=1).inner_text() == f"{name} Oppdikta"
    assert page.locator(".level-R").inner_text() == "R – Raud"
    assert fits(page, pixels)

    press(page.get_by_role("link", name="Endre opplysningar og kartlegging"))
    page.get_by_label("Bistandsnivå").select_option(label="Dagleg oppfølging")
    press(page.get_by_role("button", name="Ta vare på som utkast"))
    press(page.get_by_role("link", name="Hald fram med det"))
    expect(page.get_by_label("Bistandsnivå")).to_have_value("4")
    press(page.get_by_role("button", name="Lagre", exact=True))
    assert "Bistandsnivå: ikkje spurt → Dagleg oppfølging" in page.locator(".history > li").first.inner_text()

    press(page.get_by_role("link", name="Avslutt saka"))
    page.get_by_label("Kvifor").fill("Har fått bustad.")
    press(page.get_by_role("button", name="Avslutt saka"))
    expect(page.get_by_text("Avslutta: ute av arbeidslista")).to_be_visible()
    press(page.get_by_role("link", name="Tilbake til lista"))
    page.get_by_label("Namn eller fødselsnummer").fill(name)
    press(page.get_by_role("button", name="Søk"))
    expect(page.get_by_text("Inga sak passar til søket")).to_be_visible()
    page.get_by_label("Status").select_option(label="Avslutta")
    press(page.get_by_role("button", name="Søk"))
    expect(page.get_by_role("link", name=f"{name} Oppdikta")).to_be_visible()
    assert fits(page, pixels)


@pytest.mark.parametrize("script", [True, False])
def test_case_worker_uploads_mends_applies_and_undoes(site: Site, script: bool) -> None:
    page = site.window(width=320, script=script)
    first, mended = new_number(), new_number()
    content = REGISTER["buffer"].replace(b"01818512321", first.encode())
    site.sign_in(page, WORKER)
    page.goto(f"{site.address}/municipality/{CODE}/uploads/")
    page.set_input_files("input[type=file]", files=[{**REGISTER, "buffer": content}])
    press(page.get_by_role("button", name="Les fila"))
    expect(page.get_by_text("Ingenting er endra enno.")).to_be_visible()
    press(page.get_by_role("link", name="Rett"))
    page.get_by_label("Fødselsnummer", exact=True).fill(mended)
    press(page.get_by_role("button", name="Les rada på nytt"))
    press(page.get_by_role("button", name="Gjer dette"))
    expect(page.get_by_text("2 nye personar. 0 saker endra.")).to_be_visible()
    assert fits(page, 320)

    press(page.get_by_role("link", name="Angre").first)
    expect(page.get_by_text("2 personar som importen registrerte, blir tekne ut for godt.")).to_be_visible()
    press(page.get_by_role("button", name="Angre importen"))
    expect(page.get_by_text("Importen er angra.")).to_be_visible()


@pytest.mark.parametrize(("width", "script"), [("phone", False), ("desk", True)])
def test_register_of_another_system_is_named_once_and_read_at_once_the_next_time(
    site: Site, width: str, script: bool
) -> None:
    page, pixels = site.window(width=WIDTHS[width], script=script), WIDTHS[width]
    lines = (REGISTERS / "4028-kviteseid.csv").read_bytes().decode("utf-8-sig").splitlines()
    at = next(number for number, line in enumerate(lines) if "Fødselsnr" in line)
    protected, objected = f"Skjerma {width}", f"Har sagt nei {width}"
    lines[at] = lines[at].replace("Fødselsnr", f"Klient {width}").replace("Bosituasjon", f"No {width}")
    lines[at] = lines[at].replace("Adressesperre", protected).replace("Innsigelse", objected)
    register: FilePayload = {
        "name": "Utskrift frå fagsystemet.csv",
        "mimeType": "text/csv",
        "buffer": "\r\n".join(lines).encode("cp1252"),
    }
    site.sign_in(page, WORKER)
    uploads = f"{site.address}/municipality/{CODE}/uploads/"
    page.goto(uploads)
    page.set_input_files("input[type=file]", files=[register])
    press(page.get_by_role("button", name="Les fila"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kva er kva")
    missing = page.locator(".ds-alert").filter(has_text="Inga overskrift i ho er kjend som:")
    expect(missing).to_contain_text("Fødselsnummer")
    assert fits(page, pixels)

    press(page.get_by_role("button", name="Les fila slik"))
    press(page.locator("ds-error-summary").get_by_role("link").first)
    assert page.evaluate("document.activeElement.id") == "id_column_address_protected"
    for field, heading in (("Adressesperre", protected), ("Har motsett seg å bli talt", objected)):
        page.get_by_label(field).select_option(label=f"{heading} (1 ord)")
    press(page.get_by_role("button", name="Les fila slik"))
    expect(page.get_by_text("Kolonnane er hugsa.")).to_be_visible()
    expect(page.get_by_text("Ingenting er endra enno.")).to_be_visible()
    assert fits(page, pixels)

    page.goto(uploads)
    page.set_input_files("input[type=file]", files=[register])
    press(page.get_by_role("button", name="Les fila"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kva fila vil gjere")
    press(page.get_by_role("link", name="Endre kva kolonne som er kva"))
    expect(page.get_by_label("Adressesperre")).to_have_value(re.compile(r"\d+"))
    press(page.get_by_role("button", name="Kast fila"))
    expect(page.get_by_text("Fila er kasta. Ingenting vart endra.")).to_be_visible()


def test_keyboard_alone_from_the_list_to_a_registered_person(site: Site) -> None:
    page = site.window()
    site.sign_in(page, WORKER)
    page.goto(f"{site.address}/municipality/{CODE}/cases/new/")
    page.get_by_label("Førenamn").focus()
    page.keyboard.type("Tastatur")
    page.keyboard.press("Tab")
    page.keyboard.type("Oppdikta")
    page.keyboard.press("Tab")
    page.keyboard.type(new_number())
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "save":
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert page.get_by_role("heading", level=1).inner_text() == "Tastatur Oppdikta"
