"""A regional plan from the first word to the answers: at a desk and on a phone, with and without script, by keys."""

import pytest
from playwright.sync_api import Page, expect

from tests.functional.site import CHIEF_EXECUTIVE, PROJECT_LEADER, Site, press
from tests.functional.test_every_page import CONTRAST, faults

CHIEF = "direktor@{}.demo.invalid"


def write_plan(page: Page, title: str) -> None:
    """The project leader writes a plan with a chapter and a measure that rests on a released number."""
    press(page.get_by_role("link", name="Skriv plan").first)
    page.get_by_label("Tittel").fill(title)
    # Other tests may have made regions of their own in this installation.
    page.locator("#region").select_option("vest-telemark")
    press(page.get_by_role("button", name="Start"))
    page.get_by_label("Kva ber de rådmannsutvalet om?").fill("Ta stilling til tiltaka.\n\n- eitt\n- to")
    press(page.get_by_role("button", name="Lagre"))
    press(page.get_by_role("link", name="Nytt kapittel"))
    page.get_by_label("Overskrift").fill("Bakgrunn")
    page.get_by_label("Tekst").fill("Sju kommunar ser behovet saman.")
    press(page.get_by_role("button", name="Lagre"))
    press(page.get_by_role("link", name="Nytt tiltak"))
    page.get_by_label("Tiltak", exact=True).fill("Felles bustadrådgjevar")
    page.get_by_label("Kven som er ansvarleg").fill("Prosjektleiar")
    page.get_by_label("Frist").fill("2027-06-30")
    press(page.get_by_role("button", name="Lagre"))
    press(page.get_by_role("link", name="Felles bustadrådgjevar"))
    press(page.get_by_role("link", name="Vel eit tal"))
    page.get_by_label("Tabell").select_option("support")
    press(page.get_by_role("button", name="Vis tala"))
    page.get_by_role("radio").first.check()
    press(page.get_by_role("button", name="Vel", exact=True))
    press(page.get_by_role("link", name=title))


@pytest.mark.parametrize(("width", "script"), [(1280, True), (320, False)])
def test_plan_is_written_sent_and_answered(site: Site, width: int, script: bool) -> None:
    title = f"Bustadplan {width}"
    page = site.window(width=width, script=script)
    site.sign_in(page, PROJECT_LEADER)
    write_plan(page, title)
    press(page.get_by_role("button", name="Send", exact=True))
    assert page.get_by_role("heading", level=1).inner_text() == title
    expect(page.get_by_text("Send. Denne versjonen er frosen")).to_be_visible()

    chief = site.window(width=320, script=script)
    site.sign_in(chief, CHIEF.format("tokke"))
    press(chief.get_by_role("link", name="Planar").first)
    press(chief.get_by_role("link", name=title))
    for heading in ("Kva de blir bedt om", "Tala som tel", "Kva som er endra", "Kven har levert", "Svar"):
        expect(chief.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    if script:
        assert chief.evaluate("document.documentElement.scrollWidth") == 320
        assert faults(chief) == []
    chief.get_by_label("sender tilbake").check()
    press(chief.get_by_role("button", name="Svar", exact=True))
    expect(chief.get_by_text("Noko må rettast")).to_be_visible()
    chief.get_by_label("sender tilbake").check()
    chief.locator("[name=answer-remark]").fill("Kva kostar det?")
    press(chief.get_by_role("button", name="Svar", exact=True))
    expect(chief.get_by_text("Svaret frå kommunen din er gjeve.")).to_be_visible()
    assert chief.get_by_role("button", name="Svar", exact=True).count() == 0
    expect(chief.get_by_text("Kva kostar det?")).to_be_visible()

    page.reload()
    expect(page.get_by_text("0 støttar, 1 sender tilbake, 6 har ikkje svart.")).to_be_visible()
    paper = page.request.get(f"{page.url}paper.pdf")
    assert (paper.status, paper.body()[:5]) == (200, b"%PDF-")


def test_demo_has_a_plan_that_was_sent_back_and_sent_anew(site: Site) -> None:
    page = site.window()
    site.sign_in(page, CHIEF_EXECUTIVE)
    press(page.get_by_role("link", name="Planar").first)
    press(page.get_by_role("link", name="Plan for bustadsosialt arbeid"))
    expect(page.get_by_text("1 støttar, 0 sender tilbake, 6 har ikkje svart.").first).to_be_visible()
    expect(page.get_by_text("Nytt tiltak: Buskule for unge")).to_be_visible()
    page.emulate_media(media="print")  # the measures are on the paper too, one under the other
    measures = page.locator("ol.planned > li")
    expect(measures).to_have_count(3)
    assert len({measure.bounding_box()["x"] for measure in measures.all()}) == 1  # type: ignore[index]
    page.emulate_media(media="screen")
    press(page.get_by_role("link", name="Versjon 1", exact=True))
    expect(page.get_by_text("Det finst ein nyare versjon")).to_be_visible()
    expect(page.get_by_text("Kven dekkjer det i åra etter prosjektet?")).to_be_visible()


def test_chief_executive_answers_by_keyboard_alone(site: Site) -> None:
    page = site.window()
    site.sign_in(page, PROJECT_LEADER)
    write_plan(page, "Plan for tastatur")
    press(page.get_by_role("button", name="Send", exact=True))
    chief = site.window()
    site.sign_in(chief, CHIEF.format("vinje"))
    chief.goto(page.url)
    for _ in range(120):
        chief.keyboard.press("Tab")
        if chief.evaluate("document.activeElement.type") == "radio":
            break
    chief.keyboard.press("Space")
    chief.keyboard.press("Tab")
    chief.keyboard.type("Godt")
    chief.keyboard.press("Tab")
    with chief.expect_navigation():
        chief.keyboard.press("Enter")
    expect(chief.get_by_text("Svaret frå kommunen din er gjeve.")).to_be_visible()
    expect(chief.get_by_text("1 støttar, 0 sender tilbake, 6 har ikkje svart.").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_plan_passes_axe_and_fits_a_phone(site: Site, scheme: str) -> None:
    page = site.window(width=320, scheme=scheme)
    site.sign_in(page, PROJECT_LEADER)
    write_plan(page, f"Plan {scheme}")
    found, wide = {}, {}

    def look(name: str) -> None:
        found[name] = faults(page, CONTRAST) if scheme == "dark" else faults(page)
        wide[name] = page.evaluate("document.documentElement.scrollWidth")

    draft = page.url
    look("draft")
    press(page.get_by_role("link", name="Bakgrunn"))
    look("chapter")
    page.goto(draft)
    press(page.get_by_role("link", name="Felles bustadrådgjevar"))
    look("measure")
    press(page.get_by_role("link", name="Vel eit tal"))
    press(page.get_by_role("button", name="Vis tala"))
    look("number")
    page.goto(draft)
    press(page.get_by_role("button", name="Send", exact=True))
    look("plan")
    assert {name: told for name, told in found.items() if told} == {}
    assert {name: pixels for name, pixels in wide.items() if pixels > 320} == {}
