"""A local leader hands a colleague's cases on, in a real browser: with and without script, on a phone and at a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.functional.keyboard import enter, tab_to
from tests.functional.site import CODE, LEADER, WIDTHS, Site, press
from tests.functional.test_every_page import faults

pytestmark = pytest.mark.browser
LEFT = "Tidlegare sakshandsamar Seljord (demo)"
RUNS = [(True, "desk"), (False, "phone"), (True, "phone"), (False, "desk")]


def check(page: Page, script: bool, width: str) -> None:
    """Nothing wider than the window; where axe can look, nothing serious."""
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    if script:
        assert faults(page) == []


@pytest.mark.parametrize(("script", "width"), RUNS)
def test_leader_gives_a_case_and_takes_it_back(site: Site, script: bool, width: str) -> None:
    page = site.window(width=WIDTHS[width], script=script)
    site.sign_in(page, LEADER)
    press(page.get_by_role("link", name="Kven har sakene").first)
    check(page, script, width)
    press(page.get_by_role("link", name="Sakshandsamar Seljord (demo)", exact=True))
    reference = page.locator("tbody code").first.inner_text()
    check(page, script, width)

    # Without saying to whom nothing happens, and the page says what is lacking.
    press(page.get_by_role("button", name="Gje vidare"))
    expect(page.locator("ds-error-summary")).to_contain_text("Til kven")
    check(page, script, width)

    press(page.get_by_role("link", name="Kven har sakene").last)
    page.get_by_label("Saksreferanse").fill(reference)
    press(page.get_by_role("button", name="Finn"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Kven har sak {reference}")
    check(page, script, width)
    press(page.get_by_role("button", name="Gje tilgang: Leiar Seljord (demo)", exact=False))
    expect(page.get_by_text("Lokal leiar Seljord (demo) har saka.")).to_be_visible()
    press(page.get_by_role("link", name="Opne saka"))
    expect(page.get_by_text("Konfidensielt")).to_be_visible()
    press(page.get_by_role("link", name="Kven har denne saka"))
    press(page.get_by_role("button", name=re.compile("Ta tilbake.*Lokal leiar")))
    expect(page.get_by_text("har ikkje saka lenger")).to_be_visible()
