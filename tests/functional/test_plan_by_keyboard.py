"""A regional plan by the keyboard alone: the project leader writes and sends, chief executives remark and answer."""

import pytest
from playwright.sync_api import Page, expect

from tests.functional.keyboard import (
    PHONE_WITH_SCRIPT,
    choose,
    enter,
    enter_as,
    fits,
    tab_to,
    tick,
    type_in,
)
from tests.functional.site import PROJECT_LEADER, Site

pytestmark = pytest.mark.browser
CHIEF = "direktor@{}.demo.invalid"


def add_measure(page: Page, title: str, *, table: str) -> None:
    """From the draft: a measure, tied to the region's own total of a table, and back to the draft."""
    draft = page.get_by_role("heading", level=1).inner_text()
    enter(page.get_by_role("link", name="Nytt tiltak"))
    type_in(page.get_by_label("Tiltak", exact=True), title)
    type_in(page.get_by_label("Kva som skal gjerast, og kvifor"), "Eitt team for sju kommunar.")
    tab_to(page.get_by_role("radio", name="Interkommunalt"))
    type_in(page.get_by_label("Kven som er ansvarleg"), "Prosjektleiar")
    type_in(page.get_by_label("Frist"), "06302027")  # as the browser's own field for dates takes it, in English
    expect(page.get_by_label("Frist")).to_have_value("2027-06-30")
    enter(page.get_by_role("button", name="Lagre"))
    enter(page.get_by_role("link", name=title))
    enter(page.get_by_role("link", name="Vel eit tal"))
    choose(page.get_by_label("Tabell"), table)
    enter(page.get_by_role("button", name="Vis tala"))
    tick(page.get_by_role("radio").first)
    enter(page.get_by_role("button", name="Vel", exact=True))
    expect(page.get_by_text("Kjelde: program vt-2026")).to_be_visible()
    enter(page.get_by_role("link", name=draft))


def send(page: Page) -> str:
    """Send the draft that is open; the address of the frozen version."""
    enter(page.get_by_role("button", name="Send", exact=True))
    expect(page.get_by_text("Send. Denne versjonen er frosen")).to_be_visible()
    return page.url


@pytest.mark.parametrize(("width", "script"), PHONE_WITH_SCRIPT)
def test_plan_is_written_sent_commented_sent_back_and_sent_anew(site: Site, width: int, script: bool) -> None:
    title = f"Tasteplan {width}"
    page = site.window(width=width, script=script)
    enter_as(page, site, PROJECT_LEADER)
    enter(page.get_by_role("link", name="Skriv plan").last)
    type_in(page.get_by_label("Tittel"), title)
    choose(page.get_by_label("Region", exact=True), "Vest-Telemark")
    enter(page.get_by_role("button", name="Start"))
    type_in(page.get_by_label("Kva ber de rådmannsutvalet om?"), "Ta stilling til tiltaket.")
    enter(page.get_by_role("button", name="Lagre"))
    expect(page.get_by_text("Lagra.")).to_be_visible()
    enter(page.get_by_role("link", name="Nytt kapittel"))
    type_in(page.get_by_label("Overskrift"), "Bakgrunn")
    type_in(page.get_by_label("Tekst"), "Sju kommunar ser behovet saman.")
    enter(page.get_by_role("button", name="Lagre"))
    add_measure(page, "Felles buoppfølging", table="Bistandsnivå, etter kommune")
    assert fits(page, width)
    draft = page.url
    first = send(page)
    expect(page.get_by_text("0 støttar, 0 sender tilbake, 7 har ikkje svart.")).to_be_visible()
    assert fits(page, width)

    # The chief executive the other way round: each is at a desk and on a phone, with and without script.
    chief = site.window(width=1600 - width, script=not script)
    enter_as(chief, site, CHIEF.format("hjartdal"))
    assert "Skriv plan" not in chief.locator("header.top").inner_text()
    enter(chief.get_by_role("link", name="Planar").last)
    enter(chief.get_by_role("link", name=title))
    assert fits(chief, 1600 - width)
    type_in(chief.get_by_label("Merknad til planen"), "Kven leier teamet?")
    enter(chief.get_by_role("button", name="Legg til ein merknad"))
    expect(chief.get_by_text("Merknaden din er lagd til.")).to_be_visible()
    enter_at_place(chief, "Gå til svaret ditt")
    tab_to(chief.get_by_label("støttar"))
    chief.keyboard.press("ArrowDown")  # within the choice
    expect(chief.get_by_label("sender tilbake")).to_be_checked()
    enter(chief.get_by_role("button", name="Svar", exact=True))
    enter_summary(chief, "Merknad")  # sent back without a word why: told at the field, the choice kept
    expect(chief.get_by_label("sender tilbake")).to_be_checked()
    chief.keyboard.type("Legg ved kva det kostar.")
    enter(chief.get_by_role("button", name="Svar", exact=True))
    expect(chief.get_by_text("Svaret frå kommunen din er gjeve.")).to_be_visible()

    page.goto(first)
    expect(page.get_by_text("Kven leier teamet?")).to_be_visible()
    expect(page.get_by_text("Legg ved kva det kostar.")).to_be_visible()
    page.goto(draft)
    add_measure(page, "Buskule for unge", table="Alder, heile regionen")
    send(page)

    enter(chief.get_by_role("link", name="Planar", exact=True).first)
    enter(chief.get_by_role("link", name=title))
    expect(chief.get_by_text("Nytt tiltak: Buskule for unge")).to_be_visible()
    enter_at_place(chief, "Gå til svaret ditt")
    tick_first(chief)
    enter(chief.get_by_role("button", name="Svar", exact=True))
    expect(chief.get_by_text("1 støttar, 0 sender tilbake, 6 har ikkje svart.").first).to_be_visible()
    enter(chief.get_by_role("link", name="Versjon 1", exact=True))
    expect(chief.get_by_text("Legg ved kva det kostar.")).to_be_visible()  # the earlier answer stands
    assert fits(chief, 1600 - width)
    status = chief.goto(draft)
    assert status is not None
    assert status.status == 403  # never a draft


def enter_summary(page: Page, field: str) -> None:
    """Follow the summary of what has to be put right to a field, which then has the focus."""
    expect(page.locator("ds-error-summary")).to_be_visible()
    tab_to(page.locator("ds-error-summary").get_by_role("link", name=field))
    page.keyboard.press("Enter")
    assert page.evaluate("['INPUT', 'TEXTAREA'].includes(document.activeElement.tagName)")


def enter_at_place(page: Page, link: str) -> None:
    """Follow a link within the page."""
    tab_to(page.get_by_role("link", name=link))
    page.keyboard.press("Enter")


def tick_first(page: Page) -> None:
    """Tab goes into the choice: its first one is ticked with the space bar."""
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("støttar")).to_be_checked()
