"""A local leader invites, a new person comes to the first case; an officer controls: in a real browser, each once
with and once without JavaScript, on a phone and at a desk, and by the keyboard alone."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.functional.keyboard import enter, tab_to, tick, type_in
from tests.functional.site import CODE, LEADER, OFFICER, WIDTHS, WORKER, Site, press
from tests.functional.test_every_page import faults
from tests.second_factors import code_of

pytestmark = pytest.mark.browser
PASSWORD = "fire ord på rad som held"
# Without JavaScript axe cannot look: the widths are asked by the other run.
RUNS = [(True, "desk"), (False, "phone"), (True, "phone")]


def invite(site: Site, page: Page) -> tuple[str, str]:
    """The leader invites a case worker: (e-mail, the link that counts once)."""
    email = f"ny-{uuid.uuid4().hex[:8]}@example.invalid"
    site.sign_in(page, LEADER)
    press(page.get_by_role("link", name="Folka våre").first)
    press(page.get_by_role("link", name="Inviter nokon"))
    page.get_by_label("Namn").fill("Nyda Nyperson")
    page.get_by_label("E-post på jobb").fill(email)
    page.get_by_label("Rolle").select_option("case_worker")
    page.get_by_label("Siste dag").fill((timezone.localdate() + timedelta(days=200)).isoformat())
    press(page.get_by_role("button", name="Inviter"))
    return email, page.locator(".link-once").inner_text()


def new_code(page: Page, secret: str) -> None:
    """Type the next code of the app: one after the other counts, within the window."""
    page.get_by_label("Kode frå appen").fill(code_of(secret, steps=1))
    press(page.get_by_role("button", name="Gå vidare"))


def check(page: Page, script: bool, width: str) -> None:
    if not script:
        return
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]


@pytest.mark.parametrize(("script", "width"), RUNS)
def test_invited_person_comes_to_the_case_list_through_every_gate(site: Site, script: bool, width: str) -> None:
    leader = site.window(width=WIDTHS[width], script=script)
    email, link = invite(site, leader)
    check(leader, script, width)
    page = site.window(width=WIDTHS[width], script=script)
    page.goto(link)
    assert "/invitation/" in page.url
    assert link.split("/")[-2] not in page.url
    check(page, script, width)
    page.get_by_label("Nytt passord").fill(PASSWORD)
    page.get_by_label("Det nye passordet ein gong til").fill(PASSWORD)
    press(page.get_by_role("button", name="Gå vidare til den andre faktoren"))

    page.goto(f"{site.address}/municipality/{CODE}/cases/")
    assert page.get_by_role("heading", level=1).inner_text() == "Set opp den andre faktoren din"
    expect(page.get_by_role("img", name="QR-kode")).to_be_visible()
    check(page, script, width)
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Skriv dei seks sifra").fill(code_of(secret))
    press(page.get_by_role("button", name="Bruk denne appen"))

    assert page.locator(".codes li").count() == 10
    check(page, script, width)
    page.get_by_label("Eg har teke vare på dei").check()
    press(page.get_by_role("button", name="Gå vidare"))

    press(page.get_by_role("link", name="Sakene våre").first)
    assert page.get_by_role("heading", level=1).inner_text() == "Teieplikterklæring"
    page.get_by_label("Eg har lese dette").check()
    press(page.get_by_role("button", name=re.compile("Signer som")))
    assert page.url.endswith(f"/municipality/{CODE}/cases/")

    press(page.get_by_role("button", name="Logg ut"))
    page.get_by_label("E-post").fill(email)
    page.get_by_label("Passord").fill(PASSWORD)
    press(page.get_by_role("button", name="Logg inn", exact=True))
    check(page, script, width)
    new_code(page, secret)
    expect(page.get_by_role("link", name="Nyda Nyperson")).to_be_visible()

    leader.goto(f"{site.address}/municipality/{CODE}/people/")
    row = leader.get_by_role("row", name=re.compile(email))
    assert "ja" in row.inner_text()
    press(row.get_by_role("link"))
    leader.get_by_label("Eg er sikker").check()
    press(leader.get_by_role("button", name="Avslutt"))
    page.goto(f"{site.address}/municipality/{CODE}/cases/")
    assert page.get_by_role("heading", level=1).inner_text() == "Her er det ingenting"


def test_invited_person_comes_to_the_case_list_by_the_keyboard_alone(site: Site) -> None:
    _, link = invite(site, site.window())
    page = site.window()
    page.goto(link)
    type_in(page.get_by_label("Nytt passord"), PASSWORD)
    type_in(page.get_by_label("Det nye passordet ein gong til"), PASSWORD)
    enter(page.get_by_role("button", name="Gå vidare til den andre faktoren"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Set opp den andre faktoren din")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    type_in(page.get_by_label("Skriv dei seks sifra"), code_of(secret))
    with page.expect_navigation():
        page.keyboard.press("Enter")  # in the field: one need not go on to the button

    expect(page.locator(".codes li")).to_have_count(10)
    tick(page.get_by_label("Eg har teke vare på dei"))
    enter(page.get_by_role("button", name="Gå vidare"))
    enter(page.get_by_role("link", name="Sakene våre").first)

    expect(page.get_by_role("heading", level=1)).to_have_text("Teieplikterklæring")
    tick(page.get_by_label("Eg har lese dette"))
    enter(page.get_by_role("button", name=re.compile("Signer som")))
    expect(page).to_have_url(f"{site.address}/municipality/{CODE}/cases/")


@pytest.mark.parametrize(("script", "width"), RUNS[:2])
def test_officer_finds_who_has_looked_and_no_case(site: Site, script: bool, width: str) -> None:
    worker = site.window()
    site.sign_in(worker, WORKER)
    worker.goto(f"{site.address}/cases/")
    name = worker.locator("tbody a").first.inner_text()
    reference = str(worker.locator("tbody a").first.get_attribute("href")).split("/")[-2][:8]
    press(worker.locator("tbody a").first)
    worker.goto(f"{site.address}/municipality/{CODE}/cases/{uuid.uuid4()}/")  # refused
    page = site.window(width=WIDTHS[width], script=script)
    site.sign_in(page, OFFICER)

    press(page.get_by_role("link", name="Kven har sett").first)
    expect(page.get_by_text("utan tildeling").first).to_be_visible()
    expect(page.locator("#log ~ thead, tbody").get_by_text("vart avvist").first).to_be_visible()
    page.get_by_label("Saksreferanse").fill(reference)
    press(page.get_by_role("button", name="Vis", exact=True))
    text = page.locator("main").inner_text()
    assert "opna ei sak" in text
    assert "Sakshandsamar Seljord" in text
    assert name not in text

    press(page.get_by_role("link", name="Heimlar og avtalar").first)
    expect(page.get_by_text("Databehandlaravtale").first).to_be_visible()
    page.goto(f"{site.address}/municipality/{CODE}/cases/")
    assert name not in page.locator("body").inner_text()


def test_officer_asks_by_the_keyboard_alone(site: Site) -> None:
    page = site.window()
    site.sign_in(page, OFFICER)
    page.goto(f"{site.address}/municipality/{CODE}/log/")
    tab_to(page.locator("#id_case"))
    page.keyboard.type("0123abcd")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.get_by_text("Ingenting i loggen")).to_be_visible()


def test_security_key_is_made_and_lets_in(site: Site) -> None:
    """A key of Chromium's own: the pages, allauth's script under the strict policy, the check of the answer."""
    leader = site.window()
    email, link = invite(site, leader)
    page = site.window()
    here = site.address.replace("127.0.0.1", "localhost")
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    page.goto(f"{here}/language/nn/")
    page.goto(link.replace(site.address, here))
    page.get_by_label("Nytt passord").fill(PASSWORD)
    page.get_by_label("Det nye passordet ein gong til").fill(PASSWORD)
    press(page.get_by_role("button", name="Gå vidare til den andre faktoren"))
    press(page.get_by_role("link", name="Bruk heller ein tryggleiksnøkkel"))
    press(page.get_by_role("button", name="Ta på nøkkelen no"))  # without a name: the form says so
    assert page.url.endswith("/account/key/")
    page.get_by_label("Kva du kallar nøkkelen").fill("Kontoret")
    with page.expect_navigation():
        press(page.get_by_role("button", name="Ta på nøkkelen no"))

    assert page.locator(".codes li").count() == 10
    press(page.get_by_role("button", name="Logg ut"))
    page.get_by_label("E-post").fill(email)
    page.get_by_label("Passord").fill(PASSWORD)
    press(page.get_by_role("button", name="Logg inn", exact=True))
    with page.expect_navigation():
        press(page.get_by_role("button", name="Bruk nøkkelen"))
    page.goto(f"{here}/account/")

    expect(page.get_by_text("Tryggleiksnøkkel: Kontoret")).to_be_visible()
