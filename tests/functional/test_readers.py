"""Who reads released numbers and never a case, by the keyboard alone: user representatives, intermunicipal members.

Someone with two roles chooses one, and only that one's rights are on.
"""

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.functional.keyboard import (
    PHONE_WITH_SCRIPT,
    PHONE_WITHOUT_SCRIPT,
    choose,
    enter,
    enter_as,
    fits,
    tab_to,
    type_in,
)
from tests.functional.site import CHIEF_EXECUTIVE, CODE, WORKER, Site, press
from tests.functional.test_every_page import faults

pytestmark = pytest.mark.browser
USER_REPRESENTATIVE = "brukar@seljord.demo.invalid"
TWO_HATS = "begge@seljord.demo.invalid"
MEMBER_HAT = "Interkommunal prosjektgruppe"
WORKER_HAT = "Sakshandsamar"


def menu(page: Page) -> list[str]:
    """Where one can go from here, in the order of the menu."""
    return page.get_by_role("navigation", name="Hovudmeny").get_by_role("link").all_inner_texts()


def a_case(site: Site) -> tuple[str, str]:
    """A case of the municipality as its case worker finds it: (address, name)."""
    page = site.window()
    site.sign_in(page, WORKER)
    page.goto(f"{site.address}/cases/")
    link = page.locator("tbody a").first
    return f"{site.address}{link.get_attribute('href')}", link.inner_text()


def ask(page: Page, address: str) -> tuple[int, str]:
    """Type an address: what is answered, and everything that it says."""
    answer = page.goto(address)
    assert answer is not None
    return answer.status, answer.text()


@pytest.mark.parametrize(("width", "script"), PHONE_WITH_SCRIPT)
def test_user_representative_reads_figures_and_never_a_case(site: Site, width: int, script: bool) -> None:
    case, name = a_case(site)
    page = site.window(width=width, script=script)
    enter_as(page, site, USER_REPRESENTATIVE)
    assert menu(page) == ["Regionen", "Planar"]
    assert fits(page, width)

    enter(page.get_by_role("link", name="Regionen").last)
    enter(page.get_by_role("link", name="Vest-Telemark"))
    expect(page.get_by_text("7 av 7 kommunar har levert.")).to_be_visible()
    assert fits(page, width)
    enter(page.get_by_role("link", name="Busituasjon").last)
    expect(page.get_by_role("heading", level=1)).to_have_text("Busituasjon")
    expect(page.get_by_text("«Skjult» tyder skjult av personvernomsyn").first).to_be_visible()
    tab_to(page.locator(".scroll").first)  # a table wider than the phone moves under the arrows
    assert fits(page, width)
    enter(page.get_by_role("link", name="Kva orda tyder").last)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kva orda tyder")

    enter(page.get_by_role("link", name="Planar").first)
    enter(page.get_by_role("link", name="Plan for bustadsosialt arbeid"))
    expect(page.get_by_role("heading", name="Merknader")).to_be_visible()
    assert page.get_by_role("button", name="Svar", exact=True).count() == 0
    assert page.get_by_role("button", name="Legg til ein merknad").count() == 0
    assert fits(page, width)

    own = f"{site.address}/municipality/{CODE}"
    closed = {
        case: 403,
        f"{case}edit/": 403,
        f"{own}/cases/": 403,
        f"{own}/cases/{uuid.uuid4()}/": 403,  # one that is there and one that is not are answered alike
        f"{own}/uploads/": 403,
        f"{own}/counts/": 403,
        f"{own}/delivery/": 403,
        f"{own}/log/": 403,
        f"{own}/people/": 403,
        f"{site.address}/drafts/": 403,
        f"{site.address}/operations/": 403,
        case.replace(CODE, "4028"): 404,
        f"{site.address}/municipality/4028/cases/": 404,
    }
    answers = {address: ask(page, address) for address in closed}
    assert {address: status for address, (status, _) in answers.items()} == closed
    assert [address for address, (_, text) in answers.items() if name in text] == []
    page.goto(case)
    enter(page.get_by_role("link", name="Til framsida"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Brukarrepresentant Seljord")


@pytest.mark.parametrize(("width", "script"), PHONE_WITHOUT_SCRIPT)
def test_intermunicipal_member_reads_the_need_and_writes_on_the_plan(site: Site, width: int, script: bool) -> None:
    page = site.window(width=width, script=script)
    enter_as(page, site, TWO_HATS)
    put_on(page, MEMBER_HAT)
    enter(page.get_by_role("link", name="Regionen").last)
    enter(page.get_by_role("link", name="Vest-Telemark"))
    enter(page.get_by_role("link", name="Kven har levert"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kven har levert")
    table = page.get_by_role("table").last  # the release that is shown; above it, the period that is open
    expect(table.locator("tbody tr")).to_have_count(7)
    expect(table.get_by_text("✓ – levert")).to_have_count(7)
    assert fits(page, width)

    enter(page.get_by_role("link", name="Bistandsnivå"))
    expect(page.get_by_role("table").first).to_contain_text("skjult av personvernomsyn")
    expect(page.get_by_text("talet kunne, åleine eller saman med andre, ha avslørt noko").first).to_be_visible()
    tab_to(page.get_by_role("link", name="CSV").first)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "protected" in Path(download.value.path()).read_text(encoding="utf-8-sig")  # hidden here, hidden there
    enter(page.get_by_role("link", name="per 1 000 innbyggjarar"))
    expect(page.get_by_role("table").first.locator("caption")).to_contain_text("per 1 000 innbyggjarar, 2026")
    expect(page.get_by_text("Innbyggjarar: 1. januar 2009").first).to_be_visible()
    expect(page.get_by_text("Definisjon: kodeliste BISTAND").first).to_be_visible()
    assert fits(page, width)

    enter(page.get_by_role("link", name="Målgrupper").first)
    expect(page.get_by_text("Ein person kan vere i fleire grupper").first).to_be_visible()
    assert fits(page, width)
    enter(page.get_by_role("link", name="Alder").first)
    enter(page.get_by_role("link", name="prosent av alle"))
    expect(page.get_by_role("table").first.locator("caption")).to_contain_text("prosent av alle som er talde, 2026")
    assert fits(page, width)

    enter(page.get_by_role("link", name="Skriv plan").first)
    type_in(page.get_by_label("Tittel"), f"Frå gruppa {width}")
    choose(page.get_by_label("Region", exact=True), "Vest-Telemark")
    enter(page.get_by_role("button", name="Start"))
    enter(page.get_by_role("link", name="Nytt kapittel"))
    type_in(page.get_by_label("Overskrift"), "Alder")
    type_in(page.get_by_label("Tekst"), "Dei fleste er unge.")
    enter(page.get_by_role("button", name="Lagre"))
    expect(page.get_by_role("link", name="Alder")).to_be_visible()
    expect(page.get_by_text("Prosjektleiaren sender det.")).to_be_visible()
    assert page.get_by_role("button", name="Send", exact=True).count() == 0
    assert fits(page, width)

    enter(page.get_by_role("link", name="Planar", exact=True).first)
    enter(page.get_by_role("link", name="Plan for bustadsosialt arbeid"))
    type_in(page.get_by_label("Merknad til planen"), f"Lese i gruppa ({width}).")
    enter(page.get_by_role("button", name="Legg til ein merknad"))
    expect(page.get_by_text(f"Lese i gruppa ({width}).")).to_be_visible()
    assert page.get_by_role("button", name="Svar", exact=True).count() == 0
    assert fits(page, width)


def put_on(page: Page, hat: str) -> None:
    """Choose a role by its name, on the page that asks for it."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Vel ei rolle")
    enter(page.get_by_role("button", name=hat))


@pytest.mark.parametrize(("width", "script"), PHONE_WITH_SCRIPT)
def test_with_two_roles_only_the_rights_of_the_chosen_one_are_on(site: Site, width: int, script: bool) -> None:
    case, name = a_case(site)
    page = site.window(width=width, script=script)
    enter_as(page, site, TWO_HATS)
    assert menu(page) == []  # nothing is on before one has chosen
    page.goto(f"{site.address}/region/")  # asked first; then one goes on to where one was going
    if script:
        assert faults(page) == []
    assert fits(page, width)

    put_on(page, MEMBER_HAT)
    expect(page.get_by_role("heading", level=1)).to_have_text("Regionar")  # where one was going
    assert menu(page) == ["Regionen", "Planar", "Skriv plan"]
    own = f"{site.address}/municipality/{CODE}"
    for address in (case, f"{own}/cases/", f"{own}/declaration/", f"{own}/uploads/"):
        status, text = ask(page, address)
        assert (status, name in text) == (404, False), address
    page.goto(f"{site.address}/")

    enter(page.get_by_role("link", name="Byt rolle"))
    expect(page.locator("li", has_text=MEMBER_HAT).get_by_text("på no")).to_be_visible()
    assert fits(page, width)
    put_on(page, WORKER_HAT)
    assert "Skriv plan" not in menu(page)
    assert "Sakene våre" in menu(page)
    assert ask(page, f"{site.address}/drafts/")[0] == 403
    page.goto(f"{site.address}/")
    enter(page.get_by_role("link", name="Sakene våre").last)
    expect(page.get_by_role("heading", level=1)).to_have_text("Teieplikterklæring")  # not signed: no case yet
    assert fits(page, width)


def test_one_with_a_single_role_cannot_put_on_anothers(site: Site) -> None:
    theirs, mine = site.window(), site.window()
    site.sign_in(theirs, TWO_HATS)
    membership = theirs.locator("input[name=membership]").first.input_value()
    site.sign_in(mine, CHIEF_EXECUTIVE)
    assert mine.get_by_role("link", name="Byt rolle").count() == 0
    mine.goto(f"{site.address}/role/")
    expect(mine.get_by_text("på no")).to_have_count(1)
    mine.locator("input[name=membership]").evaluate("(field, value) => { field.value = value }", membership)
    press(mine.locator("main").get_by_role("button"))

    expect(mine.get_by_role("heading", level=1)).to_have_text("Her er det ingenting")
