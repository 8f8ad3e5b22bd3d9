"""A local leader gives a case, takes it back, and hands on what nobody has: in a real browser, each once with and once
without script, on a phone and at a desk, and by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.functional.keyboard import enter, tab_to, tick
from tests.functional.site import LEADER, WIDTHS, Site, press
from tests.functional.test_every_page import faults

pytestmark = pytest.mark.browser
# Without script axe cannot look: the widths are asked by the other run.
RUNS = [(True, "desk"), (False, "phone"), (True, "phone"), (False, "desk")]
OWN, WORKER = "Lokal leiar Seljord (demo)", "Sakshandsamar Seljord (demo)"


def check(page: Page, script: bool, width: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    if script:
        assert faults(page) == []


@pytest.mark.parametrize(("script", "width"), RUNS)
def test_leader_gives_takes_back_and_hands_on(site: Site, script: bool, width: str) -> None:
    page = site.window(width=WIDTHS[width], script=script)
    site.sign_in(page, LEADER)
    press(page.get_by_role("link", name="Kven har sakene").first)
    press(page.get_by_role("link", name=WORKER, exact=True))
    reference = page.locator("tbody code").last.inner_text()

    # A form without a receiver does nothing and says what is lacking.
    press(page.get_by_role("button", name="Gje vidare"))
    expect(page.locator("ds-error-summary")).to_contain_text("Til kven")
    check(page, script, width)

    # One case, found by its reference: given to oneself, opened, taken back.
    press(page.locator(".back a"))
    page.get_by_label("Saksreferanse").fill(reference)
    press(page.get_by_role("button", name="Finn"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Kven har sak {reference}")
    press(page.get_by_role("button", name=f"Gje tilgang {OWN}"))
    expect(page.get_by_text(f"{OWN} har saka.")).to_be_visible()
    check(page, script, width)
    press(page.get_by_role("link", name="Opne saka"))
    expect(page.get_by_text("At du opna denne saka, står i loggen.")).to_be_visible()
    press(page.get_by_role("link", name="Kven har denne saka"))
    press(page.get_by_role("button", name=f"Ta tilbake {OWN}"))
    expect(page.get_by_text(f"{OWN} har ikkje saka lenger.")).to_be_visible()

    # What a colleague left behind.
    press(page.locator(".back a"))
    press(page.get_by_role("link", name="Sjå på dei og gje dei vidare"))
    reference = page.locator("tbody code").first.inner_text()
    page.get_by_label(f"Kryss av sak {reference}").check()
    page.get_by_label("Dei som er kryssa av i lista").check()
    page.get_by_label("Til kven").select_option(label=f"{WORKER} – sakshandsamar")
    press(page.get_by_role("button", name="Gje vidare"))
    expect(page.get_by_text(f"{WORKER} har fått 1 sak til.")).to_be_visible()
    check(page, script, width)


def test_list_that_another_has_changed_is_shown_anew(site: Site) -> None:
    first, second = site.window(), site.window()
    for page in (first, second):
        site.sign_in(page, LEADER)
        page.goto(f"{site.address}/municipality/4022/access/nobody/")
    reference = second.locator("tbody code").last.inner_text()
    second.get_by_label(f"Kryss av sak {reference}").check()
    second.get_by_label("Dei som er kryssa av i lista").check()
    for page in (second, first):
        page.get_by_label("Til kven").select_option(label=f"{WORKER} – sakshandsamar")
        press(page.get_by_role("button", name="Gje vidare"))

    expect(first.get_by_role("alert")).to_contain_text("Lista er endra sidan du opna ho")
    expect(first.get_by_text(reference)).to_have_count(0)


def test_by_the_keyboard_alone(site: Site) -> None:
    page = site.window()
    site.sign_in(page, LEADER)
    enter(page.get_by_role("navigation", name="Hovudmeny").get_by_role("link", name="Kven har sakene"))
    enter(page.get_by_role("link", name=WORKER, exact=True))
    reference = page.locator("tbody code").first.inner_text()
    tick(page.get_by_label(f"Kryss av sak {reference}"))
    tab_to(page.get_by_label(re.compile("^Alle .* sakene$")))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Dei som er kryssa av i lista")).to_be_checked()
    tab_to(page.get_by_label("Til kven"))
    page.keyboard.type(OWN)
    tick(page.get_by_label("Begge har sakene frå no av"))
    enter(page.get_by_role("button", name="Gje vidare"))

    expect(page.get_by_text(f"{OWN} har fått 1 sak til.")).to_be_visible()
